//! What a webhook is told of a question: everything that a person needs to answer it.

use bytes::Bytes;
use toolgate_json::quote;
use toolgate_store::{Asking, Question};

use crate::clock;

/// One question, as it is sent: again and again, with the same id, until somebody takes it.
#[derive(Clone, Debug)]
pub(super) struct Message {
    /// Of the delivery.
    pub(super) id: String,
    pub(super) body: Bytes,
}

/// Longer arguments are left out: whoever answers looks at them where all of them are.
const ARGUMENTS_BYTES_MAX: usize = 32 << 10;

impl Message {
    pub(super) fn of(id: String, question: &Question, asking: &Asking) -> Self {
        Self { id, body: body(question, asking).into() }
    }
}

fn body(question: &Question, asking: &Asking) -> Vec<u8> {
    let (facts, caller) = (&asking.facts, &asking.facts.caller);
    let now_ms = clock::wall_ns() / 1_000_000;
    let mut json = Json::default();
    json.text("type", "approval.asked");
    json.text("id", &question.id);
    json.text("server", &caller.server);
    json.text("grant", &caller.grant);
    json.raw("principal", &principal(asking));
    json.maybe("client", facts.client.as_deref());
    json.text("method", &facts.method);
    json.maybe("tool", facts.tool.as_deref());
    json.maybe("words", asking.words.as_deref());
    let rule = asking.rules.first();
    json.maybe("rule", rule.map(|rule| rule.pointer.as_str()));
    json.raw("approvers", &names(&asking.approvers));
    json.text("decision_id", &question.decision_id);
    json.raw("expires_ms", (now_ms + question.left_ms).to_string().as_bytes());
    json.raw("arguments_bytes", asking.arguments.len().to_string().as_bytes());
    if !asking.arguments.is_empty() && asking.arguments.len() <= ARGUMENTS_BYTES_MAX {
        json.raw("arguments", asking.arguments.as_bytes());
    }
    json.finish()
}

fn principal(asking: &Asking) -> Vec<u8> {
    let principal = &asking.facts.caller.principal;
    let mut json = Json::default();
    json.text("issuer", &principal.issuer);
    json.text("subject", &principal.subject);
    json.finish()
}

fn names(names: &[String]) -> Vec<u8> {
    let mut out = b"[".to_vec();
    for (at, name) in names.iter().enumerate() {
        out.extend_from_slice(if at > 0 { b"," } else { b"" });
        quote(name, &mut out);
    }
    out.push(b']');
    out
}

/// One object, members in the order given.
#[derive(Default)]
struct Json(Vec<u8>);

impl Json {
    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        quote(value, &mut self.0);
    }

    fn maybe(&mut self, key: &str, value: Option<&str>) {
        if let Some(value) = value {
            self.text(key, value);
        }
    }

    fn raw(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.0.extend_from_slice(value);
    }

    fn key(&mut self, key: &str) {
        self.0.push(if self.0.is_empty() { b'{' } else { b',' });
        quote(key, &mut self.0);
        self.0.push(b':');
    }

    fn finish(mut self) -> Vec<u8> {
        self.0.push(b'}');
        self.0
    }
}

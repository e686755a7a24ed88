//! What a denied agent hears: why, whether to retry, and what to do. Of a tool in its result,
//! of all else in an error.

use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::quote;
use toolgate_policy::{Code, Reason, Subject};
use toolgate_protocol::{Era, answer};

use crate::outbox::Answer;
use crate::request::Request;

/// Why a call did not go upstream.
#[derive(Clone, Debug)]
pub(crate) struct Denial {
    pub(crate) effect: Effect,
    pub(crate) code: &'static str,
    /// JSON pointer of the rule; empty where no rule stands behind it.
    pub(crate) rule: Arc<str>,
    /// Which policy that rule is in, where several decide: 0 is the outermost.
    pub(crate) layer: usize,
    pub(crate) message: String,
    /// When the same call may pass; nothing where waiting does not help.
    pub(crate) retry_after_ms: Option<u64>,
    pub(crate) decision_id: Option<Box<str>>,
    /// The question to people that decides, or has decided.
    pub(crate) approval_id: Option<Box<str>>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Deny,
    /// For this caller the tool does not exist.
    Hide,
    Limit,
    /// People have been asked.
    Pending,
}

impl Effect {
    /// As the log and the agent know it.
    pub(crate) fn recorded(self) -> toolgate_store::Effect {
        match self {
            Self::Deny | Self::Hide => toolgate_store::Effect::Deny,
            Self::Limit => toolgate_store::Effect::Limit,
            Self::Pending => toolgate_store::Effect::Pending,
        }
    }
}

impl Denial {
    pub(crate) fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self {
            effect: Effect::Deny,
            code,
            rule: Arc::default(),
            layer: 0,
            message: message.into(),
            retry_after_ms: None,
            decision_id: None,
            approval_id: None,
        }
    }

    pub(crate) fn of(reason: Reason) -> Self {
        let effect = if reason.code == Code::Hidden { Effect::Hide } else { Effect::Deny };
        let denial = Self::new(reason.code.as_str(), reason.message);
        Self { effect, rule: reason.pointer, ..denial }
    }

    /// The same, for whom the tool does not exist.
    pub(crate) fn into_hidden(self) -> Self {
        Self { effect: Effect::Hide, ..self }
    }

    /// The answer to a request for this: a tool result, or, for a hidden tool, the error of a
    /// server that does not have it, or, where results cannot be errors, an error.
    pub(crate) fn answer(&self, request: &Request, subject: Subject, name: &str) -> Answer {
        let (id, era) = (&request.id_raw, request.era);
        if subject != Subject::Tool {
            return Answer::plain(self.error(id));
        }
        if self.effect == Effect::Hide {
            let text = format!("Unknown tool: {name}");
            let bytes = answer::error(Some(id), answer::INVALID_PARAMS, &text, None);
            let status = answer::http_status(answer::INVALID_PARAMS);
            return Answer { bytes, status: status.filter(|_| era == Era::Modern) };
        }
        let mut result = Vec::with_capacity(512);
        result.extend_from_slice(b"{");
        if era == Era::Modern {
            result.extend_from_slice(br#""resultType":"complete","#);
        }
        result.extend_from_slice(br#""content":[{"type":"text","text":"#);
        quote(&self.text(), &mut result);
        result.extend_from_slice(br#"}],"isError":true,"_meta":{"dev.toolgate/decision":"#);
        self.facts(&mut result);
        result.extend_from_slice(b"}}");
        Answer::plain(answer::result(id, &result))
    }

    /// A JSON-RPC error, for whatever has no `isError`.
    pub(crate) fn error(&self, id_raw: &[u8]) -> Bytes {
        let code = match self.effect {
            Effect::Deny | Effect::Hide => answer::POLICY_DENIED,
            Effect::Limit => answer::LIMIT_REACHED,
            Effect::Pending => answer::APPROVAL_PENDING,
        };
        let mut data = br#"{"_meta":{"dev.toolgate/decision":"#.to_vec();
        self.facts(&mut data);
        data.extend_from_slice(b"}}");
        answer::error(Some(id_raw), code, &self.text(), Some(&data))
    }

    /// The stable prefix is what clients and people may look for.
    fn text(&self) -> String {
        let retry = match self.retry_after_ms {
            Some(ms) => format!(" Retry after {} s.", ms.div_ceil(1000)),
            None => " Retrying the same call will not help.".to_owned(),
        };
        let reference = self.decision_id.as_ref().map(|id| format!(" (ref {id})"));
        let end = if self.message.ends_with(['.', '!', '?']) { "" } else { "." };
        format!("[POLICY DENIED] {}{end}{retry}{}", self.message, reference.unwrap_or_default())
    }

    fn facts(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(br#"{"effect":"#);
        quote(self.effect.recorded().as_str(), out);
        out.extend_from_slice(br#","code":"#);
        quote(self.code, out);
        out.extend_from_slice(br#","rule":"#);
        quote(&self.rule, out);
        if self.layer > 0 {
            out.extend_from_slice(format!(r#","layer":{}"#, self.layer).as_bytes());
        }
        let retryable = self.retry_after_ms.is_some();
        out.extend_from_slice(format!(r#","retryable":{retryable}"#).as_bytes());
        if let Some(ms) = self.retry_after_ms {
            out.extend_from_slice(format!(r#","retry_after_ms":{ms}"#).as_bytes());
        }
        if let Some(id) = &self.decision_id {
            out.extend_from_slice(br#","decision_id":"#);
            quote(id, out);
        }
        if let Some(id) = &self.approval_id {
            out.extend_from_slice(br#","approval_id":"#);
            quote(id, out);
        }
        out.push(b'}');
    }
}

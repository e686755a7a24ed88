//! `approval_timeout`, `hold`, `approvers`: on which terms a person is asked; and `approvals`,
//! which has them for every rule that does not say.

use std::num::NonZeroU64;
use std::sync::Arc;

use crate::document::findings::{Findings, quoted};
use crate::document::line::Spelling;
use crate::document::node::{Node, Value};
use crate::document::quantity::{duration_s, pause_s};
use crate::terms::{Terms, Webhook};

/// In the order of the canonical form.
pub(crate) const KEYS: [&str; 3] = ["approval_timeout", "hold", "approvers"];
/// Clients give up long before, whatever they are told meanwhile.
pub(crate) const HOLD_S_MAX: u64 = 200;
const PENDING_MAX: u64 = 1000;

/// What stands beside `action: require_approval` or `require_approval`.
pub(crate) fn read(node: &Node, findings: &mut Findings) -> Terms {
    terms(node, "approval_timeout", findings)
}

/// The document's own.
pub(crate) fn read_all(document: &Node, findings: &mut Findings) -> Terms {
    let Some(node) = document.get("approvals") else { return Terms::default() };
    let dedupe_s = node.get("dedupe_window").and_then(Node::text).and_then(duration_s);
    let pending_max = node.get("pending_max").and_then(|node| pending_max(node, findings));
    let webhook = node.get("notify").and_then(|node| node.get("webhook"));
    let webhook = webhook.and_then(|node| webhook_of(node, findings)).map(Arc::new);
    Terms { dedupe_s, pending_max, webhook, ..terms(node, "timeout", findings) }
}

fn webhook_of(node: &Node, findings: &mut Findings) -> Option<Webhook> {
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let webhook = Webhook { url: text("url")?, secret: text("secret") };
    if webhook.secret.is_none() {
        findings
            .warning(node.span, "nobody can tell that these messages come from toolgate")
            .help("name a `secret`, as `env:NAME`: it signs them, and answers that come back");
    }
    Some(webhook)
}

fn terms(node: &Node, timeout: &str, findings: &mut Findings) -> Terms {
    let hold = node.get("hold");
    let hold_s = hold.and_then(Node::text).and_then(pause_s);
    if let (Some(hold), Some(_)) = (hold, hold_s.filter(|seconds| *seconds > HOLD_S_MAX)) {
        findings
            .warning(hold.span, format!("no call is held longer than {HOLD_S_MAX} seconds"))
            .help("clients give up by then; the same call passes later, once somebody says yes");
    }
    Terms {
        timeout_s: node.get(timeout).and_then(Node::text).and_then(duration_s),
        hold_s,
        approvers: node.get("approvers").and_then(|list| approvers(list, findings)),
        ..Terms::default()
    }
}

fn approvers(list: &Node, findings: &mut Findings) -> Option<Arc<[Arc<str>]>> {
    let one = std::slice::from_ref(list);
    let items = if list.text().is_some() { one } else { list.items() };
    if let (Value::List(_), []) = (&list.value, items) {
        findings
            .error(list.span, "nobody could say yes")
            .help("name somebody, or leave `approvers` out: then anybody who approves may");
        return None;
    }
    let mut names: Vec<Arc<str>> = Vec::with_capacity(items.len());
    for item in items {
        let Some(name) = item.text() else { continue };
        if names.iter().any(|known| **known == *name) {
            let message = format!("{} is named already", quoted(name));
            findings.warning(item.span, message).help("remove it");
        } else {
            names.push(name.into());
        }
    }
    names.sort_unstable();
    (!names.is_empty()).then(|| names.into())
}

fn pending_max(node: &Node, findings: &mut Findings) -> Option<NonZeroU64> {
    let literal = node.number()?;
    let count = literal.parse().ok().filter(|count| *count <= PENDING_MAX);
    let count = count.and_then(NonZeroU64::new);
    if count.is_none() {
        findings
            .error(node.span, format!("{} questions cannot be open", quoted(literal)))
            .help(format!("a whole number from 1 to {PENDING_MAX}"));
    }
    count
}

/// They stand where nobody is asked.
pub(crate) fn refuse(node: &Node, why: &str, help: &str, findings: &mut Findings) {
    for member in KEYS.iter().filter_map(|key| node.member(key)) {
        findings.error(member.key_span, why.to_owned()).help(help);
    }
}

/// As they stand beside a rule's other keys.
pub(crate) fn spell(terms: &Terms, spelling: Spelling) -> Spelling {
    spell_as("approval_timeout", terms, spelling)
}

/// The document's own; nothing if it says nothing.
pub(crate) fn spell_all(terms: &Terms) -> Option<String> {
    if *terms == Terms::default() {
        return None;
    }
    let mut spelling = spell_as("timeout", terms, Spelling::default());
    if let Some(dedupe_s) = terms.dedupe_s {
        spelling = spelling.text("dedupe_window", &format!("{dedupe_s}s"));
    }
    if let Some(pending_max) = terms.pending_max {
        spelling = spelling.raw("pending_max", &pending_max.to_string());
    }
    if let Some(webhook) = &terms.webhook {
        let told = Spelling::default().text("url", &webhook.url);
        let told = match &webhook.secret {
            Some(secret) => told.text("secret", secret),
            None => told,
        };
        let notify = Spelling::default().raw("webhook", &told.object()).object();
        spelling = spelling.raw("notify", &notify);
    }
    Some(spelling.object())
}

fn spell_as(timeout: &str, terms: &Terms, mut spelling: Spelling) -> Spelling {
    if let Some(timeout_s) = terms.timeout_s {
        spelling = spelling.text(timeout, &format!("{timeout_s}s"));
    }
    if let Some(hold_s) = terms.hold_s {
        spelling = spelling.text("hold", &format!("{hold_s}s"));
    }
    let names = terms.approvers.iter().flat_map(|names| names.iter());
    let names: Vec<_> = names.map(|name| Spelling::quoted(name)).collect();
    spelling.list("approvers", &names)
}

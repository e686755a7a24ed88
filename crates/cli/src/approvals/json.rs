//! A question for programs.

use std::fmt::Write as _;

use toolgate_catalog::is_hidden;
use toolgate_store::{Approval, Given};

use crate::json::{Object, array, string};
use crate::time;

/// One object on one line.
pub(crate) fn to_json(approval: &Approval) -> String {
    let caller = &approval.caller;
    let principal = Object::new()
        .text("issuer", &caller.principal.issuer)
        .text("subject", &caller.principal.subject)
        .finish();
    let rules = approval
        .rules
        .iter()
        .map(|rule| Object::new().text("rule", &rule.pointer).plain("layer", rule.layer).finish());
    let text = Object::new()
        .text("id", &approval.id)
        .text("state", approval.state.as_str())
        .raw("principal", principal)
        .text("grant", &caller.grant)
        .text("server", &caller.server)
        .maybe_text("client", approval.client.as_deref())
        .text("method", &approval.method)
        .maybe_text("tool", approval.tool.as_deref())
        .maybe_raw("arguments", shown(approval))
        .plain("arguments_bytes", approval.arguments_bytes)
        .plain("arguments_cut", approval.arguments.is_some() && approval.is_cut())
        .maybe_text("rule", approval.rules.first().map(|rule| rule.pointer.as_str()))
        .raw("rules", array(rules))
        .maybe_text("words", approval.words.as_deref())
        .raw("approvers", array(approval.approvers.iter().map(|name| string(name))))
        .text("revision", &approval.revision)
        .text("decision_id", &approval.decision_id)
        .text("asked", &time::utc(approval.asked_ms))
        .text("expires", &time::utc(approval.expires_ms))
        .plain("left_ms", approval.left_ms)
        .maybe_raw("answer", approval.given.as_ref().map(given))
        .maybe_text("used", approval.used.as_deref())
        .finish();
    escaped(&text)
}

/// The value itself; where it was cut, or is not kept any more, no value can be had.
fn shown(approval: &Approval) -> Option<String> {
    let text = approval.arguments.as_deref()?;
    match text {
        "" => None,
        _ if approval.is_cut() => Some(string(text)),
        _ => Some(text.to_owned()),
    }
}

fn given(given: &Given) -> String {
    Object::new()
        .text("answer", if given.yes { "yes" } else { "no" })
        .text("by", &given.name())
        .text("way", given.way.as_str())
        .maybe_text("reason", given.reason.as_deref())
        .text("at", &time::utc(given.answered_ms))
        .finish()
}

/// The same value in characters that a terminal shows: people read JSON, too.
fn escaped(json: &str) -> String {
    let mut out = String::with_capacity(json.len());
    for c in json.chars() {
        if is_hidden(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                // A string takes everything.
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_seen_is_escaped_and_stays_what_it_is() {
        let text = "{\"a\":\"x\u{202e}\u{e0041}\u{7f}ü\"}";
        let shown = escaped(text);
        assert_eq!(shown, "{\"a\":\"x\\u202e\\udb40\\udc41\\u007fü\"}");
        let value = crate::json::text_member(&shown, "a").unwrap();
        assert_eq!(value, "x\u{202e}\u{e0041}\u{7f}ü");
    }
}

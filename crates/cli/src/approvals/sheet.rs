//! Everything that is known of one question, and how it ended.

use std::fmt::Write;

use toolgate_store::{Approval, State};

use super::{arguments, call, left};
use crate::output::visible;
use crate::time;

/// One fact per line, the arguments last and whole.
pub(crate) fn sheet(approval: &Approval) -> String {
    let mut out = String::new();
    for (name, text) in facts(approval) {
        let _ = writeln!(out, "{name:<11}{text}");
    }
    out += "arguments\n";
    for line in arguments(approval) {
        let _ = writeln!(out, "  {line}");
    }
    out
}

/// All but the arguments; nothing in it moves a cursor.
pub(crate) fn facts(approval: &Approval) -> Vec<(&'static str, String)> {
    let caller = &approval.caller;
    let rules: Vec<_> = approval.rules.iter().map(|rule| rule.pointer.as_str()).collect();
    let who = format!("{} of {}", caller.principal.subject, caller.principal.issuer);
    let mut facts = vec![
        ("approval", approval.id.clone()),
        ("state", state(approval)),
        ("call", call(approval)),
        ("method", visible(&approval.method)),
        ("principal", visible(&who)),
        ("grant", visible(&caller.grant)),
        ("rule", visible(&rules.join(", "))),
        ("asked", time::local(approval.asked_ms)),
        ("decision", approval.decision_id.clone()),
        ("policy", visible(&format!("revision {}", approval.revision))),
    ];
    let client = approval.client.as_ref().map(|name| format!("{name} (as it calls itself)"));
    let approvers = Some(approval.approvers.join(", ")).filter(|names| !names.is_empty());
    let more = [("client", client), ("approvers", approvers), ("words", approval.words.clone())];
    facts.extend(more.into_iter().filter_map(|(name, text)| Some((name, visible(&text?)))));
    if let Some(note) = foreign(approval) {
        facts.push(("careful", note));
    }
    facts
}

/// Letters that look like others are how one name is made to look like another.
fn foreign(approval: &Approval) -> Option<String> {
    let text = approval.arguments.as_deref()?;
    let count = text.chars().filter(|c| !c.is_ascii()).count();
    let what = "characters of the arguments are not ASCII; look-alikes may stand among them";
    (count > 0).then(|| format!("{count} {what}"))
}

fn state(approval: &Approval) -> String {
    match approval.state {
        State::Pending => format!("pending, {} left", left(approval.left_ms)),
        _ => history(approval),
    }
}

/// `denied 2026-11-21 10:45:03 by os:ann (cli): not today`
pub(crate) fn history(approval: &Approval) -> String {
    let given = approval.given.as_ref().map(|given| {
        let word = if given.yes { "approved" } else { "denied" };
        let reason = given.reason.as_ref().map(|reason| format!(": {reason}"));
        let (at, by) = (time::local(given.answered_ms), given.name());
        let way = given.way.as_str();
        format!("{word} {at} by {by} ({way}){}", reason.unwrap_or_default())
    });
    let expired = || format!("expired {}", time::local(approval.expires_ms));
    let text = match (approval.state, given) {
        (State::Expired, Some(given)) => format!("{}; {given}", expired()),
        (State::Expired, None) => expired(),
        (State::Used, Some(given)) => {
            let decision = approval.used.as_deref().unwrap_or_default();
            format!("used: the call was let through as {decision}; {given}")
        }
        (State::Approved, Some(given)) => {
            format!("{given}; the call may come for {} still", left(approval.left_ms))
        }
        (State::Denied, Some(given)) => given,
        (State::Withdrawn, _) => "withdrawn: whoever asked does not wait any more".to_owned(),
        (state, _) => state.as_str().to_owned(),
    };
    visible(&text)
}

//! Common Event Format: a header of seven fields between bars, then keys with values.
//!
//! A value ends where the next ` key=` begins, so that whoever chooses a tool's name must not be
//! able to write one: `=`, `\` and line ends are escaped, `|` in the header.

use std::fmt::Write as _;

use super::Event;

pub(super) fn line(event: &Event<'_>) -> String {
    let (name, severity) = match event.effect {
        "allow" => ("call allowed", 1),
        "limit" => ("call over a limit", 4),
        "pending" => ("call held for a person", 3),
        _ => ("call denied", 6),
    };
    let id = if event.is_allowed() { "allow" } else { event.code };
    let version = env!("CARGO_PKG_VERSION");
    let mut out = format!("CEF:0|toolgate|toolgate|{version}|{}|{name}|{severity}|", header(id));
    let caller = &event.facts.caller;
    let act = if event.is_allowed() { "allowed" } else { "blocked" };
    let chars = [
        ("rt", event.entry.wall_ms.to_string()),
        ("act", act.to_owned()),
        ("externalId", event.entry.decision_id().to_string()),
        ("suser", caller.principal.subject.clone()),
        ("sntdom", caller.principal.issuer.clone()),
        ("dhost", caller.server.clone()),
        ("requestMethod", event.facts.method.clone()),
        ("cs1Label", "rule".to_owned()),
        ("cs1", event.rule.to_owned()),
        ("cs2Label", "tool".to_owned()),
        ("cs2", event.tool().to_owned()),
        ("cs3Label", "grant".to_owned()),
        ("cs3", caller.grant.clone()),
        ("cs4Label", "policy".to_owned()),
        ("cs4", event.facts.revision.to_string()),
        ("cs5Label", "effect".to_owned()),
        ("cs5", event.effect.to_owned()),
        ("reason", event.code.to_owned()),
    ];
    for (at, (key, value)) in chars.iter().filter(|(_, value)| !value.is_empty()).enumerate() {
        let space = if at > 0 { " " } else { "" };
        let _ = write!(out, "{space}{key}={}", extension(value));
    }
    out
}

fn header(text: &str) -> String {
    escaped(text, '|')
}

fn extension(text: &str) -> String {
    escaped(text, '=')
}

/// Other control characters have no place in a line of a log.
fn escaped(text: &str, special: char) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\r' => out.push_str("\\r"),
            c if c == special => out.extend(['\\', c]),
            c if c.is_control() || matches!(c, '\u{2028}' | '\u{2029}') => out.push(' '),
            c => out.push(c),
        }
    }
    out
}

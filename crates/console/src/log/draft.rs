//! A rule made from one call, as text for a policy: a draft that a person goes on with.

use std::fmt::Write as _;

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};
use toolgate_store::Facts;

use crate::json;

/// What the rule does with calls like this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Aim {
    /// Allows those whose arguments are the same.
    Allow,
    Approve,
    Deny,
    Limit,
}

/// So many arguments become conditions; longer ones than this do not.
const CONDITIONS_MAX: usize = 20;
const VALUE_BYTES_MAX: usize = 400;

impl Aim {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Allow, "allow", "allow calls with these arguments only"),
        (Self::Approve, "approve", "let a person say yes to each such call"),
        (Self::Limit, "limit", "at most ten such calls a minute"),
        (Self::Deny, "deny", "deny calls with any one of these arguments"),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == text).map(|(aim, ..)| *aim)
    }
}

/// YAML for a policy's document; JSON's quotes are YAML's too.
pub(crate) fn rule(facts: &Facts, aim: Aim) -> Option<String> {
    let name = facts.tool.as_deref().filter(|_| facts.method == "tools/call")?;
    // No key of a policy names these, or names these alone.
    if name.is_empty() || name.contains(|c: char| c.is_control() || c == '*' || c == '?') {
        return None;
    }
    let found = conditions(facts, aim);
    let (conditions, left_out) = (found.lines, found.left_out);
    let mut out = format!("tools:\n  {}:\n", quoted(name));
    match aim {
        Aim::Allow if conditions.is_empty() => out += "    rules: []\n",
        Aim::Allow => list(&mut out, "require", &conditions),
        Aim::Approve if conditions.is_empty() => out += "    require_approval: true\n",
        Aim::Approve => list(&mut out, "require_approval", &conditions),
        Aim::Deny if conditions.is_empty() => out += "    action: deny\n",
        Aim::Deny => list(&mut out, "deny_if", &conditions),
        Aim::Limit => out += "    limits:\n      - {window: minute, max: 10}\n",
    }
    if left_out > 0 && aim != Aim::Limit {
        let _ = writeln!(
            out,
            "    # {left_out} arguments are too long, or lists or objects: look at them yourself"
        );
    }
    Some(out)
}

fn list(out: &mut String, key: &str, conditions: &[String]) {
    let _ = writeln!(out, "    {key}:");
    for line in conditions {
        let _ = writeln!(out, "      - {line}");
    }
}

#[derive(Default)]
struct Conditions {
    lines: Vec<String>,
    left_out: usize,
}

/// One per argument at the top level. A number is a bound: less is as good, more needs a person.
fn conditions(facts: &Facts, aim: Aim) -> Conditions {
    let mut found = Conditions::default();
    let Some(arguments) = &facts.arguments else { return found };
    let document = arguments
        .raw
        .as_ref()
        .and_then(|raw| Document::parse(Bytes::copy_from_slice(raw), Reading::Plain).ok());
    let Some(document) = document else {
        found.lines = arguments
            .keys
            .iter()
            .take(CONDITIONS_MAX)
            .map(|key| format!("{{path: {}, op: exists, value: true}}", path(key)))
            .collect();
        return found;
    };
    for (key, value) in document.root().entries() {
        let key = key.as_str().unwrap_or_default();
        match condition(&key, value, aim) {
            Some(line) if found.lines.len() < CONDITIONS_MAX => found.lines.push(line),
            _ => found.left_out += 1,
        }
    }
    found
}

fn condition(key: &str, value: Value<'_>, aim: Aim) -> Option<String> {
    let raw = std::str::from_utf8(value.raw()).ok()?;
    let op = match value.kind() {
        Kind::Number if aim == Aim::Allow => "lte",
        Kind::Number if aim == Aim::Approve => "gte",
        Kind::False | Kind::Number | Kind::String | Kind::True => "eq",
        Kind::Array | Kind::Null | Kind::Object => return None,
    };
    let value = match value.as_str() {
        Some(text) => quoted(&text),
        None => raw.to_owned(),
    };
    let fits = value.len() <= VALUE_BYTES_MAX;
    fits.then(|| format!("{{path: {}, op: {op}, value: {value}}}", path(key)))
}

/// A key that is no plain name is quoted, as in a policy's path.
fn path(key: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'_';
    if !key.is_empty() && key.bytes().all(plain) {
        return format!("args.{key}");
    }
    quoted(&format!("args[{}]", json::string(key)))
}

/// Between YAML's double quotes, with nothing in it that would not be seen.
fn quoted(text: &str) -> String {
    let mut out = String::new();
    for c in json::string(text).chars() {
        match u32::from(c) {
            code @ 0..=0xffff if toolgate_catalog::is_hidden(c) => {
                let _ = write!(out, "\\u{code:04x}");
            }
            code if toolgate_catalog::is_hidden(c) => {
                let _ = write!(out, "\\U{code:08x}");
            }
            _ => out.push(c),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use toolgate_policy::{Caller, Principal, document};
    use toolgate_store::Arguments;

    use super::*;

    fn facts(tool: &str, arguments: &str) -> Facts {
        let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
        let caller = Caller { principal, grant: "g".to_owned(), server: "s".to_owned() };
        let raw = Some(Bytes::copy_from_slice(arguments.as_bytes()));
        Facts {
            caller: Arc::new(caller),
            client: None,
            trace: None,
            method: "tools/call".to_owned(),
            tool: Some(tool.to_owned()),
            arguments: Some(Arguments { raw, ..Arguments::default() }),
            revision: "none".into(),
            directory: None,
            approval: None,
        }
    }

    /// Whatever a client wrote is a value there, and nothing else.
    #[test]
    fn every_draft_is_a_policy_without_mistakes() {
        let hostile = r#"{"a":"x: y # {z}","b\n":"'\"}\n  - {path: args.z}","c":12.50,"d":true,
            "e":[1],"f":null,"":"\u0000\u202e","g.h":"1"}"#;
        for tool in ["refund", "a: b", "x\"  y: {}", "- z"] {
            let both = [hostile, "{}"].into_iter();
            for (arguments, (aim, ..)) in both.flat_map(|it| Aim::ALL.map(|aim| (it, aim))) {
                let rule = rule(&facts(tool, arguments), aim).unwrap();
                let text = format!("version: \"1\"\ndefault: deny\n{rule}");
                let mistakes = document::read("draft", &text).err();
                assert!(mistakes.is_none(), "{mistakes:?} {text}");
            }
        }
    }

    #[test]
    fn a_number_is_a_bound_and_a_text_is_itself() {
        let rule = rule(&facts("refund", r#"{"amount":250,"to":"ann"}"#), Aim::Allow).unwrap();
        let expected = "tools:\n  \"refund\":\n    require:\n      \
                        - {path: args.amount, op: lte, value: 250}\n      \
                        - {path: args.to, op: eq, value: \"ann\"}\n";
        assert_eq!(rule, expected);
    }
}

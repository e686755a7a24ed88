//! Policies to copy: small documents about one tool, whatever its name is.

use std::fmt::Write;

use crate::Signal;
use crate::visible::is_hidden;

use super::slug::hash;

/// A name as a YAML scalar: plain where that is safe, else between double quotes (YAML 1.2 §7.3.1).
pub(super) fn scalar(name: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-';
    let plain = name.starts_with(|c: char| c.is_ascii_alphabetic()) && name.chars().all(word);
    let reserved = ["true", "false", "null", "yes", "no", "on", "off", "y", "n"];
    if plain && !reserved.contains(&name.to_ascii_lowercase().as_str()) {
        return name.to_owned();
    }
    quoted(name, |c| match u32::from(c) {
        code @ ..0x100 => format!("\\x{code:02x}"),
        code @ ..0x1_0000 => format!("\\u{code:04x}"),
        code => format!("\\U{code:08x}"),
    })
}

/// A name as a JSON string, hidden characters escaped.
pub(super) fn json(name: &str) -> String {
    quoted(name, |c| {
        let mut out = String::new();
        for unit in c.encode_utf16(&mut [0; 2]) {
            let _ = write!(out, "\\u{unit:04x}");
        }
        out
    })
}

fn quoted(name: &str, escape: impl Fn(char) -> String) -> String {
    let mut out = String::from("\"");
    for c in name.chars() {
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            c if is_hidden(c) || !c.is_ascii() && !c.is_alphanumeric() => out.push_str(&escape(c)),
            c => out.push(c),
        }
    }
    out.push('"');
    out
}

/// What its calls are counted under.
pub(super) fn counter(name: &str) -> String {
    let word = |c: char| c.is_ascii_alphanumeric() || c == '_' || c == '-' || c == '.';
    if !name.is_empty() && name.len() <= 64 && name.chars().all(word) {
        return format!("{name}_rate");
    }
    let hash = hash(name, 4);
    format!("tool_{hash}_rate")
}

/// A key with `*` or `?` is a pattern, and would speak for other tools; control characters cannot
/// be written at all. Where the default is to deny, such a tool is denied.
pub(crate) fn is_nameable(name: &str) -> bool {
    !name.is_empty() && !name.chars().any(|c| c.is_control() || c == '*' || c == '?')
}

pub(super) const UNNAMEABLE: &str = "\
version: \"1\"
default: deny
# No policy can name this tool: its name is empty, a pattern, or has control characters in it.
# It is denied by default, and not listed.
";

const HEAD: &str = "version: \"1\"\ndefault: deny\n";

pub(super) fn rate_limit(name: &str, per_minute: u32) -> String {
    if !is_nameable(name) {
        return UNNAMEABLE.to_owned();
    }
    format!(
        "{HEAD}tools:\n  {}:\n    limits:\n      - counter: {}\n        window: minute\n        \
         max: {per_minute}\n        scope: grant\n",
        scalar(name),
        counter(name)
    )
}

/// By the arguments that matter most, else by what the tool's own schema requires.
pub(super) fn validate(name: &str, signals: &[Signal]) -> String {
    if !is_nameable(name) {
        return UNNAMEABLE.to_owned();
    }
    let name = scalar(name);
    let of = |id: &str| signals.iter().find(|signal| signal.id == id)?.param.as_deref();
    let simple = |param: &&str| param.chars().all(|c| c.is_ascii_alphanumeric() || c == '_');
    let rule = if let Some(path) = of("path-input").filter(simple) {
        ("path_within", path, "[/srv/data]", "only what is under /srv/data")
    } else if let Some(url) = of("url-input").filter(simple) {
        ("host_in", url, "[docs.example.com]", "only hosts that are listed")
    } else {
        return format!(
            "{HEAD}tools:\n  {name}:\n    rules:\n      - action: allow\n        \
             validate:\n          \
             required_args: true\n"
        );
    };
    let (op, param, value, why) = rule;
    format!(
        "{HEAD}tools:\n  {name}:\n    validate: {{required_args: true}}\n    require:\n      \
         - path: \
         args.{param}\n        op: {op}\n        value: {value}\n        on_deny: {why}\n"
    )
}

pub(super) fn hide(name: &str) -> String {
    if !is_nameable(name) {
        return UNNAMEABLE.to_owned();
    }
    format!("{HEAD}hide: [{}]\n", scalar(name))
}

pub(super) fn block(name: &str) -> String {
    if !is_nameable(name) {
        return UNNAMEABLE.to_owned();
    }
    format!(
        "{HEAD}tools:\n  {}:\n    action: deny\n    reason: not for agents; ask the operators\n",
        scalar(name)
    )
}

pub(super) fn approve(name: &str) -> String {
    if !is_nameable(name) {
        return UNNAMEABLE.to_owned();
    }
    format!("{HEAD}tools:\n  {}:\n    require_approval: true\n", scalar(name))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use toolgate_policy::document;

    use super::*;

    fn check(text: &str) {
        let read = document::read("policy.yaml", text);
        assert!(read.is_ok(), "{text}\n{:?}", read.err());
    }

    fn signal(id: &'static str, param: &str) -> Signal {
        let (text, param) = (String::new(), Some(param.to_owned()));
        Signal { id, text, param, weight: 0.0, quote: None }
    }

    fn all(name: &str) {
        for signals in [vec![], vec![signal("path-input", "path")], vec![signal("url-input", "u")]]
        {
            check(&validate(name, &signals));
        }
        check(&rate_limit(name, 10));
        check(&hide(name));
        check(&block(name));
        check(&approve(name));
    }

    #[test]
    fn every_snippet_is_a_policy() {
        for name in [
            "run",
            "true",
            "No",
            "on",
            "a b",
            "x: y",
            "- a",
            "",
            "*",
            "a?",
            "\"",
            "\\",
            "\u{202e}x",
            "7",
        ] {
            all(name);
        }
    }

    proptest! {
        #[test]
        fn whatever_the_name(name in "\\PC{1,12}|[\\x00-\\x7f]{1,6}") {
            all(&name);
        }
    }
}

//! Every file under `cases/` is a policy, a call, and what is decided.
//!
//! `UPDATE=1 cargo test -p toolgate-policy` writes what is decided now; review the diff.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};
use toolgate_policy::{
    Align, Bound, Call, Caller, Decision, Definition, Obligation, Policy, Principal, Refund,
    ToolDefinition, decide, document,
};

const SECTIONS: [&str; 3] = ["--- policy\n", "--- call\n", "--- decision\n"];

#[test]
fn every_case_is_decided_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = cases(&folder);
    assert!(!cases.is_empty(), "no case in {}", folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|path| check(path)).collect();
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(cases(&path));
        } else if path.extension().is_some_and(|extension| extension == "case") {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is wrong with the case, if anything is.
fn check(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let Some([policy, call, expected]) = sections(&text) else {
        return Some(format!("{}: the sections are {SECTIONS:?}", path.display()));
    };
    let actual = match document::read("policy", policy) {
        Ok((policy, _)) => render(&decide(&policy, read_call(call))),
        Err(told) => {
            told.iter().fold("refused\n".to_owned(), |text, one| text + &format!("  {one}\n"))
        }
    };
    if env::var_os("UPDATE").is_some() {
        let kept = text.strip_suffix(expected).unwrap();
        fs::write(path, format!("{kept}{actual}")).unwrap();
        return None;
    }
    (actual != expected)
        .then(|| format!("{}\nexpected\n{expected}but got\n{actual}", path.display()))
}

fn sections(text: &str) -> Option<[&str; 3]> {
    let rest = text.strip_prefix(SECTIONS[0])?;
    let (policy, rest) = rest.split_once(SECTIONS[1])?;
    let (call, decision) = rest.split_once(SECTIONS[2])?;
    Some([policy, call, decision])
}

/// `{"tool", "arguments", "definition", "grant", "principal", "server"}`, all but `tool` optional.
fn read_call(text: &str) -> Call {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let message = Document::parse(bytes, Reading::Strict).unwrap();
    let root = message.root();
    let known = ["tool", "arguments", "definition", "grant", "principal", "server"];
    assert!(root.entries().all(|(key, _)| known.iter().any(|name| key.is(name))), "{text}");
    let text = |key: &str, default: &str| {
        root.get(key).and_then(Value::as_str).map_or_else(|| default.into(), String::from)
    };
    let principal = Principal { issuer: "local".into(), subject: text("principal", "ann") };
    let caller = Caller { principal, grant: text("grant", "g1"), server: text("server", "s1") };
    let definition = match root.get("definition") {
        Some(tool) => Definition::Known(Arc::new(ToolDefinition::read(tool).unwrap())),
        None => Definition::Unknown,
    };
    Call {
        caller: Arc::new(caller),
        tool: text("tool", ""),
        arguments: root.get("arguments").map(Value::id),
        definition,
        time_ms: 0,
        message,
    }
}

fn render(decision: &Decision) -> String {
    match decision {
        Decision::Allow(allowed) => {
            allowed.obligations().iter().fold("allow\n".to_owned(), |text, one| text + &owed(one))
        }
        Decision::Deny(denied) => {
            let reason = &denied.reason;
            let pointer = if reason.pointer.is_empty() { "-" } else { &reason.pointer };
            format!("deny {} {pointer}\n  {}\n", reason.code.as_str(), reason.message)
        }
    }
}

fn owed(obligation: &Obligation) -> String {
    let mut text = String::new();
    match obligation {
        Obligation::Approve(approval) => {
            write!(text, "approve {}", approval.pointer).unwrap();
            if let Some(timeout_s) = approval.timeout_s {
                write!(text, ", within {timeout_s} s").unwrap();
            }
            if let Some(words) = &approval.on_deny {
                write!(text, ": {words}").unwrap();
            }
            text.push('\n');
        }
        Obligation::Spend(charges) => {
            for charge in charges {
                writeln!(text, "spend {} of {}", charge.amount, charge.counter).unwrap();
                text.extend(charge.bounds.iter().map(bound));
            }
        }
    }
    text
}

fn bound(bound: &Bound) -> String {
    let align = match bound.window.align {
        Align::Calendar => "calendar",
        Align::Sliding => "sliding",
    };
    let refund = match bound.refund {
        Refund::NotSent => "",
        Refund::OnError => ", refunded on error",
    };
    let words = bound.on_deny.as_ref().map_or_else(String::new, |words| format!(": {words}"));
    let scope = bound.scope.as_str();
    let (max, length_s, pointer) = (bound.max, bound.window.length_s, &bound.pointer);
    format!("  at most {max} in {length_s} s per {scope}, {align}{refund}, {pointer}{words}\n")
}

/// The policy's own answers, apart from decisions.
#[test]
fn a_policy_says_what_it_hides_needs_and_records() {
    let text = "\
default: deny
hide: [secret, 'drop_*']
tools:
  run: {validate: {schema: true}, record: args}
  'read_*': {validate: {required_args: true}}
  plain: {}
";
    let (policy, _) = document::read("policy", text).unwrap();
    let all = |ask: fn(&Policy, &str) -> bool| {
        let tools = ["run", "read_a", "plain", "secret", "drop_a"];
        tools.into_iter().filter(|tool| ask(&policy, tool)).collect::<Vec<_>>()
    };
    assert_eq!(all(Policy::hides), ["secret", "drop_a"]);
    assert_eq!(all(Policy::needs_definition), ["run", "read_a"]);
    assert_eq!(all(Policy::records_arguments), ["run"]);
    assert!(policy.hides_any());
    assert!(!document::read("policy", "default: deny").unwrap().0.hides_any());
    assert!(policy.canonical().starts_with('{'));
}

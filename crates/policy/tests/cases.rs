//! Every file under `cases/` is a policy, or several above one another, a call, and what is
//! decided.
//!
//! `UPDATE=1 cargo test -p toolgate-policy` writes what is decided now; review the diff.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};
use toolgate_policy::document::{self, Diagnostic};
use toolgate_policy::{
    Align, Bound, Call, Caller, Decision, Definition, Layers, Obligation, Policy, Principal,
    Refund, Subject, Terms, ToolDefinition, decide,
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
    let actual = match read_policies(policy) {
        Ok(layers) => render(&layers.decide(read_call(call)), layers.policies().len()),
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

/// The outermost first, with a line between them.
fn read_policies(text: &str) -> Result<Layers, Vec<Diagnostic>> {
    let policies = text.split("--- below\n").map(|text| Ok(document::read("policy", text)?.0));
    policies.map(|policy| policy.map(Arc::new)).collect::<Result<_, _>>().map(Layers::new)
}

/// What a call is about, and the key that names it.
const SUBJECTS: [(&str, Subject); 6] = [
    ("prompt", Subject::Prompt),
    ("prompt_mention", Subject::PromptMention),
    ("resource", Subject::Resource),
    ("resource_mention", Subject::ResourceMention),
    ("server_request", Subject::ServerRequest),
    ("tool", Subject::Tool),
];

/// `{"tool", "arguments", "definition", "grant", "principal", "server"}`, all but `tool` optional;
/// in place of `tool` another of `SUBJECTS`.
fn read_call(text: &str) -> Call {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let message = Document::parse(bytes, Reading::Strict).unwrap();
    let root = message.root();
    let known = ["arguments", "definition", "grant", "principal", "server"];
    let mut keys: Vec<_> = root.entries().map(|(key, _)| key.as_str().unwrap()).collect();
    keys.retain(|key| !known.contains(&&**key));
    assert_eq!(keys.len(), 1, "{text}");
    let (key, subject) = SUBJECTS.into_iter().find(|(name, _)| *name == keys[0]).unwrap();
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
        subject,
        name: text(key, ""),
        arguments: root.get("arguments").map(Value::id),
        definition,
        time_ms: 0,
        message,
    }
}

/// Layers are named where there are several.
fn render(decision: &Decision, layers: usize) -> String {
    let layer = |layer: usize| if layers > 1 { format!(" (layer {layer})") } else { String::new() };
    match decision {
        Decision::Allow(allowed) => {
            let owed = allowed.obligations().iter().map(|one| owed(one, layer));
            owed.fold("allow\n".to_owned(), |text, one| text + &one)
        }
        Decision::Deny(denied) => {
            let reason = &denied.reason;
            let pointer = if reason.pointer.is_empty() { "-" } else { &reason.pointer };
            let (code, layer) = (reason.code.as_str(), layer(denied.layer));
            format!("deny {code} {pointer}{layer}\n  {}\n", reason.message)
        }
    }
}

fn owed(obligation: &Obligation, layer: impl Fn(usize) -> String) -> String {
    let mut text = String::new();
    match obligation {
        Obligation::Approve(approval) => {
            write!(text, "approve {}{}", approval.pointer, layer(approval.layer)).unwrap();
            text.push_str(&terms(&approval.terms));
            if let Some(words) = &approval.on_deny {
                write!(text, ": {words}").unwrap();
            }
            text.push('\n');
        }
        Obligation::Spend(charges) => {
            for charge in charges {
                writeln!(text, "spend {} of {}", charge.amount, charge.counter).unwrap();
                text.extend(charge.bounds.iter().map(|one| bound(one, &layer(one.layer))));
            }
        }
    }
    text
}

fn terms(terms: &Terms) -> String {
    let mut text = String::new();
    if let Some(timeout_s) = terms.timeout_s {
        write!(text, ", within {timeout_s} s").unwrap();
    }
    if let Some(hold_s) = terms.hold_s {
        write!(text, ", held for {hold_s} s").unwrap();
    }
    if let Some(approvers) = &terms.approvers {
        let names: Vec<_> = approvers.iter().map(|name| &**name).collect();
        write!(text, ", by {}", names.join(" or ")).unwrap();
    }
    if let Some(dedupe_s) = terms.dedupe_s {
        write!(text, ", told once in {dedupe_s} s").unwrap();
    }
    if let Some(pending_max) = terms.pending_max {
        write!(text, ", at most {pending_max} at a time").unwrap();
    }
    text
}

fn bound(bound: &Bound, layer: &str) -> String {
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
    format!(
        "  at most {max} in {length_s} s per {scope}, {align}{refund}, {pointer}{layer}{words}\n"
    )
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
    assert_eq!(all(|policy, tool| policy.records_arguments(Subject::Tool, tool)), ["run"]);
    assert!(policy.omits_any(Subject::Tool));
    assert!(!document::read("policy", "default: deny").unwrap().0.omits_any(Subject::Tool));
    assert!(policy.canonical().starts_with('{'));
}

#[test]
fn lists_leave_out_what_is_denied_whatever_its_arguments() {
    let text = "\
default: deny
resources:
  'file:///docs/*': {}
  'file:///docs/private/*': {action: deny}
  'memo://{id}': {}
prompts:
  default: allow
  review: {require: [{path: args.a, op: exists, value: true}]}
  old: {rules: [{action: deny}]}
";
    let (policy, _) = document::read("policy", text).unwrap();
    let omitted = |subject, names: &[&str]| {
        let omitted = names.iter().filter(|name| policy.omits(subject, name));
        omitted.map(|name| (*name).to_owned()).collect::<Vec<_>>()
    };
    let resources =
        ["file:///docs/a", "file:///docs/private/a", "file:///etc/a", "file:///docs/../a"];
    assert_eq!(omitted(Subject::Resource, &resources), resources[1..]);
    assert_eq!(omitted(Subject::Prompt, &["review", "old", "other"]), ["old"]);
    let templates =
        ["file:///{path}", "file:///etc/{name}", "file:///docs/private/{a}", "memo://{id}"];
    let left: Vec<_> = templates.iter().filter(|one| policy.omits_template(one)).collect();
    assert_eq!(left, [&templates[1], &templates[2]]);
    assert!(policy.omits_any(Subject::Resource) && policy.omits_any(Subject::Prompt));
    assert!(policy.decides(Subject::Prompt) && !policy.decides(Subject::ServerRequest));
    let (open, _) = document::read("policy", "default: deny\nprompts: {default: allow}\n").unwrap();
    assert!(!open.omits_any(Subject::Prompt) && !open.omits_any(Subject::Resource));
    assert!(!open.omits(Subject::Resource, "file:///etc/a") && !open.omits_template("a:{b}"));
}

/// Messages of servers may hold a key twice, and readers differ in which of the two they take.
#[test]
fn a_key_that_stands_twice_denies() {
    let text = "default: allow\nserver_requests:\n  sampling/createMessage:\n    \
                require: [{path: args.maxTokens, op: lte, value: 10}]\n";
    let (policy, _) = document::read("policy", text).unwrap();
    for (params, allowed) in [
        (r#"{"maxTokens": 5}"#, true),
        (r#"{"maxTokens": 5, "maxTokens": 500}"#, false),
        (r#"{"maxTokens": 500, "maxTokens": 5}"#, false),
    ] {
        let bytes = Bytes::from(format!(r#"{{"params": {params}}}"#));
        let message = Document::parse(bytes, Reading::Plain).unwrap();
        let call = Call {
            subject: Subject::ServerRequest,
            name: "sampling/createMessage".to_owned(),
            arguments: message.root().get("params").map(Value::id),
            message,
            ..read_call(r#"{"tool": "any"}"#)
        };
        let decision = decide(&policy, call);
        assert_eq!(matches!(decision, Decision::Allow(_)), allowed, "{params}");
    }
}

//! Every file under `cases/` is a policy with one test: a call, and what becomes of it.
//!
//! Users write their tests in the same form. `UPDATE=1 cargo test -p toolgate-policy` writes what
//! is decided now into those in YAML; review the diff.
#![expect(clippy::unwrap_used, clippy::disallowed_methods, reason = "test")]

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::{env, fs};

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};
use toolgate_policy::cases::Trial;
use toolgate_policy::document::{self, Colour};
use toolgate_policy::explain::{Answer, Ends, Explanation};
use toolgate_policy::{
    Call, Caller, Decision, Definition, Effect, Obligation, Policy, Principal, Subject, decide,
};

/// Where the expectation of a case begins.
const EXPECT: &str = "    expect:";

#[test]
fn every_case_is_decided_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/cases");
    let cases = cases(&folder);
    assert!(cases.len() > 400, "{} cases in {}", cases.len(), folder.display());
    let failed: Vec<String> = cases.iter().filter_map(|path| check(path)).collect();
    assert!(failed.is_empty(), "\n{}", failed.join("\n"));
}

fn cases(folder: &Path) -> Vec<PathBuf> {
    let mut found = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(cases(&path));
        } else {
            found.push(path);
        }
    }
    found.sort();
    found
}

/// What is wrong with the case, if anything is.
fn check(path: &Path) -> Option<String> {
    let text = fs::read_to_string(path).unwrap();
    let name = path.display();
    let (examined, _) = match document::examine("policy", &text) {
        Ok(examined) => examined,
        Err(told) => {
            return Some(format!("{name}\n{}", document::render(&told, &text, Colour::Off)));
        }
    };
    let [trial] = &examined.trials[..] else { return Some(format!("{name}: one call each")) };
    is_explained(trial);
    let wrong = [trial.misses(), unsaid(trial)].concat();
    if wrong.is_empty() {
        return None;
    }
    let came = came(trial);
    if let (Some(at), true) = (text.rfind(EXPECT), env::var_os("UPDATE").is_some()) {
        fs::write(path, format!("{}{came}", &text[..at])).unwrap();
        return None;
    }
    Some(format!("{name}\n{}\nwhat came:\n{came}", wrong.join("\n")))
}

/// A user's test says as much as its author cares for; a case of ours says all.
fn unsaid(trial: &Trial) -> Vec<String> {
    let (expected, came) = (&trial.expected, &trial.came);
    let rule = expected.rule.as_ref().map_or("", |rule| &rule.named);
    let said = [
        ("code", expected.code.as_deref() == came.code),
        ("rule", rule == &*came.pointer),
        ("words", expected.says.as_deref().unwrap_or_default() == came.says),
        ("owed", expected.owes.clone().unwrap_or_default() == came.owes),
        ("shadow", expected.shadow.clone().unwrap_or_default() == came.shadow),
        ("layer", expected.layer.is_some() == is_layered(trial)),
    ];
    said.into_iter().filter(|(_, said)| !said).map(|(key, _)| format!("not all of {key}")).collect()
}

fn is_layered(trial: &Trial) -> bool {
    trial.layer > 0 && trial.came.effect != Effect::Allow
}

/// What came, as a case says it.
fn came(trial: &Trial) -> String {
    let came = &trial.came;
    if came.effect == Effect::Allow && came.owes.is_empty() && came.shadow.is_empty() {
        return format!("{EXPECT} allow\n");
    }
    let mut text = format!("{EXPECT}\n      effect: {}\n", came.effect);
    let mut line = |key: &str, value: &str| writeln!(text, "      {key}: {value}").unwrap();
    if let Some(code) = came.code {
        line("code", code);
    }
    for (key, value) in [("rule", &*came.pointer), ("says", &came.says)] {
        if !value.is_empty() {
            line(key, &quoted(value));
        }
    }
    if is_layered(trial) {
        line("layer", &came.layer.to_string());
    }
    if !came.owes.is_empty() {
        line("owes", "");
    }
    for owed in &came.owes {
        writeln!(text, "        - {}", quoted(owed)).unwrap();
    }
    if !came.shadow.is_empty() {
        writeln!(text, "      shadow:").unwrap();
    }
    for line in &came.shadow {
        writeln!(text, "        - {}", quoted(line)).unwrap();
    }
    text.replace(": \n", ":\n")
}

fn quoted(text: &str) -> String {
    let mut quoted = Vec::new();
    toolgate_json::quote(text, &mut quoted);
    String::from_utf8(quoted).unwrap()
}

/// The steps of the explanation come to what was decided.
fn is_explained(trial: &Trial) {
    let Explanation { steps, answer, .. } = &trial.explanation;
    let enforced = || steps.iter().filter(|step| !step.is_shadow);
    let denial = enforced().find_map(|step| match &step.ends {
        Ends::Denies(reason) => Some((step.layer, reason)),
        _ => None,
    });
    let call = &trial.call;
    match answer {
        Answer::Deny { layer, reason } if enforced().next().is_some() => {
            assert_eq!(denial, Some((*layer, reason)), "{call}");
        }
        Answer::Deny { .. } => {}
        Answer::Allow(owed) => {
            assert_eq!(denial, None, "{call}");
            let asks = enforced().filter_map(|step| match &step.ends {
                Ends::Asks(approval) => Some((&approval.pointer, step.layer)),
                _ => None,
            });
            let approvals = owed.iter().filter_map(|one| match one {
                Obligation::Approve(approval) => Some((&approval.pointer, approval.layer)),
                Obligation::Spend(_) => None,
            });
            assert!(asks.eq(approvals), "{call}");
            let counted = Obligation::Spend(trial.explanation.charges().to_vec());
            let spent = owed.iter().find(|one| matches!(one, Obligation::Spend(_)));
            assert!(spent.is_none_or(|spent| *spent == counted), "{call}");
            let bounds = trial.explanation.charges().iter().map(|charge| charge.bounds.len());
            let spends = enforced().filter(|step| matches!(step.ends, Ends::Spends(_)));
            assert_eq!(bounds.sum::<usize>(), spends.clone().count(), "{call}");
            assert!(spends.into_iter().all(|step| step.level.is_some()), "{call}: not weighed");
        }
    }
}

/// A call of a tool, as the tests below need one.
fn read_call(text: &str) -> Call {
    let message =
        Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).unwrap();
    let principal = Principal { issuer: "local".into(), subject: "ann".into() };
    let caller = Caller { principal, grant: "g1".into(), server: "s1".into() };
    Call {
        caller: Arc::new(caller),
        subject: Subject::Tool,
        name: "any".to_owned(),
        arguments: None,
        definition: Definition::Unknown,
        time_ms: 0,
        message,
    }
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
            ..read_call("null")
        };
        let decision = decide(&policy, call);
        assert_eq!(matches!(decision, Decision::Allow(_)), allowed, "{params}");
    }
}

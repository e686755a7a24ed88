//! An explanation as a person reads it. That it never says other than the decision is asked of
//! every case under `tests/cases`.

use std::num::NonZeroU64;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::{Asks, Ends, Explanation, Truth, explain};
use crate::simulate::Simulated;
use crate::{Call, Caller, Definition, Effect, Layers, Principal, Subject, document};

const POLICY: &str = "\
default: deny
hide: secret
tools:
  pay:
    require: [{path: args.to, op: in, value: [ann, bob]}]
    deny_if: [{path: args.amount, op: gt, value: 100}]
    limits: [{window: hour, max: 150, increment_from: args.amount}]
  wipe: {require_approval: true}
";

fn caller() -> Caller {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    Caller { principal, grant: "g".to_owned(), server: "s".to_owned() }
}

fn explained(tool: &str, arguments: &str) -> Explanation {
    let (policy, _) = document::read("p", POLICY).unwrap();
    let bytes = Bytes::copy_from_slice(arguments.as_bytes());
    let message = Document::parse(bytes, Reading::Strict).unwrap();
    let call = Call {
        caller: Arc::new(caller()),
        subject: Subject::Tool,
        name: tool.to_owned(),
        arguments: Some(message.root().id()),
        message,
        definition: Definition::Unknown,
        time_ms: 0,
    };
    explain(&Layers::from(policy), &call)
}

fn remedies(explanation: &Explanation) -> Vec<&str> {
    explanation.steps.iter().filter_map(|step| step.remedy.as_deref()).collect()
}

#[test]
fn everything_in_the_way_is_told_not_only_the_first() {
    let told = explained("pay", r#"{"amount": 101, "to": "eve"}"#);
    assert_eq!(told.effect(), Effect::Deny);
    assert_eq!(told.deciding().unwrap().asks, Asks::Require);
    assert_eq!(
        remedies(&told),
        ["`to` must be one of \"ann\", \"bob\"", "`amount` must be at most 100"]
    );
    let fact = &told.steps.iter().find(|step| step.asks == Asks::DenyIf).unwrap().facts[0];
    assert_eq!((fact.path.as_str(), fact.actual.as_deref()), ("args.amount", Some("101")));
    assert_eq!(fact.truth, Truth::Yes);
}

#[test]
fn what_is_missing_or_doubtful_says_what_to_write() {
    let told = explained("pay", r#"{"amount": "5"}"#);
    let expected = [
        "add `to`: it must be one of \"ann\", \"bob\"",
        "`amount` must be at most 100: it is a text",
        "argument `amount` is counted: it must be a number",
    ];
    assert_eq!(remedies(&told), expected);
}

#[test]
fn names_that_no_key_lists_are_told_how_to_be_listed() {
    let told = explained("pya", "{}");
    assert_eq!(remedies(&told), ["did you mean `pay`? list it: `tools: {\"pya\": {}}`"]);
    let told = explained("secret", "{}");
    assert_eq!(told.effect(), Effect::Hidden);
    assert!(remedies(&told)[0].starts_with("take it out of `hide`"));
}

#[test]
fn a_person_is_asked_where_one_is_needed() {
    let told = explained("wipe", "{}");
    assert_eq!(told.effect(), Effect::Approve);
    assert!(matches!(told.deciding().unwrap().ends, Ends::Asks(_)));
}

#[test]
fn a_limit_is_told_with_what_is_left_and_when_to_come_back() {
    let mut told = explained("pay", r#"{"amount": 100, "to": "ann"}"#);
    let mut all = Simulated::new();
    let charges = told.charges().to_vec();
    let second_ns = 1_000_000_000;
    all.spend(&caller(), &charges, 1000 * second_ns);
    told.weigh(&all.weigh(&caller(), &charges, 1060 * second_ns));
    assert_eq!(told.effect(), Effect::Limit);
    let level = told.deciding().unwrap().level.clone().unwrap();
    assert_eq!(level.before.to_string(), "100");
    assert_eq!((level.max.to_string(), level.after), ("150".to_owned(), None));
    assert_eq!(level.window.length_s, NonZeroU64::new(3600).unwrap());
    assert_eq!(remedies(&told), ["count at most 50, or call again in 59 min 0 s"]);
}

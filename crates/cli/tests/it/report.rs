//! `toolgate report` on the log of a real session, under a policy that is partly in shadow.

use toolgate_json::Value;

use crate::session::{parse, play_on};
use crate::toolgate::Toolgate;

const POLICY: &str = "\
version: \"1\"
default: deny
tools:
  list_customers: {limits: [{window: hour, max: 2, mode: shadow}]}
  refund:
    deny_if: [{path: args.amount, op: gt, value: 100, mode: shadow}]
    rules:
      - action: require_approval
        mode: shadow
        conditions: [{path: args.amount, op: gt, value: 50}]
    require: [{path: args.customer, op: exists, value: true}]
    limits: [{window: hour, max: 10}]
  get_customer: {deny_if: [{path: args.id, op: eq, value: root, mode: shadow}]}
";

/// All but the last two go through; in shadow one is limited, one denied, one held.
const CALLS: [(&str, &str); 8] = [
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("refund", r#"{"customer":"c-1","amount":20}"#),
    ("refund", r#"{"customer":"c-1","amount":60}"#),
    ("refund", r#"{"customer":"c-1","amount":200}"#),
    ("refund", r#"{"amount":1}"#),
    ("run_command", r#"{"command":"ls"}"#),
];

fn played() -> Toolgate {
    play_on(Toolgate::new().file("p.yaml", POLICY), &CALLS)
}

fn report(toolgate: Toolgate, options: &str) -> Toolgate {
    toolgate.line(&format!("report --state state {options}"))
}

fn text(value: Value<'_>, key: &str) -> String {
    value.get(key).and_then(Value::as_str).unwrap_or_default().into_owned()
}

/// `denied refund /tools/refund/deny_if/0`
fn cases(report: Value<'_>, part: &str) -> Vec<String> {
    let cases = report.get(part).unwrap().items();
    let one = |case| ["effect", "tool", "pointer"].map(|key| text(case, key)).join(" ");
    let mut cases: Vec<_> = cases.map(one).collect();
    cases.sort();
    cases
}

#[test]
fn it_says_what_would_have_been_and_what_was() {
    let ran = report(played(), "--policy p.yaml --json").run();
    ran.exits(0);
    let report = parse(&ran.stdout);
    let root = report.root();
    assert_eq!(
        cases(root, "shadow"),
        [
            "denied refund /tools/refund/deny_if/0",
            "held refund /tools/refund/rules/0",
            "limited list_customers /tools/list_customers/limits/0",
        ]
    );
    assert_eq!(
        cases(root, "stopped"),
        ["denied refund /tools/refund/require/0", "denied run_command "]
    );
    let calls = root.get("calls").unwrap();
    let count = |key: &str| calls.get(key).unwrap().as_number().unwrap().to_owned();
    assert_eq!(["all", "allowed", "would_be_stopped", "denied"].map(count), ["8", "6", "3", "2"]);
    let sample = root.get("shadow").unwrap().items().next().unwrap().get("samples").unwrap();
    let id = sample.items().next().unwrap().as_str().unwrap().into_owned();
    assert!(id.starts_with("dec_"), "{id}");
}

#[test]
fn rules_that_stopped_nothing_are_named_and_tools_that_nobody_called() {
    let ran = report(played(), "--policy p.yaml").run();
    ran.exits(0);
    let idle = ran.stdout.split("NEVER MATCHED").nth(1).unwrap();
    assert!(idle.contains("p.yaml, which decided 8 calls"), "{idle}");
    assert!(idle.contains("/tools/get_customer/deny_if/0"), "{idle}");
    assert!(idle.contains("in shadow: enforced, it would have changed nothing"), "{idle}");
    assert!(idle.contains("/tools/refund/limits/0") && idle.contains("at most 3 of 10"), "{idle}");
    assert!(idle.contains("never called: get_customer"), "{idle}");
    assert!(!idle.contains("/tools/refund/deny_if/0"), "{idle}");
}

#[test]
fn a_policy_that_was_not_in_force_says_nothing_of_its_rules() {
    let other = "default: deny\ntools: {refund: {rate_limit: 5/minute}}\n";
    let ran = report(played().file("other.yaml", other), "--policy other.yaml").run();
    ran.exits(0).says("which decided 0 calls").says("is it the text that was in force?");
    let ran = report(played(), "").run();
    ran.exits(0).says("name the policy: `--policy FILE`");
}

#[test]
fn filters_leave_out_other_grants_servers_and_times() {
    for options in ["--grant nobody", "--server other", "--since 9d --until 8d"] {
        let ran = report(played(), options).run();
        ran.exits(0).says("0 calls").says("No call was decided in this time");
    }
    report(played(), "--grant local --server shop").run().exits(0).says("8 calls: 6 let through");
}

#[test]
fn bad_input_gets_one_line() {
    let mut toolgate = played();
    for (options, says) in [
        ("--since yesterday", "`yesterday` is not a time"),
        ("--since 1h --until 2h", "`--since` is not before `--until`"),
    ] {
        toolgate = report(toolgate, options);
        let ran = toolgate.run();
        assert_eq!(ran.code, Some(2), "{}", ran.stderr);
        assert!(ran.stderr.contains(says), "{}", ran.stderr);
    }
    let ran = report(played(), "--policy none.yaml").run();
    assert_eq!(ran.code, Some(6));
    let ran = Toolgate::new().line("report --state nowhere").run();
    assert_eq!(ran.code, Some(7));
    assert!(ran.stderr.contains("is no state directory"), "{}", ran.stderr);
}

#[test]
fn one_decision_tells_its_shadow() {
    let ran = report(played(), "--json").run();
    let report = parse(&ran.stdout);
    let first = |case: Value<'_>| case.get("samples")?.items().next()?.as_str().map(String::from);
    let cases = report.root().get("shadow").unwrap().items();
    let ids: Vec<String> = cases.filter_map(first).collect();
    assert_eq!(ids.len(), 3);
    let mut toolgate = played();
    toolgate = toolgate.line("audit --state state tail");
    let tail = toolgate.run();
    tail.exits(0).says("in shadow: deny, deny_if at /tools/refund/deny_if/0");
    tail.says("in shadow: limit, limit at /tools/list_customers/limits/0");
    let line = tail.stdout.lines().find(|line| line.contains("in shadow: limit")).unwrap();
    let id = line.split_whitespace().find(|word| word.starts_with("dec_")).unwrap().to_owned();
    let shown = toolgate.line(&format!("audit --state state show {id}")).run();
    shown.exits(0).says("effect     allowed").says("would have been limited: limit, at /tools/");
    shown.says("in shadow  2 + 1 is more than 2 in 60 min");
}

#[test]
fn a_policy_in_shadow_as_a_whole_stops_nothing_and_is_loudly_told() {
    let policy = "default: deny\nmode: shadow\nhide: [run_command]\n";
    let toolgate = Toolgate::new().file("p.yaml", policy).line("check p.yaml");
    let ran = toolgate.run();
    assert!(ran.stderr.contains("NOTHING HERE IS ENFORCED"), "{}{}", ran.stdout, ran.stderr);
    let ran = report(play_on(toolgate, &CALLS), "").run();
    ran.exits(0).says("8 calls: 8 let through, 0 denied").says("8 of the 8 calls").says("/hide");
}

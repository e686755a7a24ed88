//! `replay` and `policy diff --meaning`: calls on record, decided again.

use serde_json::{Value, json};
use toolgate_store::{
    Answer, ApprovalReader, Approver, Durability, Log, Options, Store, Way, Which,
};

use crate::session::{POLICY, play_on};
use crate::toolgate::Toolgate;

/// Of every kind that the demo's policy knows: allowed, denied, over a limit, hidden.
const CALLS: &[(&str, &str)] = &[
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("list_customers", "{}"),
    ("refund", r#"{"customer":"c1","amount":80}"#),
    ("refund", r#"{"customer":"c1","amount":60}"#),
    ("refund", r#"{"customer":"c1","amount":20}"#),
    ("refund", r#"{"customer":"c1","amount":150}"#),
    ("refund", r#"{"customer":"c1","Amount":1}"#),
    ("read_file", r#"{"path":"/shop/help/x"}"#),
    ("read_file", r#"{"path":"/shop/public/prices.txt"}"#),
    ("run_command", r#"{"command":"ls"}"#),
    ("delete_customer", r#"{"id":"c1"}"#),
];

/// A log of these calls, made under this policy.
fn recorded(policy: &str, calls: &[(&str, &str)]) -> Toolgate {
    play(Toolgate::new(), policy, calls)
}

fn play(toolgate: Toolgate, policy: &str, calls: &[(&str, &str)]) -> Toolgate {
    play_on(toolgate.file("p.yaml", policy), calls).stdin("")
}

fn recording() -> String {
    POLICY.replacen("default: deny", "record: args\ndefault: deny", 1)
}

fn replayed(toolgate: Toolgate, policy: &str, more: &str) -> (Toolgate, Value) {
    let toolgate = toolgate.file("new.yaml", policy);
    let line = format!("replay --policy new.yaml --state state --json {more}");
    let toolgate = toolgate.line(&line);
    let ran = toolgate.run();
    ran.exits(0);
    let told = serde_json::from_str(&ran.stdout).unwrap();
    (toolgate, told)
}

/// The ids of these decisions, counted from the first.
fn ids(toolgate: &Toolgate, at: &[usize]) -> Vec<String> {
    let log = Log::open(&toolgate.path("state")).unwrap();
    let is_decision =
        |json: &String| json.contains(r#""kind":"opened""#) || json.contains(r#""kind":"denied""#);
    let entries = log.entries(1).map(Result::unwrap);
    let decisions: Vec<String> = entries
        .filter(|entry| is_decision(&entry.to_json()))
        .map(|entry| entry.decision_id().to_string())
        .collect();
    at.iter().map(|at| decisions[*at].clone()).collect()
}

/// The samples of a change, in order.
fn samples(told: &Value, change: &str) -> Vec<String> {
    let groups = told["groups"].as_array().unwrap().iter();
    let own = groups.filter(|group| group["change"] == change);
    let ids = own.flat_map(|group| group["samples"].as_array().unwrap());
    ids.map(|id| id.as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_same_policy_reproduces_every_decision_with_or_without_the_arguments() {
    for policy in [POLICY.to_owned(), recording()] {
        let toolgate = recorded(&policy, CALLS);
        let (_, told) = replayed(toolgate, &policy, "");
        assert_eq!(told["calls"], CALLS.len(), "{told}");
        assert_eq!(told["unchanged"], CALLS.len(), "{told}");
        assert_eq!(told["unchanged_by_another_rule"], 0, "{told}");
    }
}

#[test]
fn a_new_limit_would_have_denied_exactly_the_calls_beyond_it() {
    const OPEN: &str = "version: \"1\"\nrecord: args\ndefault: allow\n";
    const BOUND: &str = "\
version: \"1\"
default: allow
tools:
  refund:
    limits: [{window: day, max: 150, increment_from: args.amount}]
  list_customers:
    limits: [{window: day, max: 2}]
";
    let toolgate = recorded(OPEN, CALLS);
    let (toolgate, told) = replayed(toolgate, BOUND, "--samples 9");
    // 80 + 60 leave no room for 20 and 150; one call says no amount that could be counted.
    let expected = ids(&toolgate, &[2, 5, 6, 7]);
    let mut denied = samples(&told, "newly_denied");
    denied.sort_by_key(|id| expected.iter().position(|own| own == id));
    assert_eq!(denied, expected, "{told}");
    assert_eq!(told["undecidable"], 0, "{told}");
    assert_eq!(told["newly_allowed"], 0, "{told}");
}

#[test]
fn arguments_that_are_not_recorded_are_not_guessed() {
    let policy = POLICY.replacen("max: 150", "max: 140", 1);
    let toolgate = recorded(POLICY, CALLS);
    let (toolgate, told) = replayed(toolgate, &policy, "");
    // Of the sixth refund the name of its argument is enough: it resembles the one that counts.
    assert_eq!(told["undecidable"], 6, "{told}");
    assert_eq!(told["newly_denied"], 0, "{told}");
    assert_eq!(told["newly_allowed"], 0, "{told}");
    let toolgate = toolgate.line("replay --policy new.yaml --state state");
    let ran = toolgate.run();
    ran.exits(0).says("/tools/refund/require/0: the arguments are not recorded");
    ran.says("/tools/read_file/require/0: the arguments are not recorded");
}

#[test]
fn a_call_that_cannot_be_judged_leaves_what_is_counted_with_it_in_doubt() {
    const OPEN: &str = "version: \"1\"\ndefault: allow\n";
    // Both tools share a counter; whether the refund passes hangs on an argument.
    const NEW: &str = "\
version: \"1\"
default: allow
tools:
  refund:
    require: [{path: args.amount, op: lte, value: 50}]
    limits: [{counter: all, window: day, max: 2}]
  list_customers:
    limits: [{counter: all, window: day, max: 2}]
";
    let refund = ("refund", r#"{"customer":"c1","amount":80}"#);
    let list = ("list_customers", "{}");
    let toolgate = recorded(OPEN, &[list, refund, list, list]);
    let (toolgate, told) = replayed(toolgate, NEW, "");
    // The first fits in any case, the last does not: only the third depends on the refund.
    assert_eq!(told["undecidable"], 3, "{told}");
    let (_, told) = replayed(toolgate, &NEW.replace("max: 2", "max: 4"), "");
    assert_eq!((&told["undecidable"], &told["unchanged"]), (&json!(1), &json!(3)), "{told}");
}

#[test]
fn counters_begin_with_what_was_spent_before_the_time_asked_for() {
    let policy = |counter: &str, max: u32| {
        format!(
            "version: \"1\"\ndefault: allow\ntools:\n  list_customers:\n    limits: \
             [{{counter: {counter}, window: day, max: {max}}}]\n"
        )
    };
    let list = ("list_customers", "{}");
    let toolgate = play(Toolgate::new(), &policy("looks", 100), &[list, list]);
    let log = Log::open(&toolgate.path("state")).unwrap();
    let before_ms = log.entries(1).map(|entry| entry.unwrap().wall_ms).max().unwrap();
    // The clock of the records tells the two sessions apart.
    while toolgate_now_ms() <= before_ms {
        std::thread::yield_now();
    }
    let toolgate = play(toolgate, &policy("looks", 100), &[list, list, list]);
    let since = rfc3339(before_ms + 1);
    let (toolgate, told) = replayed(toolgate, &policy("looks", 3), &format!("--since {since}"));
    assert_eq!((&told["calls"], &told["newly_denied"]), (&json!(3), &json!(2)), "{told}");
    assert_eq!(samples(&told, "newly_denied"), ids(&toolgate, &[3, 4]));
    // Under another name nothing was counted before.
    let (toolgate, told) = replayed(toolgate, &policy("others", 3), &format!("--since {since}"));
    assert_eq!((&told["calls"], &told["newly_denied"]), (&json!(3), &json!(0)), "{told}");
    let (_, told) = replayed(toolgate, &policy("others", 3), "");
    assert_eq!((&told["calls"], &told["newly_denied"]), (&json!(5), &json!(2)), "{told}");
}

fn toolgate_now_ms() -> u64 {
    u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap()
}

fn rfc3339(ms: u64) -> String {
    jiff::Timestamp::from_millisecond(i64::try_from(ms).unwrap()).unwrap().to_string()
}

#[test]
fn a_yes_that_was_given_counts_and_one_that_was_not_does_not() {
    const ASKING: &str = "\
version: \"1\"
default: deny
tools:
  list_customers: {require_approval: true, hold: 0s}
  read_file: {}
";
    let list = ("list_customers", "{}");
    let toolgate = recorded(ASKING, &[list, list]);
    answer_all(&toolgate);
    let file = ("read_file", r#"{"path":"/shop/public/prices.txt"}"#);
    let toolgate = play(toolgate, ASKING, &[list, file]);
    let (toolgate, told) = replayed(toolgate, ASKING, "");
    assert_eq!((&told["unchanged"], &told["calls"]), (&json!(4), &json!(4)), "{told}");
    // Nobody asked: the call passes when it is made first, and is not made again.
    let free =
        ASKING.replace("require_approval: true, hold: 0s", "limits: [{window: day, max: 1}]");
    let (toolgate, told) = replayed(toolgate, &free, "");
    assert_eq!(told["newly_allowed"], 1, "{told}");
    assert_eq!(told["newly_denied"], 0, "{told}");
    let held = ASKING.replace("read_file: {}", "read_file: {require_approval: true}");
    let (_, told) = replayed(toolgate, &held, "");
    assert_eq!((&told["newly_held"], &told["unchanged"]), (&json!(1), &json!(3)), "{told}");
}

fn answer_all(toolgate: &Toolgate) {
    let state = toolgate.path("state");
    let pending = ApprovalReader::open(&state).unwrap().list(Which::Pending).unwrap();
    assert_eq!(pending.len(), 1);
    let store = Store::open(&state, Options { durability: Durability::Normal }).unwrap();
    let by = Approver {
        issuer: "os".to_owned(),
        subject: "somebody".to_owned(),
        way: Way::Cli,
        grant: None,
    };
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for approval in pending {
            let answer = Answer { yes: true, by: by.clone(), reason: None };
            store.answer(&approval.id, answer).await.unwrap();
        }
        store.finish().await.unwrap();
    });
}

#[test]
fn the_exit_code_says_whether_there_are_calls_of_the_kind_asked_for() {
    let toolgate = recorded(&recording(), CALLS);
    let toolgate = toolgate.file("new.yaml", "version: \"1\"\ndefault: allow\n");
    let replay = "replay --policy new.yaml --state state";
    let toolgate = toolgate.line(&format!("{replay} --fail-on newly-denied --fail-on newly-held"));
    toolgate.run().exits(0);
    let toolgate = toolgate.line(&format!("{replay} --fail-on newly-allowed"));
    toolgate.run().exits(3).says("newly allowed");
    // Of another grant there are none.
    let toolgate = toolgate.line(&format!("{replay} --fail-on newly-allowed --grant other"));
    toolgate.run().exits(0).says("no recorded call");
}

#[test]
fn a_log_that_was_changed_or_cut_is_not_replayed_and_not_touched() {
    let toolgate = recorded(POLICY, CALLS).line("replay --policy p.yaml --state state");
    let database = toolgate.path("state/audit.db");
    let whole = std::fs::read(&database).unwrap();
    let mut changed = whole.clone();
    let needle = br#""tool":"run_command""#;
    let at = changed.windows(needle.len()).position(|window| window == needle).unwrap();
    changed[at + 8] = b'R';
    std::fs::write(&database, &changed).unwrap();
    let ran = toolgate.run();
    ran.fails_in_one_line(8, "nothing was replayed").warns("does not match its hash");
    assert_eq!(std::fs::read(&database).unwrap(), changed);

    std::fs::write(&database, &whole).unwrap();
    let toolgate = play(toolgate, POLICY, CALLS);
    std::fs::write(&database, &whole).unwrap();
    let toolgate = toolgate.line("replay --policy p.yaml --state state");
    toolgate.run().fails_in_one_line(8, "nothing was replayed");
    assert_eq!(std::fs::read(&database).unwrap(), whole);
}

#[test]
fn what_cannot_be_replayed_is_said_in_one_line() {
    let toolgate = recorded(POLICY, &[]);
    let toolgate = toolgate.file("bad.yaml", "version: \"1\"\ndefault: maybe\n");
    let replay = |toolgate: Toolgate, more: &str| toolgate.line(&format!("replay {more}"));
    let toolgate = replay(toolgate, "--policy nowhere.yaml --state state");
    toolgate.run().fails_in_one_line(6, "nowhere.yaml");
    let toolgate = replay(toolgate, "--policy unheard --state state");
    toolgate.run().fails_in_one_line(2, "there is no policy `unheard`");
    let toolgate = replay(toolgate, "--policy bad.yaml --state state");
    toolgate.run().fails_in_one_line(6, "has errors");
    let toolgate = replay(toolgate, "--policy p.yaml --state state --since soon");
    toolgate.run().fails_in_one_line(2, "`soon` is not a time");
    let toolgate = replay(toolgate, "--policy p.yaml --state elsewhere");
    toolgate.run().fails_in_one_line(7, "elsewhere");
    let toolgate = replay(toolgate, "--policy p.yaml --state state");
    toolgate.run().exits(0).says("no recorded call");
}

#[test]
fn what_two_policies_decide_otherwise_is_told_with_a_call() {
    // The demo's own tests would not let it pass.
    let rules = POLICY.split("\ntests:").next().unwrap();
    let new = rules.replacen("value: 100", "value: 500", 1).replacen("max: 2}", "max: 1}", 1);
    let toolgate = Toolgate::new().file("old.yaml", POLICY).file("new.yaml", new);
    let toolgate = toolgate.line("policy diff old.yaml new.yaml --meaning");
    let ran = toolgate.run();
    ran.exits(0).says("tools: `refund`").says("allowed now, denied before");
    ran.says("args.amount: more than 100 and at most 500").says("limits: tighter");
    let toolgate = toolgate.line("policy diff old.yaml new.yaml --meaning --json");
    let told: Value = serde_json::from_str(&toolgate.run().exits(0).stdout).unwrap();
    let refund = told["changes"].as_array().unwrap();
    let refund = refund.iter().find(|change| change["names"] == json!(["`refund`"])).unwrap();
    assert_eq!((&refund["from"], &refund["to"]), (&json!("denied"), &json!("allowed")));
    let amount = refund["witness"]["arguments"]["amount"].as_f64().unwrap();
    assert!(amount > 100.0 && amount <= 500.0, "{told}");
    let toolgate = toolgate.line("policy diff old.yaml old.yaml --meaning");
    toolgate.run().exits(0).says("decide alike");
    let toolgate = toolgate.line("policy diff old.yaml --meaning");
    toolgate.run().fails_in_one_line(2, "compared with what");
}

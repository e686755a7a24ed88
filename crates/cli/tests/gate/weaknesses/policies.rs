//! Policies that would not do what they seem to say, and policies that change under way.

use std::fs;
use std::os::unix::fs::symlink;

use serde_json::json;
use toolgate_testkit::Pipe;

use crate::rig::{Client, GUARDED, Rig, assert_denied, decision, denial, ways};

/// Refused by `check` and by `run`, before any server is started. What is said names the fault.
#[track_caller]
fn assert_refused(policy: &str, says: &[&str]) {
    let rig = Rig::new(policy);
    let mut check = rig.toolgate("check");
    check.arg("policy.yaml");
    for mut command in [check, rig.before_child()] {
        let output = command.output().unwrap();
        let told = String::from_utf8_lossy(&output.stderr);
        assert_eq!(output.status.code(), Some(6), "{told}");
        for part in says {
            assert!(told.contains(part), "no `{part}` in {told}");
        }
    }
    assert!(!rig.scratch.ledger().exists(), "the server was started");
}

#[test]
fn a_counter_that_nothing_bounds_is_refused() {
    let policy = r#"
version: "1"
default: deny
tools:
  create_charge:
    rules:
      - name: count
        state: {counter: spent, window: day, increment_from: args.amount}
"#;
    assert_refused(policy, &["`spent`", "policy.yaml:8", "state.create_charge.spent"]);
}

const FINE: &str = r#"
version: "1"
default: deny
hide: [refund]
tools:
  run:
    rules:
      - action: evaluate
        rate_limit: 5/minute
        conditions: [{path: args.command, op: eq, value: ls}]
"#;

#[test]
fn a_typing_error_in_a_key_is_refused() {
    let refused = |from: &str, to: &str, nearest: &str| {
        assert!(FINE.contains(from));
        assert_refused(&FINE.replacen(from, to, 1), &[to.trim_end_matches(':'), nearest]);
    };
    refused("default:", "defualt:", "`default`");
    refused("hide:", "hidden:", "`hide`");
    refused("tools:", "tool:", "`tools`");
    refused("rules:", "rule:", "`rules`");
    refused("action:", "actions:", "`action`");
    refused("rate_limit:", "rate-limit:", "`rate_limit`");
    refused("conditions:", "condition:", "`conditions`");
    refused("path:", "paht:", "`path`");
    refused("evaluate", "evalute", "`evaluate`");
    refused("eq", "equals", "`eq`");
    refused("5/minute", "5/minutes", "minute");
}

const NOTHING: &str = "version: \"1\"\ndefault: deny\ntools: {nonce: {}}\n";

async fn may_echo(pipe: &Pipe) -> bool {
    let answer = pipe.call("echo", json!({"message": "m"})).await;
    if denial(&answer).is_empty() {
        return true;
    }
    assert_denied(&answer, "default_deny");
    false
}

/// Renamed over, a symbolic link swapped, written in place: what the path shows is in force.
#[tokio::test]
async fn a_policy_that_is_replaced_takes_effect() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    pipe.open().await;
    assert!(may_echo(&pipe).await);
    rig.scratch.policy(NOTHING);
    reloads(&pipe, 1).await;
    assert!(!may_echo(&pipe).await);

    let (one, another) = (rig.scratch.file("one", GUARDED), rig.scratch.file("another", NOTHING));
    let (link, policy) = (rig.scratch.at("link"), rig.scratch.at("policy.yaml"));
    for (count, target) in [(2, &one), (3, &another), (4, &one)] {
        symlink(target, &link).unwrap();
        fs::rename(&link, &policy).unwrap();
        reloads(&pipe, count).await;
        assert_eq!(may_echo(&pipe).await, target == &one);
    }
    fs::write(&policy, NOTHING).unwrap();
    reloads(&pipe, 5).await;
    assert!(!may_echo(&pipe).await);
    assert_eq!(rig.ledger().calls_of("echo").len(), 3);
}

/// A bad text changes nothing, and does not stop the gate from looking.
#[tokio::test]
async fn after_a_bad_policy_the_next_good_one_takes_effect() {
    let rig = Rig::new(NOTHING);
    let pipe = rig.pipe();
    pipe.open().await;
    rig.scratch.policy("version: \"1\"\ndefualt: allow\n");
    pipe.stderr_with("defualt").await;
    assert!(!may_echo(&pipe).await);
    fs::remove_file(rig.scratch.at("policy.yaml")).unwrap();
    pipe.stderr_with("cannot read the policy").await;
    assert!(!may_echo(&pipe).await);
    rig.scratch.policy(GUARDED);
    reloads(&pipe, 1).await;
    assert!(may_echo(&pipe).await);
}

/// Waits until so many policies came into force.
async fn reloads(pipe: &Pipe, count: usize) {
    while pipe.stderr().matches("policy reloaded").count() < count {
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

/// What the agent hears and what the log keeps name the same rule.
#[tokio::test]
async fn a_limits_denial_has_its_rule_in_the_log() {
    let rig = Rig::new(
        r#"{"version":"1","default":"deny","all_tools":{"limits":[{"window":"hour","max":4}]},
            "tools":{"nothing":{"rules":[{"action":"allow"},{"rate_limit":"2/minute"}]},
                     "nonce":{"limits":[{"counter":"n","window":"day","max":1}]}}}"#,
    );
    let pipe = rig.pipe();
    let mut heard = Vec::new();
    for tool in ["nothing", "nothing", "nothing", "nonce", "nonce"] {
        heard.push(decision(&pipe.call(tool, json!({"nonce": "n"})).await).clone());
    }
    assert_eq!(heard[2]["rule"], "/tools/nothing/rules/1/rate_limit");
    assert_eq!(heard[4]["rule"], "/tools/nonce/limits/0");
    let log = rig.log();
    for denied in [&heard[2], &heard[4]] {
        assert_eq!(denied["effect"], "limit");
        let entry = log.iter().find(|entry| entry["id"] == denied["decision_id"]).unwrap();
        assert_eq!(entry["effect"], "limit");
        assert_eq!(entry["pointer"], denied["rule"]);
        assert_eq!(entry["retry_after_ms"], denied["retry_after_ms"]);
    }
}

/// Else whoever asks for names learns which of them are hidden. The record knows.
#[tokio::test]
async fn a_hidden_tool_and_one_that_is_not_there_are_the_same_to_a_client() {
    for way in ways() {
        let rig = Rig::new("version: \"1\"\ndefault: deny\nhide: [refund]\ntools: {echo: {}}\n");
        let client = Client::start(&rig, way).await;
        for name in ["refund", "no_such_tool"] {
            let answer = client.call(name, json!({})).await;
            let error = json!({"code": -32602, "message": format!("Unknown tool: {name}")});
            assert_eq!(answer["error"], error, "{way:?}");
        }
        // What is there and not in the policy is told as before.
        assert_denied(&client.call("slow", json!({})).await, "default_deny");
        let log = rig.log();
        let denied = log.iter().filter(|entry| entry["kind"] == "denied");
        let codes: Vec<_> = denied.map(|entry| entry["code"].as_str().unwrap()).collect();
        assert_eq!(codes, ["hidden", "default_deny", "default_deny"], "{way:?}");
    }
}

//! Looking before using: what a server offers, what a grant can do.

use serde_json::{Value, json};

use crate::rig::{GUARDED, Rig, Serving, denial};

const LIMITED: &str = "\
version: \"1\"
default: deny
hide: [crash]
tools:
  echo: {rules: [{action: allow, rate_limit: {max: 2, window: 3600}}]}
  add: {rules: [{action: evaluate, conditions: [{path: args.a, op: lt, value: 5}]}]}
  fail: {rules: [{action: deny, reason: no}]}
  nonce: {}
";

async fn serving(policy: &str, flags: &[&str]) -> Serving {
    let rig = Rig::new(policy);
    let servers = json!({
        "a": Serving::child(&rig, "a", flags),
        "gone": {"command": ["/nowhere/to/be/found"]},
        "dead": {"command": ["true"]},
        "far": {"url": "http://127.0.0.1:1/mcp"},
    });
    Serving::start(rig, servers).await
}

#[tokio::test]
async fn a_server_is_tested_as_the_gateway_reaches_it() {
    for (flag, era, version) in
        [("--era=legacy", "legacy", "2025-11-25"), ("--era=modern", "modern", "2026-07-28")]
    {
        let serving = serving(GUARDED, &[flag, "--pages=3"]).await;
        let tested = serving.json(&["server", "test", "a"]);
        assert_eq!(tested["era"], json!(era), "{tested}");
        assert!(tested["versions"].as_array().unwrap().contains(&json!(version)), "{tested}");
        assert_eq!(tested["name"], json!("sentinel"));
        assert!(tested["tools"].as_u64().unwrap() > 10, "{tested}");
        assert!(serving.ledger("a").calls().is_empty());
    }
}

#[tokio::test]
async fn a_server_that_cannot_be_reached_is_one_line_and_exit_code_4() {
    let serving = serving(GUARDED, &[]).await;
    for (name, code) in [("gone", 4), ("dead", 4), ("far", 4), ("unknown", 2)] {
        let output = serving.toolgate(&["server", "test", name]);
        let said = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(code), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
        assert!(said.contains(&format!("`{name}`")), "{said}");
        assert!(output.stdout.is_empty());
    }
}

fn tool<'a>(told: &'a Value, name: &str) -> &'a Value {
    told["tools"].as_array().unwrap().iter().find(|tool| tool["tool"] == name).unwrap()
}

#[tokio::test]
async fn what_a_grant_can_do_is_told_with_what_is_left_of_its_limits() {
    let serving = serving(LIMITED, &[]).await;
    let token = serving.grant("ann", &["a"]);
    let before = serving.json(&["grant", "what-can", "ann"]);
    for (name, answer) in [
        ("echo", "allow"),
        ("add", "depends"),
        ("fail", "deny"),
        ("nonce", "allow"),
        ("crash", "hidden"),
        ("slow", "deny"),
    ] {
        assert_eq!(tool(&before, name)["answer"], json!(answer), "{name}");
    }
    assert_eq!(tool(&before, "echo")["limits"][0]["left"], json!("2"), "{before}");
    let web = serving.web("a", &token);
    web.open().await;
    for left in ["1", "0"] {
        assert_eq!(denial(&web.call("echo", json!({"message": "x"})).await), "");
        let told = serving.json(&["grant", "what-can", "ann"]);
        let limit = &tool(&told, "echo")["limits"][0];
        assert_eq!(limit["left"], json!(left), "{limit}");
        assert!(limit["reset_in_ms"].as_u64().is_some_and(|ms| ms <= 3_600_000), "{limit}");
    }
    let spent = serving.json(&["grant", "what-can", "ann"]);
    assert_eq!(tool(&spent, "echo")["answer"], json!("limit"), "{spent}");
    assert_eq!(serving.toolgate(&["grant", "what-can", "bob"]).status.code(), Some(2));
}

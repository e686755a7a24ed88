//! Decisions of a gateway with stored policies, explained by its log alone.

use serde_json::{Value, json};

use crate::rig::{Rig, Serving, decision, denial};

const OWN: &str = "\
version: \"1\"
default: deny
record: args
tools:
  echo:
    limits: [{window: hour, max: 2}]
  nonce: {limits: [{counter: shared, window: hour, max: 1, scope: server}]}
";
const HOUSE: &str = "\
default: allow
tools:
  echo:
    rules:
      - name: no secrets
        conditions: [{path: args.message, op: neq, value: secret}]
";

async fn serving() -> Serving {
    let rig = Rig::new(OWN);
    rig.scratch.file("house.yaml", HOUSE);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    Serving::start(rig, servers).await
}

fn step<'a>(told: &'a Value, rule: &str) -> &'a Value {
    let steps = told["steps"].as_array().unwrap();
    steps.iter().find(|step| step["rule"] == rule).unwrap_or(&Value::Null)
}

#[tokio::test]
async fn a_stored_policy_explains_its_decisions_even_when_it_is_no_longer_in_force() {
    let serving = serving().await;
    let token = serving.grant("ann", &["a"]);
    serving.json(&["policy", "put", "house", "house.yaml"]);
    serving.json(&["policy", "attach", "house", "--organization"]);
    let web = serving.web("a", &token);
    web.open().await;
    let denied = web.call("echo", json!({"message": "secret"})).await;
    assert_eq!(denial(&denied), "condition_not_met");
    let id = decision(&denied)["decision_id"].as_str().unwrap().to_owned();

    serving.rig.scratch.file("house.yaml", "default: allow\ntools: {echo: {}}\n");
    serving.json(&["policy", "put", "house", "house.yaml"]);
    let told = serving.json(&["explain", &id]);
    assert_eq!(told["policies"][0]["revision"], "house@1", "{told}");
    assert_eq!(told["cannot_tell"], json!([]), "{told}");
    assert_eq!(told["decision"]["line"], 6, "{told}");
    let found = step(&told, "/tools/echo/rules/0/conditions/0");
    assert_eq!((&found["name"], &found["layer"]), (&json!("no secrets"), &json!(0)), "{told}");
    assert_eq!(found["conditions"][0]["actual"], "\"secret\"", "{told}");
    // The layer below has its say too, though it no longer matters.
    let below = step(&told, "/tools/echo/limits/0");
    assert_eq!((&below["layer"], &below["after_denial"]), (&json!(1), &json!(true)), "{told}");
    // Another grant is not told that there is such a decision.
    serving.grant("bob", &["a"]);
    assert_eq!(serving.toolgate(&["explain", &id, "--as", "bob"]).status.code(), Some(2));
}

#[tokio::test]
async fn a_grant_is_told_its_own_counters_and_of_shared_ones_only_whether_it_fits() {
    let serving = serving().await;
    let (ann, _) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let web = serving.web("a", &ann);
    web.open().await;
    assert_eq!(denial(&web.call("echo", json!({"message": "x"})).await), "");
    assert_eq!(denial(&web.call("nonce", json!({"nonce": "n"})).await), "");
    let asked = |grant: &str, tool: &str| {
        serving.json(&["explain", "--as", grant, "--tool", tool, "--args", "{}"])
    };
    for (grant, before) in [("ann", "1"), ("bob", "0"), ("ann", "1")] {
        let told = asked(grant, "echo");
        let limit = &step(&told, "/tools/echo/limits/0")["limit"];
        assert_eq!(limit["before"], before, "{grant}: {limit}");
    }
    let told = asked("bob", "nonce");
    assert_eq!(told["decision"]["effect"], "limit", "{told}");
    let found = step(&told, "/tools/nonce/limits/0");
    assert_eq!(found["limit"]["fits"], false, "{told}");
    assert!(found["limit"].get("before").is_none(), "{told}");
    assert!(found["to_pass"].as_str().unwrap().starts_with("call again in "), "{told}");
    let unknown = serving.toolgate(&["explain", "--as", "eve", "--tool", "echo"]);
    assert_eq!(unknown.status.code(), Some(2));
    let elsewhere =
        serving.toolgate(&["explain", "--as", "ann", "--tool", "echo", "--server", "b"]);
    assert_eq!(elsewhere.status.code(), Some(2));
}

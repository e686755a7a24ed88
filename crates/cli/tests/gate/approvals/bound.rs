//! What a yes is for, and nothing else.

use serde_json::{Value, json};
use toolgate_store::{Answer, State};
use toolgate_testkit::Pipe;

use crate::rig::{Rig, Serving, assert_denied, text};

use super::people::{AT_ONCE, HELD, People, olga, waits_for};

/// A question about this call, with a yes to it.
async fn approved(rig: &Rig, pipe: &Pipe, arguments: Value) -> String {
    let id = waits_for(&pipe.call("echo", arguments).await);
    People::of(rig).yes(&id).await;
    id
}

#[tokio::test]
async fn another_value_is_another_call_and_another_order_of_keys_is_not() {
    let rig = Rig::new(AT_ONCE);
    let pipe = rig.pipe();
    pipe.open().await;
    let text_of = |arguments: &str| {
        format!(
            r#"{{"jsonrpc":"2.0","id":"q","method":"tools/call",
                "params":{{"name":"add","arguments":{arguments}}}}}"#
        )
        .replace('\n', " ")
    };
    let exchange =
        async |arguments: &str| pipe.exchange(&json!("q"), text_of(arguments)).await.unwrap().json;
    let id = waits_for(&exchange(r#"{"a":1,"b":20}"#).await);
    People::of(&rig).yes(&id).await;
    for other in [r#"{"a":2,"b":20}"#, r#"{"a":1,"b":21}"#, r#"{"a":1}"#, r#"{"a":"1","b":20}"#] {
        assert_ne!(waits_for(&exchange(other).await), id, "{other}");
    }
    assert_eq!(rig.ledger().calls_of("add").len(), 0);
    // The same numbers, spelt in another way.
    let passed = exchange(r#"{ "b" : 2e1, "a" : 1.0 }"#).await;
    assert_eq!(text(&passed), "21");
    assert_eq!(rig.ledger().calls_of("add").len(), 1);
    assert_ne!(waits_for(&exchange(r#"{"a":1,"b":20}"#).await), id);
}

#[tokio::test]
async fn a_definition_that_changes_after_the_yes_asks_anew() {
    let tool = |description: &str| {
        let schema = json!({"type": "object"});
        json!([{"name": "echo", "description": description, "inputSchema": schema}]).to_string()
    };
    let rig = Rig::new(AT_ONCE);
    rig.scratch.file("tools.json", tool("Says."));
    let file = format!("--tools={}", rig.scratch.at("tools.json").display());
    let rig = rig.sentinel(&[&file]);
    let pipe = rig.pipe();
    pipe.open().await;
    let id = approved(&rig, &pipe, json!({"message": "hi"})).await;
    rig.scratch.file("tools.json", tool("Says, and deletes."));
    // The gate's own list is a second old at most.
    let asked = async |n: usize| {
        let answer = pipe.call("echo", json!({"message": n})).await;
        People::of(&rig).shown(&waits_for(&answer)).fingerprint
    };
    let before = People::of(&rig).shown(&id).fingerprint;
    assert!(before.is_some());
    let mut n = 0;
    while asked(n).await == before {
        n = (n + 1) % 4;
    }
    assert_ne!(waits_for(&pipe.call("echo", json!({"message": "hi"})).await), id);
    assert_eq!(rig.ledger().calls_of("echo").len(), 0);
    assert_eq!(People::of(&rig).state_of(&id), State::Approved);
}

#[tokio::test]
async fn a_policy_that_changes_after_the_yes_decides() {
    let rig = Rig::new(AT_ONCE);
    let pipe = rig.pipe();
    pipe.open().await;
    let id = approved(&rig, &pipe, json!({"message": "hi"})).await;
    rig.scratch.policy(&AT_ONCE.replace("echo: {require_approval: true}", "echo: {action: deny}"));
    pipe.stderr_with("policy reloaded").await;
    assert_denied(&pipe.call("echo", json!({"message": "hi"})).await, "rule_deny");
    // Another policy that asks as well has not been said yes to.
    rig.scratch.policy(&AT_ONCE.replace("nonce: {}", "nonce: {}, fail: {}"));
    loop {
        let answer = pipe.call("echo", json!({"message": "hi"})).await;
        if crate::rig::denial(&answer) != "rule_deny" {
            assert_ne!(waits_for(&answer), id);
            break;
        }
    }
    assert_eq!(rig.ledger().calls_of("echo").len(), 0);
}

#[tokio::test]
async fn limits_hold_for_what_was_approved_and_leave_the_yes() {
    let limited = AT_ONCE.replace(
        "echo: {require_approval: true}",
        "echo: {require_approval: true, rate_limit: 1/day}",
    );
    let rig = Rig::new(&limited);
    let pipe = rig.pipe();
    pipe.open().await;
    approved(&rig, &pipe, json!({"message": "one"})).await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "one"})).await), "one");
    let id = approved(&rig, &pipe, json!({"message": "two"})).await;
    for _ in 0..3 {
        assert_denied(&pipe.call("echo", json!({"message": "two"})).await, "limit");
    }
    assert_eq!(rig.ledger().calls_of("echo").len(), 1);
    assert_eq!(People::of(&rig).state_of(&id), State::Approved);
}

#[tokio::test]
async fn another_principal_and_another_server_need_a_yes_of_their_own() {
    let rig = Rig::new(AT_ONCE);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    let serving = Serving::start(rig, servers).await;
    let (ann, bob) = (serving.grant("ann", &["a", "b"]), serving.grant("bob", &["a"]));
    let call = async |server: &str, token: &str| {
        serving.web(server, token).modern_call("echo", json!({"message": "hi"})).await
    };
    let id = waits_for(&call("a", &ann).await);
    People::of(&serving.rig).yes(&id).await;
    assert_ne!(waits_for(&call("a", &bob).await), id);
    assert_ne!(waits_for(&call("b", &ann).await), id);
    assert_eq!(text(&call("a", &ann).await), "hi");
    assert_eq!(serving.ledger("a").calls().len(), 1);
    assert_eq!(serving.ledger("b").calls().len(), 0);
}

#[tokio::test]
async fn a_grant_that_is_revoked_while_its_call_waits_ends_it() {
    let rig = Rig::new(HELD);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let serving = Serving::start(rig, servers).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let call = tokio::spawn(async move {
        let params = json!({"name": "echo", "arguments": {"message": "hi"}});
        web.modern_post(&json!(1), "tools/call", &params).await.bytes().await
    });
    let people = People::of(&serving.rig);
    let question = people.one().await;
    serving.json(&["grant", "revoke", "ann"]);
    let heard = String::from_utf8(call.await.unwrap()).unwrap();
    assert!(heard.is_empty() || heard.contains("\"no_policy\""), "{heard}");
    // As a person would: they do not know yet.
    let answer = people.answer(&question.id, Answer { yes: true, by: olga(), reason: None });
    let _too_late = answer.await;
    assert_eq!(serving.ledger("a").calls().len(), 0);
}

//! Calls that are kept open while somebody decides.

use std::sync::Arc;

use serde_json::{Value, json};
use toolgate_store::State;

use crate::rig::{Back, Client, Door, Rig, assert_denied, assert_error, text, ways};

use super::people::{HELD, People, waits_for};

#[tokio::test]
async fn a_held_call_goes_on_once_after_a_yes_and_nobody_waits_behind_it() {
    for way in ways().filter(|way| way.back != Back::Sse) {
        let rig = Rig::new(HELD);
        let client = Arc::new(Client::start(&rig, way).await);
        let calling = Arc::clone(&client);
        let call =
            tokio::spawn(async move { calling.call("echo", json!({"message": "hi"})).await });
        let people = People::of(&rig);
        let question = people.one().await;
        assert_eq!(question.tool.as_deref(), Some("echo"), "{way:?}");
        assert_eq!(question.arguments.as_deref(), Some(r#"{"message":"hi"}"#));
        // What the same client sends behind it goes first.
        let other = client.call("nonce", json!({"nonce": "n"})).await;
        assert_eq!(text(&other), "n", "{way:?}");
        assert_eq!(rig.ledger().calls_of("echo").len(), 0, "{way:?}");
        people.yes(&question.id).await;
        assert_eq!(text(&call.await.unwrap()), "hi", "{way:?}");
        assert_eq!(rig.ledger().calls_of("echo").len(), 1, "{way:?}");
        assert_eq!(people.state_of(&question.id), State::Used);
    }
}

#[tokio::test]
async fn a_no_ends_the_wait_and_stands_for_equal_calls() {
    for way in ways().filter(|way| way.back == Back::Child) {
        let rig = Rig::new(HELD);
        let client = Arc::new(Client::start(&rig, way).await);
        let calling = Arc::clone(&client);
        let call =
            tokio::spawn(async move { calling.call("echo", json!({"message": "hi"})).await });
        let people = People::of(&rig);
        people.no(&people.one().await.id, "not on a Friday").await;
        let denied = call.await.unwrap();
        assert_denied(&denied, "approval_denied");
        assert!(text(&denied).contains("not approved: not on a Friday"), "{denied}");
        let again = client.call("echo", json!({"message": "hi"})).await;
        assert_denied(&again, "approval_denied");
        assert_eq!(rig.ledger().calls_of("echo").len(), 0, "{way:?}");
    }
}

#[tokio::test]
async fn a_client_with_a_progress_token_hears_that_its_call_waits() {
    let rig = Rig::new(HELD);
    let door = rig.door().await;
    let params = json!({"name": "echo", "arguments": {"message": "hi"},
                        "_meta": {"progressToken": "p"}});
    let reply = door.web().modern_post(&json!(1), "tools/call", &params).await;
    assert!(reply.is_events());
    let mut events = reply.events();
    let told: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
    assert_eq!(told["method"], "notifications/progress");
    assert_eq!(told["params"]["progressToken"], "p");
    let people = People::of(&rig);
    let question = people.one().await;
    assert!(told["params"]["message"].as_str().unwrap().contains(&question.id), "{told}");
    people.yes(&question.id).await;
    let answer: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
    assert_eq!(text(&answer), "hi");
    assert_eq!(rig.ledger().calls_of("echo").len(), 1);
}

#[tokio::test]
async fn a_hold_ends_and_the_answer_is_that_the_call_waits() {
    let rig = Rig::new(&HELD.replace("approvers: olga", "approvers: olga, hold: 1s"));
    let pipe = rig.pipe();
    pipe.open().await;
    let id = waits_for(&pipe.call("echo", json!({"message": "hi"})).await);
    let people = People::of(&rig);
    assert_eq!(people.one().await.id, id);
    people.yes(&id).await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
}

#[tokio::test]
async fn a_question_that_expires_while_the_call_waits_is_told_as_that() {
    let policy = HELD.replace("approvers: olga", "approvers: olga, timeout: 1s");
    let rig = Rig::new(&policy);
    let pipe = rig.pipe();
    pipe.open().await;
    let answer = pipe.call("echo", json!({"message": "hi"})).await;
    assert_denied(&answer, "approval_expired");
    assert!(text(&answer).contains("calling again asks anew"), "{answer}");
    assert_eq!(rig.ledger().calls_of("echo").len(), 0);
}

#[tokio::test]
async fn a_policy_that_becomes_tighter_while_a_call_waits_denies_it() {
    let rig = Rig::new(HELD);
    let pipe = Arc::new(rig.pipe());
    pipe.open().await;
    let calling = Arc::clone(&pipe);
    let call = tokio::spawn(async move { calling.call("echo", json!({"message": "hi"})).await });
    let people = People::of(&rig);
    let question = people.one().await;
    rig.scratch.policy("version: \"1\"\ndefault: deny\ntools: {nonce: {}}\n");
    assert_denied(&call.await.unwrap(), "default_deny");
    assert_eq!(people.state_of(&question.id), State::Withdrawn);
    assert_eq!(rig.ledger().calls_of("echo").len(), 0);
}

#[tokio::test]
async fn what_is_no_tool_hears_of_it_in_an_error() {
    let policy = "version: \"1\"\ndefault: deny\napprovals: {hold: 0s, approvers: olga}\n\
                  resources: {\"*\": {require_approval: true}}\n\
                  prompts: {\"*\": {require_approval: true}}\n";
    let rig = Rig::new(&policy.replace("\"*\"", "\"?*\""));
    let pipe = rig.pipe();
    pipe.open().await;
    let asked = [
        ("resources/read", json!({"uri": "test://notes"})),
        ("prompts/get", json!({"name": "greet", "arguments": {}})),
    ];
    for (method, params) in asked {
        let answer = pipe.request(method, params).await;
        assert_error(&answer, 42_800);
        let facts = &answer["error"]["data"]["_meta"]["dev.toolgate/decision"];
        assert_eq!(facts["effect"], "pending", "{answer}");
        assert!(facts["approval_id"].as_str().unwrap().starts_with("apr_"), "{answer}");
    }
    assert_eq!(People::of(&rig).pending().len(), 2);
}

#[tokio::test]
async fn a_yes_to_a_held_call_comes_from_any_process_while_the_gate_serves_many() {
    let rig = Rig::new(HELD);
    let upstream = rig.upstream().await;
    let door = Arc::new(Door::open(rig.before_url(&upstream.url)).await);
    let mut calls = Vec::new();
    for i in 0..8 {
        let door = Arc::clone(&door);
        calls.push(tokio::spawn(async move {
            let message = format!("m{i}");
            (door.web().modern_call("echo", json!({"message": message})).await, message)
        }));
    }
    let people = People::of(&rig);
    for question in people.asked(8).await {
        people.yes(&question.id).await;
    }
    for call in calls {
        let (answer, message) = call.await.unwrap();
        assert_eq!(text(&answer), message);
    }
    assert_eq!(rig.ledger().calls_of("echo").len(), 8);
}

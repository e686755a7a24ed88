//! JSON-RPC batches: a gate that reads one object per message forwards an array unread.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use toolgate_testkit::{Events, Ledger, Web};

use crate::rig::{BACKS, Era, GUARDED, Rig, assert_denied, assert_error, call_text, settle, text};

fn denied() -> String {
    call_text(Era::Legacy, r#""b""#, "delete_customer", r#"{"customer":"c"}"#)
}

fn harmless() -> String {
    call_text(Era::Legacy, r#""a""#, "nonce", r#"{"nonce":"alone"}"#)
}

/// Batches, each with the code of its refusal.
fn batches() -> Vec<(String, i64)> {
    let (call, harmless) = (denied(), harmless());
    let many = vec![call.as_str(); 65].join(",");
    vec![
        (format!("[{call}]"), -32600),
        (format!(" \t[ {call} ]"), -32600),
        (format!("[{harmless},{call}]"), -32600),
        (format!("[[{call}]]"), -32600),
        (format!("[{many}]"), -32600),
        (format!("[1,{call}]"), -32600),
        ("[]".to_owned(), -32600),
        (format!("[{call}"), -32700),
        (format!("[{call}]]"), -32700),
        (format!("[{call}] {call}"), -32700),
    ]
}

/// What any reader could have run: nothing but this.
fn only(ledger: &Ledger, tool: &str) {
    assert_eq!(ledger.could_run(), BTreeSet::from([tool.to_owned()]));
}

#[tokio::test]
async fn a_batch_over_stdio_is_refused() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    // Before any version is agreed on, and after one that has no batches.
    for _ in 0..2 {
        for (batch, code) in batches() {
            pipe.send_line(&batch).await.unwrap();
            let refusal = pipe.next_message().await.unwrap().json;
            assert_error(&refusal, code);
            assert!(refusal.get("id").is_none(), "{refusal}");
        }
        pipe.open().await;
    }
    settle(&pipe).await;
    only(&rig.ledger(), "nonce");
    assert!(pipe.unread().is_empty());
}

#[tokio::test]
async fn a_batch_over_http_is_refused() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    for (batch, code) in batches() {
        let reply = web.post(batch.clone(), &[]).await;
        assert_eq!(reply.status, 400, "{batch}");
        assert_error(&reply.json().await, code);
        // No session, and a modern request: neither has batches.
        let none = door.web().post(batch.clone(), &[]).await;
        assert_eq!(none.status, 400, "{batch}");
        let modern = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "tools/call")];
        assert_eq!(door.web().post(batch.clone(), &modern).await.status, 400, "{batch}");
    }
    assert_eq!(text(&web.call("nonce", json!({"nonce": "settled"})).await), "settled");
    only(&rig.ledger(), "nonce");
}

/// A batch of 2025-03-26 with everything in it: two calls, one without id, and a request.
fn mixed() -> String {
    let (call, harmless) = (denied(), harmless());
    let silent = call.replace(r#""id":"b","#, "");
    let twins = call.replace(r#""id":"b""#, r#""id":"d""#);
    let twins = twins.replace(r#""name""#, r#""Name":"nonce","name""#);
    let ping = r#"{"jsonrpc":"2.0","id":"c","method":"ping"}"#;
    format!("[{harmless},{call},{silent},{twins},{ping}]")
}

fn check_mixed(answers: &[Value]) {
    let of = |id: &str| {
        let found: Vec<_> = answers.iter().filter(|answer| answer["id"] == id).collect();
        assert_eq!(found.len(), 1, "{id}: {answers:?}");
        found[0]
    };
    assert_eq!(text(of("a")), "alone");
    assert_denied(of("b"), "default_deny");
    assert_eq!(of("c")["result"], json!({}));
    assert_error(of("d"), -32600);
    assert_eq!(answers.iter().filter(|answer| answer.get("id").is_none()).count(), 1);
}

/// The upstream never sees an array, though its version has batches.
fn check_singly(ledger: &Ledger) {
    only(ledger, "nonce");
    let arrays = |json: &Value| json.is_array();
    assert!(ledger.entries().iter().all(|entry| !entry.json.as_ref().is_some_and(arrays)));
}

#[tokio::test]
async fn each_message_of_a_batch_over_stdio_is_decided_alone() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    pipe.initialize_as("2025-03-26").await;
    pipe.initialized().await;
    pipe.send_line(mixed()).await.unwrap();
    let mut answers = Vec::new();
    for _ in 0..5 {
        answers.push(pipe.next_message().await.unwrap().json);
    }
    check_mixed(&answers);
    settle(&pipe).await;
    check_singly(&rig.ledger());
    // A new handshake takes them away again.
    pipe.initialize_as("2025-06-18").await;
    pipe.send_line(format!("[{}]", harmless())).await.unwrap();
    assert_error(&pipe.next_message().await.unwrap().json, -32600);
}

#[tokio::test]
async fn each_message_of_a_batch_over_http_is_decided_alone() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let web = door.web();
        web.initialize_as("2025-03-26").await;
        web.notify("notifications/initialized", Value::Null).await;
        check_mixed(&posted(&web, mixed(), 5).await);
        check_singly(&rig.ledger());
        let silent = r#"[{"jsonrpc":"2.0","method":"notifications/roots/list_changed"}]"#;
        assert_eq!(web.post(silent, &[]).await.status, 202);
    }
}

/// The answers to a batch: one array, or one event each.
async fn posted(web: &Web, batch: String, count: usize) -> Vec<Value> {
    let reply = web.post(batch, &[]).await;
    assert_eq!(reply.status, 200);
    if !reply.is_events() {
        return serde_json::from_value(reply.json().await).unwrap();
    }
    let mut events: Events = reply.events();
    let mut answers = Vec::new();
    while let Some(event) = events.next().await {
        if !event.data.is_empty() {
            answers.push(serde_json::from_str(&event.data).unwrap());
        }
    }
    assert_eq!(answers.len(), count);
    answers
}

#[tokio::test]
async fn every_request_of_a_batch_is_answered_though_two_have_one_id() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.initialize_as("2025-03-26").await;
    let slow = call_text(Era::Legacy, "1", "slow", r#"{"ms":50}"#);
    let answers = posted(&web, format!("[{slow},{slow}]"), 2).await;
    assert_eq!(answers.iter().filter(|answer| text(answer) == "slept 50 ms").count(), 1);
    assert_eq!(answers.iter().filter(|answer| answer["error"]["code"] == -32600).count(), 1);
}

#[tokio::test]
async fn the_naive_gate_lets_a_batch_through() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.naive(&["--deny", "delete_customer"]);
    pipe.send_line(format!("[{}]", denied())).await.unwrap();
    assert!(pipe.close().await.success());
    assert_eq!(rig.ledger().calls_of("delete_customer").len(), 1);

    let rig = Rig::new(GUARDED);
    let (gate, _upstream) = rig.naive_http(&["--deny", "delete_customer"]).await;
    let web = Web::new(&gate.url);
    web.open().await;
    web.post(format!("[{}]", denied()), &[]).await.bytes().await;
    assert_eq!(rig.ledger().calls_of("delete_customer").len(), 1);
}

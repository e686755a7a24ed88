//! Taking a call back: the server hears of it, and of nobody else's.

use std::time::Duration;

use serde_json::{Value, json};
use toolgate_testkit::{Entry, Ledger, WebReply, modern_params, notification};

use crate::rig::{
    BACKS, Back, Client, Door, Era, Front, GUARDED, Rig, Way, call_text, settle, text,
};

/// Waits until a message of this method came, and gives it.
async fn came(ledger: &Ledger, method: &str, tool: &str) -> Value {
    let is = |entry: &&Entry| {
        let of = |json: &Value| {
            json["method"] == method && (tool.is_empty() || json["params"]["name"] == tool)
        };
        entry.json.as_ref().is_some_and(of)
    };
    let entries = ledger.until(|entries| entries.iter().any(|entry| is(&entry))).await;
    entries.iter().find(is).unwrap().json.clone().unwrap()
}

fn cancellations(ledger: &Ledger) -> Vec<Value> {
    let messages = ledger.entries().into_iter().filter_map(|entry| entry.json);
    messages.filter(|json| json["method"] == "notifications/cancelled").collect()
}

#[tokio::test]
async fn a_cancellation_reaches_the_server_and_the_call_is_not_answered() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (pipe, _upstream) = rig.pipe_before(back).await;
        pipe.open().await;
        let mut call = pipe.expect(&json!("long")).unwrap();
        let line = call_text(Era::Legacy, r#""long""#, "slow", r#"{"ms":600000}"#);
        pipe.send_line(line).await.unwrap();
        came(&rig.ledger(), "tools/call", "slow").await;
        let params = r#"{"requestId":"l\u006fng","reason":"r"}"#;
        let line =
            format!(r#"{{"jsonrpc":"2.0","method":"notifications/cancelled","params":{params}}}"#);
        pipe.send_line(&line).await.unwrap();
        came(&rig.ledger(), "notifications/cancelled", "").await;
        settle(&pipe).await;
        let entries = rig.ledger().entries();
        assert!(entries.iter().any(|entry| entry.raw == line.as_bytes()), "{back:?}");
        assert!(call.try_recv().is_err(), "{back:?}");
        assert!(pipe.unread().is_empty());
    }
}

/// A server that obeys never answers: the record must not stay open for that.
#[tokio::test]
async fn a_cancelled_call_is_closed_in_the_log() {
    for front in [Front::Stdio, Front::Http] {
        let rig = Rig::new(GUARDED);
        let way = Way { front, back: Back::Child, era: Era::Legacy };
        let client = std::sync::Arc::new(Client::start(&rig, way).await);
        let waiting = client.clone();
        let call = tokio::spawn(async move {
            waiting.call_text(r#""long""#, "slow", r#"{"ms":600000}"#).await
        });
        came(&rig.ledger(), "tools/call", "slow").await;
        client.tell(&notification("notifications/cancelled", &json!({"requestId": "long"}))).await;
        came(&rig.ledger(), "notifications/cancelled", "").await;
        assert_eq!(closed(&rig, 1).await, ["cancelled"], "{front:?}");
        call.abort();
    }
}

/// The outcomes in the log, as soon as there are so many.
async fn closed(rig: &Rig, count: usize) -> Vec<String> {
    let outcomes = async {
        loop {
            let log = rig.log();
            let closed: Vec<_> = log
                .iter()
                .filter_map(|entry| entry["outcome"].as_str().map(str::to_owned))
                .collect();
            if closed.len() >= count {
                return closed;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    let outcomes = tokio::time::timeout(Duration::from_secs(10), outcomes).await;
    outcomes.unwrap_or_else(|_| panic!("no outcome in the log"))
}

/// Calls that were taken back do not count among those in flight.
#[tokio::test]
async fn cancelled_calls_leave_room_for_others() {
    const BLOCK: usize = 128;
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for block in 1..=9 {
        let ids = (block - 1) * BLOCK..block * BLOCK;
        let call = |id| call_text(Era::Legacy, &format!(r#""c{id}""#), "silent", "{}") + "\n";
        let cancel = |id| {
            let params = json!({"requestId": format!("c{id}")});
            notification("notifications/cancelled", &params) + "\n"
        };
        pipe.send_raw(ids.clone().map(call).collect::<String>()).await.unwrap();
        let ledger = rig.ledger();
        let calls = || ledger.raw_bytes().windows(8).filter(|part| part == b"\"silent\"").count();
        while calls() < block * BLOCK {
            let refused = pipe.unread();
            assert!(refused.is_empty(), "{:?}", refused.first());
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        pipe.send_raw(ids.map(cancel).collect::<String>()).await.unwrap();
    }
    settle(&pipe).await;
    let unread = pipe.unread();
    assert!(unread.is_empty(), "{:?}", unread.first());
}

/// MCP 2026-07-28 over HTTP: a client cancels by closing the stream.
#[tokio::test]
async fn closing_the_stream_of_a_modern_call_takes_it_back() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let reply = progress(&door).await;
    assert!(reply.is_events());
    let mut events = reply.events();
    assert!(events.next().await.unwrap().data.contains("notifications/progress"));
    drop(events);
    let told = came(&rig.ledger(), "notifications/cancelled", "").await;
    let call = came(&rig.ledger(), "tools/call", "progress").await;
    assert_eq!(told["params"]["requestId"], call["id"]);
    assert_eq!(closed(&rig, 1).await, ["cancelled"]);
    let fine = door.web().modern_call("nonce", json!({"nonce": "n"})).await;
    assert_eq!(text(&fine), "n");
}

/// The same before anything was answered: there is only the connection to close.
#[tokio::test]
async fn closing_the_connection_of_a_modern_call_takes_it_back() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = std::sync::Arc::new(door.web());
    let waiting = web.clone();
    let call = tokio::spawn(async move {
        waiting.modern_call("slow", json!({"ms": 600_000})).await;
    });
    let seen = came(&rig.ledger(), "tools/call", "slow").await;
    call.abort();
    let told = came(&rig.ledger(), "notifications/cancelled", "").await;
    assert_eq!(told["params"]["requestId"], seen["id"]);
    assert_eq!(closed(&rig, 1).await, ["cancelled"]);
}

/// Towards a server over HTTP the gate does the same: it closes the stream.
#[tokio::test]
async fn closing_the_stream_closes_that_of_the_server() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let reply = progress(&door).await;
    let mut events = reply.events();
    assert!(events.next().await.unwrap().data.contains("notifications/progress"));
    drop(events);
    let left = |entry: &Entry| entry.event.as_deref() == Some("abandoned");
    rig.ledger().until(|entries| entries.iter().any(left)).await;
    assert_eq!(closed(&rig, 1).await, ["cancelled"]);
}

/// A modern call that says something before its answer, which it never reaches in this test.
async fn progress(door: &Door) -> WebReply {
    let params = json!({"name": "progress", "arguments": {"steps": 600_000},
                        "_meta": {"progressToken": "p"}});
    door.web().modern_post(&json!(1), "tools/call", &params).await
}

/// Ids on the wire of a shared server are the gate's: a client that names one by chance, with an
/// id of its own, means no request of another client.
#[tokio::test]
async fn nobody_cancels_the_call_of_another_client() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = std::sync::Arc::new(door.web());
    let waiting = web.clone();
    let call = tokio::spawn(async move { waiting.modern_call("slow", json!({"ms": 300})).await });
    let seen = came(&rig.ledger(), "tools/call", "slow").await;
    let params = modern_params(&json!({"requestId": seen["id"]}), &json!({}));
    let cancel = notification("notifications/cancelled", &params);
    let headers =
        [("mcp-protocol-version", "2026-07-28"), ("mcp-method", "notifications/cancelled")];
    let reply = door.web().post(cancel, &headers).await;
    assert!(matches!(reply.status, 202 | 400), "{}", reply.status);
    // What went up went up before this.
    assert_eq!(text(&door.web().modern_call("nonce", json!({"nonce": "n"})).await), "n");
    assert!(cancellations(&rig.ledger()).is_empty());
    assert_eq!(text(&call.await.unwrap()), "slept 300 ms");

    // Two legacy sessions have a server each.
    let (one, other) = (door.web(), door.web());
    one.open().await;
    other.open().await;
    let slow = call_text(Era::Legacy, "77", "slow", r#"{"ms":100}"#);
    let (reply, status) = tokio::join!(one.post(slow, &[]), async {
        came(&rig.ledger(), "tools/call", "slow").await;
        other.notify("notifications/cancelled", json!({"requestId": 77})).await
    });
    assert_eq!(status, 202);
    assert_eq!(text(&crate::rig::answer(reply, &json!(77)).await), "slept 100 ms");
}

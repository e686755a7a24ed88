//! An answer has the form that the server gave it: one JSON text, or events.

use serde_json::{Value, json};
use toolgate_testkit::{LEGACY_VERSION, modern_params};

use crate::rig::{Door, GUARDED, Rig, modern_headers};
use crate::scripted::{self, Scripted};

const ANSWER: &str = r#"{"jsonrpc":"2.0","id":70,"result":{"content":[]}}"#;

/// What the server says: its answers to the handshake, then the one under test.
fn said(answer: Vec<u8>) -> Vec<Vec<u8>> {
    let result = json!({"protocolVersion": LEGACY_VERSION, "capabilities": {"tools": {}},
                        "serverInfo": {"name": "scripted", "version": "1"}});
    let initialized = json!({"jsonrpc": "2.0", "id": 1, "result": result}).to_string();
    let accepted = scripted::response("202 Accepted", "text/plain", b"");
    vec![scripted::json(initialized), accepted, answer]
}

async fn is_events(answer: Vec<u8>, modern: bool) -> bool {
    let rig = Rig::new(GUARDED);
    let said = if modern { vec![answer] } else { said(answer) };
    let upstream = Scripted::start(said).await;
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let web = door.web();
    let params = json!({"name": "nothing"});
    let reply = if modern {
        let params = modern_params(&params, &json!({}));
        let body = json!({"jsonrpc": "2.0", "id": 70, "method": "tools/call", "params": params});
        web.post(body.to_string(), &modern_headers("tools/call", "nothing")).await
    } else {
        web.open().await;
        let body = json!({"jsonrpc": "2.0", "id": 70, "method": "tools/call", "params": params});
        web.post(body.to_string(), &[]).await
    };
    assert_eq!(reply.status, 200);
    let is_events = reply.is_events();
    let heard: Value = if is_events {
        let mut events = reply.events();
        let mut data = String::new();
        while data.is_empty() {
            data = events.next().await.unwrap().data;
        }
        serde_json::from_str(&data).unwrap()
    } else {
        reply.json().await
    };
    assert_eq!(heard, serde_json::from_str::<Value>(ANSWER).unwrap());
    is_events
}

#[tokio::test]
async fn an_answer_keeps_the_form_that_the_server_gave_it() {
    for modern in [false, true] {
        assert!(is_events(scripted::event(ANSWER), modern).await, "modern: {modern}");
        assert!(!is_events(scripted::json(ANSWER), modern).await, "modern: {modern}");
    }
}

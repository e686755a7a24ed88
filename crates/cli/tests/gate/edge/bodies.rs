//! What a message must be: JSON that reads one way, JSON-RPC, not too long.

use serde_json::{Value, json};

use super::bad::{Bad, bad};
use crate::rig::{
    Era, GUARDED, Rig, answer, assert_denied, assert_error, call_text, settle, shake, text,
};

#[track_caller]
fn check(told: &Value, bad: &Bad) {
    let text = String::from_utf8_lossy(&bad.text[..bad.text.len().min(200)]);
    assert_eq!(told["error"]["code"], bad.code, "{text}: {told}");
    // Whoever waits hears it under its id, and nobody hears `null`.
    assert_eq!(told.get("id"), bad.id.map(Value::from).as_ref(), "{text}: {told}");
}

#[tokio::test]
async fn what_is_no_message_is_refused_over_http() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    shake(&web).await;
    let before = rig.ledger().entries().len();
    for bad in bad() {
        let reply = web.post(bad.text.clone(), &[]).await;
        let status = reply.status;
        check(&reply.json().await, &bad);
        assert_eq!(status, 400);
    }
    for empty in ["", " ", "\r\n"] {
        let reply = web.post(empty, &[]).await;
        assert_eq!(reply.status, 400);
        assert_error(&reply.json().await, -32700);
    }
    assert_eq!(text(&web.call("nonce", json!({"nonce": "n"})).await), "n");
    assert_eq!(rig.ledger().entries().len(), before + 1);
}

#[tokio::test]
async fn what_is_no_message_is_refused_over_stdio() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for bad in bad() {
        pipe.send_line(&bad.text).await.unwrap();
        check(&pipe.next_message().await.unwrap().json, &bad);
    }
    // Empty lines are no messages, and a line end of two characters is one.
    pipe.send_raw("\n\r\n\n").await.unwrap();
    settle(&pipe).await;
    assert_eq!(rig.ledger().entries().len(), 1);
    assert!(pipe.unread().is_empty());
}

/// Names are compared character by character: no dot, no space, no invisible letter more.
#[tokio::test]
async fn a_name_that_only_looks_like_an_allowed_one_is_denied() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for name in [
        "echo ",
        " echo",
        "echo.",
        "Echo",
        "ECHO",
        "e\u{200b}cho",
        "ｅcho",
        "есho",
        "e\u{301}cho",
        "echo\u{202e}",
        "echo/",
        "../echo",
        "echo;delete_customer",
        "__proto__",
        "constructor",
        "toString",
        "*",
        "ech?",
        "echo\u{a0}",
    ] {
        let answer = pipe.call(name, json!({"message": "m"})).await;
        assert_denied(&answer, "default_deny");
    }
    settle(&pipe).await;
    assert_eq!(rig.ledger().calls().len(), 1);
}

#[tokio::test]
async fn a_message_over_the_limit_is_refused_and_the_next_is_taken() {
    const MAX: usize = 4096;
    let rig = Rig::new(GUARDED).gate(&["--message-bytes-max", &MAX.to_string()]);
    let padded = |bytes: usize| {
        let bare = call_text(Era::Legacy, "5", "echo", r#"{"message":""}"#).len();
        let message = format!(r#"{{"message":"{}"}}"#, "x".repeat(bytes - bare));
        call_text(Era::Legacy, "5", "echo", &message)
    };
    let pipe = rig.pipe();
    for bytes in [MAX + 1, 100_000, 3_000_000] {
        pipe.send_line(padded(bytes)).await.unwrap();
        let told = pipe.next_message().await.unwrap().json;
        assert_error(&told, -32600);
        assert!(told.get("id").is_none());
    }
    let largest = pipe.exchange(&json!(5), padded(MAX)).await.unwrap();
    assert!(text(&largest.json).len() > MAX / 2);

    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    for bytes in [MAX + 1, 3_000_000] {
        assert_eq!(web.post(padded(bytes), &[]).await.status, 413, "{bytes}");
    }
    let largest = answer(web.post(padded(MAX), &[]).await, &json!(5)).await;
    assert!(text(&largest).len() > MAX / 2);
    // Without a length in the head, byte by byte.
    let chunk = format!("{:x}\r\n{}\r\n", 1000, " ".repeat(1000));
    let request = format!(
        "POST /mcp HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\nMcp-Session-Id: {}\r\n\
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n\
         {}0\r\n\r\n",
        door.address(),
        door.token,
        web.session().unwrap(),
        chunk.repeat(20),
    );
    let told = String::from_utf8(web.raw(request.as_bytes()).await).unwrap();
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    assert_eq!(rig.ledger().calls_of("echo").len(), 2);
}

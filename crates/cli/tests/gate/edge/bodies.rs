//! What a message must be: JSON that reads one way, JSON-RPC, not too long.

use serde_json::{Value, json};

use crate::rig::{Era, assert_denied};
use crate::rig::{GUARDED, Rig, answer, assert_error, call_text, settle, text};

/// Texts, the code of their refusal, and the id under which it comes.
fn bad() -> Vec<(Vec<u8>, i64, Option<i64>)> {
    let mut all: Vec<(Vec<u8>, i64, Option<i64>)> = Vec::new();
    let mut add = |texts: &[&str], code: i64, id: Option<i64>| {
        all.extend(texts.iter().map(|text| (text.as_bytes().to_vec(), code, id)));
    };
    // No JSON.
    add(
        &[
            "{",
            "}",
            "x",
            "nul",
            "'ping'",
            "{'id':1}",
            r#"{"id":1,}"#,
            r#"{"id":01}"#,
            r#"{"id":+1}"#,
            r#"{"id":.5}"#,
            r#"{"id":0x1}"#,
            r#"{"id":NaN}"#,
            r#"{"id":Infinity}"#,
            r#"{"id":"\x"}"#,
            r#"{"id":"\u12"}"#,
            "{\"id\":\"\t\"}",
            r#"{"id":1}}"#,
            "{} {}",
            r#"{"jsonrpc":"2.0","id":7,"method":"ping"} x"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping"}{"jsonrpc":"2.0","id":8,"method":"ping"}"#,
            "\u{feff}{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"ping\"}",
            "/**/{}",
            "{}//",
        ],
        -32700,
        None,
    );
    // No message.
    add(&["5", "null", "true", r#""ping""#, "{}", r#"{"id":7}"#], -32600, None);
    add(
        &[
            r#"{"id":7,"method":"ping"}"#,
            r#"{"jsonrpc":"1.0","id":7,"method":"ping"}"#,
            r#"{"jsonrpc":2.0,"id":7,"method":"ping"}"#,
            r#"{"jsonrpc":null,"id":7,"method":"ping"}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":""}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":7}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":null}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":["tools/call"]}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","x":1}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":{"b":1,"b":2}}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\ud800"}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"a":"\udc00\ud800"}}"#,
        ],
        -32600,
        Some(7),
    );
    // An id that nobody could be answered under.
    for id in [
        "null",
        "1.5",
        "1.0",
        "1e2",
        "-0",
        "9007199254740992",
        "1e400",
        "{}",
        "[]",
        "[1]",
        "true",
        r#""\ud800""#,
    ] {
        let line = format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"ping"}}"#);
        add(&[&line], -32600, None);
    }
    // Both an answer and a question, or half of one.
    add(
        &[
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","result":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"result":{},"error":{"code":1,"message":""}}"#,
            r#"{"jsonrpc":"2.0","id":7,"error":"no"}"#,
            r#"{"jsonrpc":"2.0","result":{}}"#,
        ],
        -32600,
        None,
    );
    add(
        &[
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":[]}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":"x"}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":null}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":[]}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":null}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"ping","params":{"_meta":{"progressToken":1.5}}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":7}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":""}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo\u0000"}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"echo\n"}}"#,
            r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":["echo"]}}"#,
        ],
        -32602,
        Some(7),
    );
    let deep = |depth: usize| {
        let (open, close) = ("[".repeat(depth), "]".repeat(depth));
        format!(r#"{{"jsonrpc":"2.0","id":7,"method":"ping","params":{{"a":{open}{close}}}}}"#)
    };
    for depth in [63, 1000, 100_000] {
        add(&[&deep(depth)], -32600, None);
    }
    all.push((b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"p\xffng\"}".to_vec(), -32700, None));
    all.push((b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xc0\xae\"}".to_vec(), -32700, None));
    all.push((
        b"{\"jsonrpc\":\"2.0\",\"id\":7,\"method\":\"\xed\xa0\x80\"}".to_vec(),
        -32700,
        None,
    ));
    let wide: Vec<u8> = r#"{"jsonrpc":"2.0","id":7,"method":"ping"}"#
        .encode_utf16()
        .flat_map(u16::to_be_bytes)
        .collect();
    all.push((wide, -32700, None));
    all
}

#[track_caller]
fn check(told: &Value, text: &[u8], code: i64, id: Option<i64>) {
    let text = String::from_utf8_lossy(&text[..text.len().min(200)]);
    assert_eq!(told["error"]["code"], code, "{text}: {told}");
    // Whoever waits hears it under its id, and nobody hears `null`.
    assert_eq!(told.get("id"), id.map(Value::from).as_ref(), "{text}: {told}");
}

#[tokio::test]
async fn what_is_no_message_is_refused_over_http() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    let before = rig.ledger().entries().len();
    for (text, code, id) in bad() {
        let reply = web.post(text.clone(), &[]).await;
        assert_eq!(reply.status, 400, "{}", String::from_utf8_lossy(&text));
        check(&reply.json().await, &text, code, id);
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
    for (text, code, id) in bad() {
        pipe.send_line(&text).await.unwrap();
        let told = pipe.next_message().await.unwrap().json;
        check(&told, &text, code, id);
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
         Content-Type: application/json\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n{}0\r\n\r\n",
        door.address(),
        door.token,
        web.session().unwrap(),
        chunk.repeat(20),
    );
    let told = String::from_utf8(web.raw(request.as_bytes()).await).unwrap();
    assert!(told.starts_with("HTTP/1.1 413 "), "{told}");
    assert_eq!(rig.ledger().calls_of("echo").len(), 2);
}

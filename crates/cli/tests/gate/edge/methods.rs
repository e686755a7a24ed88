//! What may pass: the methods of the table, each in its form and from its side.

use serde_json::{Value, json};
use toolgate_testkit::{Entry, modern_params, request};

use crate::rig::{
    Back, Client, Era, GUARDED, Rig, answer, assert_error, call_text, modern_headers, settle,
    shake, text, ways,
};

const UNKNOWN: [&str; 14] = [
    "tools/Call",
    "TOOLS/CALL",
    "tools/call ",
    "tools//call",
    "tools/call/x",
    "/tools/call",
    "tools.call",
    "tools\u{2215}call",
    "x/y",
    "rpc.discover",
    "sampling/createMessage",
    "elicitation/create",
    "roots/list",
    "notifications/initialized",
];

#[tokio::test]
async fn an_unknown_method_goes_nowhere() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for method in UNKNOWN {
        let answer = pipe.request(method, json!({"name": "nonce"})).await;
        assert_error(&answer, -32601);
        // Nobody is answered where nobody asked.
        pipe.notify(method, json!({"name": "nonce"})).await;
    }
    settle(&pipe).await;
    let methods: Vec<_> = rig
        .ledger()
        .entries()
        .into_iter()
        .map(|entry| entry.json.unwrap()["method"].clone())
        .collect();
    assert_eq!(methods, ["notifications/initialized", "tools/call"]);

    let door = rig.door().await;
    let web = door.web();
    shake(&web).await;
    let before = rig.ledger().entries().len();
    for method in UNKNOWN {
        assert_error(&web.request(method, json!({"name": "nonce"})).await, -32601);
    }
    assert_eq!(rig.ledger().entries().len(), before);
}

/// MCP 2026-07-28: the body tells this 404 from a missing endpoint.
#[tokio::test]
async fn an_unknown_method_is_a_404_to_a_modern_client() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    for method in UNKNOWN.into_iter().filter(|method| method.is_ascii() && !method.ends_with(' ')) {
        let body = request(&json!(7), method, &modern_params(&Value::Null, &json!({})));
        let headers = [("mcp-protocol-version", "2026-07-28"), ("mcp-method", method)];
        let reply = door.web().post(body, &headers).await;
        assert_eq!(reply.status, 404, "{method}");
        let told = answer(reply, &json!(7)).await;
        assert_error(&told, -32601);
        assert_eq!(told["id"], 7);
    }
    let entries = rig.ledger().entries();
    assert!(entries.is_empty(), "{entries:?}");
}

/// Servers there are that run it: nobody is told whether it was allowed, so it never is.
#[tokio::test]
async fn a_call_without_an_id_goes_nowhere() {
    let calls = [
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"nonce","arguments":{}}}"#,
        r#"{"jsonrpc":"2.0","id":null,"method":"tools/call","params":{"name":"nonce"}}"#,
        r#"{"jsonrpc":"2.0","method":"tools/call","params":{"name":"delete_customer"}}"#,
    ];
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for call in calls {
        pipe.send_line(call).await.unwrap();
        let told = pipe.next_message().await.unwrap().json;
        assert_error(&told, -32600);
        assert!(told.get("id").is_none());
    }
    settle(&pipe).await;
    assert_eq!(rig.ledger().entries().len(), 1);
    let door = rig.door().await;
    let web = door.web();
    web.open().await;
    for call in calls {
        assert_eq!(web.post(call, &[]).await.status, 400);
    }
    assert_eq!(rig.ledger().calls().len(), 1);

    let naive = Rig::new(GUARDED);
    let pipe = naive.naive(&["--limit", "nonce=1"]);
    for _ in 0..2 {
        pipe.send_line(calls[0]).await.unwrap();
    }
    assert!(pipe.close().await.success());
    assert_eq!(naive.ledger().calls_of("nonce").len(), 1, "the naive gate runs it");
}

/// A response that answers nothing could settle what another client asked for.
#[tokio::test]
async fn a_response_that_nobody_asked_for_goes_nowhere() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    pipe.open().await;
    settle(&pipe).await;
    let before = rig.ledger().entries().len();
    for line in [
        r#"{"jsonrpc":"2.0","id":"sentinel-1","result":{"action":"accept"}}"#,
        r#"{"jsonrpc":"2.0","id":1,"result":{}}"#,
        r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":"no"}}"#,
    ] {
        pipe.send_line(line).await.unwrap();
    }
    settle(&pipe).await;
    assert_eq!(rig.ledger().entries().len(), before + 1);
}

/// What a server forges: an answer to nobody, a request that only clients may make, two answers.
#[tokio::test]
async fn what_a_server_forges_goes_nowhere() {
    for way in ways().filter(|way| way.back == Back::Child) {
        let rig = Rig::new(GUARDED).sentinel(&["--forge-response", "--stderr-noise"]);
        let client = Client::start(&rig, way).await;
        for message in ["one", "two"] {
            let answer = client.call("echo", json!({"message": message})).await;
            assert_eq!(text(&answer), message);
        }
        // The server is told that there is no such method here.
        let told = |entries: &[Entry]| entries.iter().filter(|entry| is_refusal(entry)).count();
        rig.ledger().until(|entries| told(entries) == 2).await;
        let ledger = rig.ledger();
        let calls = (ledger.calls_of("echo").len(), ledger.calls_of("delete_customer").len());
        assert_eq!(calls, (2, 0), "{way:?}");
    }
    let rig = Rig::new(GUARDED).sentinel(&["--forge-response"]);
    let pipe = rig.pipe();
    assert_eq!(text(&pipe.call("twice", Value::Null).await), "first");
    settle(&pipe).await;
    let unread = pipe.unread();
    assert!(unread.is_empty(), "{unread:?}");
}

fn is_refusal(entry: &Entry) -> bool {
    entry.json.as_ref().is_some_and(|json| json["error"]["code"] == -32601)
}

/// Ids as a client may write them.
const IDS: [&str; 16] = [
    "0",
    "1",
    "-5",
    "9007199254740991",
    "-9007199254740991",
    r#""1""#,
    r#""""#,
    r#"" a b ""#,
    r#""\u0061\/b""#,
    r#""\ud83d\ude00""#,
    r#""😀""#,
    r#""é""#,
    r#""e\u0301""#,
    r#""\"\\""#,
    r#""\u2028""#,
    r#""nul\u0000""#,
];

/// Upstream an id stands as the client wrote it, and so it does in the gate's own answers.
#[tokio::test]
async fn ids_are_kept_byte_for_byte() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    for id in IDS {
        let key = serde_json::from_str(id).unwrap();
        let line = call_text(Era::Legacy, id, "nonce", "{}");
        pipe.exchange(&key, &line).await.unwrap();
        assert_eq!(rig.ledger().entries().last().unwrap().raw, line.as_bytes());
        let denied = call_text(Era::Legacy, id, "delete_customer", "{}");
        let heard = pipe.exchange(&key, denied).await.unwrap();
        let raw = String::from_utf8(heard.raw).unwrap();
        assert!(raw.starts_with(&format!(r#"{{"jsonrpc":"2.0","id":{id},"result":"#)), "{raw}");
    }
    // Over a shared server the id on the wire is another, and what comes back is the client's.
    let door = rig.door().await;
    for id in IDS {
        let line = call_text(Era::Modern, id, "nonce", r#"{"nonce":"n"}"#);
        let reply = door.web().post(line, &modern_headers("tools/call", "nonce")).await;
        let raw = String::from_utf8(reply.bytes().await).unwrap();
        assert!(raw.contains(&format!(r#""id":{id},"#)), "{id}: {raw}");
    }
}

/// The number 1 and the text "1" are two ids; the same id twice is not two requests.
#[tokio::test]
async fn an_id_in_flight_is_not_used_again() {
    let rig = Rig::new(GUARDED);
    let pipe = rig.pipe();
    let call = |id: &str, name: &str, arguments: &str| call_text(Era::Legacy, id, name, arguments);
    let (number, word) = (pipe.expect(&json!(1)).unwrap(), pipe.expect(&json!("1")).unwrap());
    pipe.send_line(call("1", "slow", r#"{"ms":60}"#)).await.unwrap();
    pipe.send_line(call(r#""1""#, "slow", r#"{"ms":61}"#)).await.unwrap();
    assert_eq!(text(&number.await.unwrap().json), "slept 60 ms");
    assert_eq!(text(&word.await.unwrap().json), "slept 61 ms");

    pipe.send_line(call("2", "silent", "{}")).await.unwrap();
    let again = pipe.exchange(&json!(2), call("2", "nonce", "{}")).await.unwrap();
    assert_error(&again.json, -32600);
    settle(&pipe).await;
    assert_eq!(rig.ledger().calls_of("nonce").len(), 1);
}

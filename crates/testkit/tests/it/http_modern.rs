//! The sentinel on HTTP in the stateless era.

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Ledger, MODERN_VERSION, Scratch, Web, modern_params, request};

use crate::{ledger_flag, text};

#[tokio::test]
async fn exchanges_need_no_session() {
    for flags in [&[][..], &["--sse"], &["--split-writes"], &["--era", "modern"]] {
        let server = Daemon::sentinel(flags).await;
        let web = Web::new(&server.url);
        assert!(web.modern_request("server/discover", Value::Null).await["result"].is_object());
        assert_eq!(text(&web.modern_call("echo", json!({"message": "hi"})).await), "hi");
        let asked = web.modern_call("ask", json!({"kind": "roots"})).await;
        assert_eq!(asked["result"]["resultType"], "input_required");
        assert_eq!(web.session(), None);
    }
}

#[tokio::test]
async fn headers_must_agree_with_the_body() {
    let scratch = Scratch::new();
    let server = Daemon::sentinel(&[&ledger_flag(&scratch)]).await;
    let web = Web::new(&server.url);
    let params =
        modern_params(&json!({"name": "region", "arguments": {"region": "eu"}}), &json!({}));
    let body = request(&json!(1), "tools/call", &params);
    let right = [
        ("mcp-protocol-version", MODERN_VERSION),
        ("mcp-method", "tools/call"),
        ("mcp-name", "=?base64?cmVnaW9u?="),
        ("mcp-param-region", "eu"),
    ];
    assert_eq!(web.post(body.clone(), &right).await.status, 200);
    for wrong in 0..right.len() {
        let mut changed = right;
        changed[wrong].1 = "other";
        let mut missing = right.to_vec();
        missing.remove(wrong);
        let mut doubled = right.to_vec();
        doubled.push(right[wrong]);
        for headers in [changed.to_vec(), missing, doubled] {
            let reply = web.post(body.clone(), &headers).await;
            assert_eq!(reply.status, 400, "{headers:?}");
            assert_eq!(reply.json().await["error"]["code"], -32020, "{headers:?}");
        }
    }
    let entries = Ledger::new(scratch.ledger()).entries();
    let http = entries[0].http.as_ref().unwrap();
    assert_eq!(http.header("mcp-name"), Some("=?base64?cmVnaW9u?="));
}

#[tokio::test]
async fn errors_have_the_status_of_their_code() {
    let server = Daemon::sentinel(&["--era", "modern"]).await;
    let web = Web::new(&server.url);
    let status = async |method: &str, params: Value| {
        let reply = web.modern_post(&json!(1), method, &params).await;
        (reply.status, reply.json().await["error"]["code"].clone())
    };
    assert_eq!(status("no/such", Value::Null).await, (404, json!(-32601)));
    assert_eq!(status("tools/call", json!({"name": "missing"})).await, (400, json!(-32602)));
    assert_eq!(status("tools/call", json!({"name": "rpc_error"})).await, (200, json!(-32603)));
    assert_eq!(
        web.post(r#"{"id":1,"method":"tools/list"}"#, &[]).await.json().await["error"]["code"],
        -32602
    );
    assert_eq!(web.get(None).await.status, 404, "no session is known");
    let plain = [("accept", "application/json")];
    assert_eq!(web.post("{}", &plain).await.status, 406);
    assert_eq!(web.post("{}", &[("content-type", "text/plain")]).await.status, 415);
}

#[tokio::test]
async fn closing_the_stream_cancels_and_is_recorded() {
    for flags in [&[][..], &["--sse"]] {
        let scratch = Scratch::new();
        let ledger = ledger_flag(&scratch);
        let server = Daemon::sentinel(&[flags, &[ledger.as_str()]].concat()).await;
        let web = Web::new(&server.url);
        let id = json!("left");
        let params = json!({"name": "silent"});
        let leaving = web.modern_post(&id, "tools/call", &params);
        let ledger = Ledger::new(scratch.ledger());
        tokio::select! {
            reply = leaving => drop(reply),
            _ = ledger.until(|entries| !entries.is_empty()) => {}
        }
        let entries =
            ledger.until(|entries| entries.iter().any(|entry| entry.event.is_some())).await;
        assert_eq!(entries.last().unwrap().event.as_deref(), Some("abandoned"));
    }
}

#[tokio::test]
async fn subscriptions_hear_of_changes() {
    let server = Daemon::sentinel(&[]).await;
    let web = Web::new(&server.url);
    let id = json!("sub");
    let params = json!({"notifications": {"toolsListChanged": true, "promptsListChanged": true}});
    let mut events = web.modern_post(&id, "subscriptions/listen", &params).await.events();
    let acknowledged: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
    assert_eq!(acknowledged["params"]["notifications"], json!({"toolsListChanged": true}));
    web.modern_call("redefine", json!({"name": "echo", "description": "new"})).await;
    let event = events.next().await.unwrap();
    assert_eq!(event.id, None, "modern streams cannot be resumed");
    let changed: Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(changed["method"], "notifications/tools/list_changed");
    assert_eq!(changed["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"], "sub");
}

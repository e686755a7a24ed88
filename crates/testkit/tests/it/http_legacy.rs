//! The sentinel on HTTP in the handshake era.

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Ledger, Scratch, Web};

use crate::{ledger_flag, text};

#[tokio::test]
async fn sessions_begin_are_required_and_end() {
    let server = Daemon::sentinel(&[]).await;
    let web = Web::new(&server.url);
    assert_eq!(web.post(r#"{"id":1,"method":"tools/list"}"#, &[]).await.status, 400);
    let foreign = [("mcp-session-id", "nobody's")];
    assert_eq!(web.post(r#"{"id":1,"method":"tools/list"}"#, &foreign).await.status, 404);
    web.open().await;
    assert!(web.session().is_some());
    assert_eq!(text(&web.call("echo", json!({"message": "hi"})).await), "hi");
    let wrong = [("mcp-protocol-version", "1999-01-01")];
    assert_eq!(web.post(r#"{"id":1,"method":"ping"}"#, &wrong).await.status, 400);
    assert_eq!(web.delete().await, 200);
    assert_eq!(web.post(r#"{"id":1,"method":"ping"}"#, &[]).await.status, 404);
}

#[tokio::test]
async fn sessionless_servers_give_out_no_ids() {
    let server = Daemon::sentinel(&["--sessionless"]).await;
    let web = Web::new(&server.url);
    web.open().await;
    assert_eq!(web.session(), None);
    assert_eq!(text(&web.call("echo", json!({"message": "hi"})).await), "hi");
}

#[tokio::test]
async fn ledger_holds_the_request_as_it_came() {
    let scratch = Scratch::new();
    let server = Daemon::sentinel(&[&ledger_flag(&scratch)]).await;
    let web = Web::new(&server.url).with_header("authorization", "Bearer t0ken");
    web.open().await;
    let body = b"{\"id\":1, \"method\":\"tools/call\",\"params\":{\"name\":\"refund\",\"x\":\"\xc3\x28\"}}";
    assert_eq!(web.post(body.as_slice(), &[("x-own", "yes")]).await.status, 400);
    let entries = Ledger::new(scratch.ledger()).entries();
    let entry = entries.last().unwrap();
    assert_eq!(entry.raw, body);
    assert!(entry.json.is_none());
    let http = entry.http.as_ref().unwrap();
    assert_eq!((http.method.as_str(), http.path.as_str()), ("POST", "/mcp"));
    assert_eq!(http.header("authorization"), Some("Bearer t0ken"));
    assert_eq!(http.header("x-own"), Some("yes"));
    assert_eq!(http.header("mcp-session-id"), web.session().as_deref());
}

#[tokio::test]
async fn answers_by_events_resume_where_they_broke() {
    for flags in [&["--sse"][..], &["--sse", "--drop-sse-after-events", "1", "--split-writes"]] {
        let scratch = Scratch::new();
        let ledger = ledger_flag(&scratch);
        let server = Daemon::sentinel(&[flags, &[ledger.as_str()]].concat()).await;
        let web = Web::new(&server.url);
        web.open().await;
        let params =
            json!({"name": "progress", "arguments": {"steps": 3}, "_meta": {"progressToken": 9}});
        assert_eq!(text(&web.request("tools/call", params).await), "took 3 steps");
        let progress: Vec<_> =
            web.unread().iter().map(|notice| notice["params"]["progress"].clone()).collect();
        assert_eq!(progress, [1, 2, 3]);
        let resumed = Ledger::new(scratch.ledger())
            .entries()
            .iter()
            .filter(|entry| {
                entry.http.as_ref().is_some_and(|http| http.header("last-event-id").is_some())
            })
            .count();
        // No version is agreed on during the handshake, so its answer cannot be primed.
        assert_eq!(resumed, usize::from(flags.len() > 1));
    }
}

#[tokio::test]
async fn server_asks_on_the_answers_stream() {
    let server = Daemon::sentinel(&[]).await;
    let web = Web::new(&server.url);
    web.open().await;
    let asking = web.call("ask", json!({"kind": "elicitation"}));
    let answering = async {
        let request = web.next_message().await;
        assert_eq!(request["method"], "elicitation/create");
        assert_eq!(web.reply(&request, json!({"action": "decline"})).await, 202);
    };
    let (response, ()) = tokio::join!(asking, answering);
    assert_eq!(text(&response), r#"the client said {"action":"decline"}"#);
}

#[tokio::test]
async fn changes_are_told_on_the_sessions_stream() {
    let server = Daemon::sentinel(&[]).await;
    let web = Web::new(&server.url);
    web.open().await;
    let mut events = web.get(None).await.events();
    web.call("redefine", json!({"name": "echo", "description": "new"})).await;
    let event = events.next().await.unwrap();
    let message: Value = serde_json::from_str(&event.data).unwrap();
    assert_eq!(message["method"], "notifications/tools/list_changed");
    assert_eq!(web.delete().await, 200);
    assert_eq!(events.next().await, None);
}

#[tokio::test]
async fn statuses_redirects_and_tokens_are_played() {
    let server = Daemon::sentinel(&["--http-status", "503:tools/call"]).await;
    let web = Web::new(&server.url);
    web.open().await;
    assert_eq!(web.post(r#"{"id":1,"method":"tools/call"}"#, &[]).await.status, 503);

    let server = Daemon::sentinel(&["--redirect", "http://127.0.0.1:1/elsewhere"]).await;
    let reply = Web::new(&server.url).post("{}", &[]).await;
    assert_eq!(
        (reply.status, reply.header("location")),
        (307, Some("http://127.0.0.1:1/elsewhere"))
    );

    let server = Daemon::sentinel(&["--require-header", "authorization=Bearer x"]).await;
    assert_eq!(Web::new(&server.url).post("{}", &[]).await.status, 401);
    let web = Web::new(&server.url).with_header("authorization", "Bearer x");
    assert!(web.open().await["result"].is_object());
}

#[tokio::test]
async fn raw_bytes_reach_the_server_as_they_are() {
    let server = Daemon::sentinel(&[]).await;
    let answer = Web::new(&server.url)
        .raw(b"POST /mcp HTTP/1.1\r\nhost: x\r\ncontent-length: 3\r\ncontent-length: 4\r\nconnection: close\r\n\r\n{}  ")
        .await;
    assert!(answer.starts_with(b"HTTP/1.1 400"), "{}", String::from_utf8_lossy(&answer));
}

#[tokio::test]
async fn first_transport_posts_to_one_path_and_hears_on_another() {
    let server = Daemon::sentinel(&[]).await;
    let origin = server.url.trim_end_matches("/mcp");
    let mut events = Web::new(format!("{origin}/sse")).get(None).await.events();
    let endpoint = events.next().await.unwrap();
    assert_eq!(endpoint.event.as_deref(), Some("endpoint"));
    let web = Web::new(format!("{origin}{}", endpoint.data));
    for (id, method) in [(1, "initialize"), (2, "ping")] {
        let body = json!({"id": id, "method": method, "params": {"protocolVersion": "2024-11-05"}});
        assert_eq!(web.post(body.to_string(), &[]).await.status, 202);
        let answer: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
        assert_eq!(answer["id"], id);
        assert!(answer["result"].is_object());
    }
    let nowhere = Web::new(format!("{origin}/messages?sessionId=nobody"));
    assert_eq!(nowhere.post("{}", &[]).await.status, 404);
}

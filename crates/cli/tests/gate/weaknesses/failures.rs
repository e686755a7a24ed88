//! A server over HTTP that is down, fails or writes strangely: the client always hears an answer.

use serde_json::{Value, json};
use toolgate_testkit::{Pipe, Web};

use crate::rig::{Door, GUARDED, Rig, answer, assert_error, call_text, text};
use crate::rig::{Era, decision};
use crate::scripted::{Scripted, cut, event, json as json_body, response};

/// A call of a legacy client with this id, through a gate before this server. Over standard
/// output the answer is one line.
async fn called(rig: &Rig, url: &str) -> Value {
    let pipe = Pipe::spawn(rig.before_url(url));
    let line = call_text(Era::Legacy, "1", "nothing", "{}");
    let heard = pipe.exchange(&json!(1), line).await.unwrap();
    assert!(pipe.unread().is_empty(), "{:?}", pipe.unread());
    heard.json
}

/// The same over HTTP, by a modern client: no handshake is in the way.
async fn called_over_http(rig: &Rig, url: &str) -> (u16, Value) {
    let door = Door::open(rig.before_url(url)).await;
    let reply = door.web().modern_post(&json!(1), "tools/call", &json!({"name": "nothing"})).await;
    (reply.status, answer(reply, &json!(1)).await)
}

#[tokio::test]
async fn a_server_that_is_down_is_an_error_under_the_requests_id() {
    let rig = Rig::new(GUARDED);
    let mut upstream = rig.upstream().await;
    let url = upstream.url.clone();
    let pipe = Pipe::spawn(rig.before_url(&url));
    pipe.open().await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "up"})).await), "up");
    upstream.kill().await;
    for method in ["tools/call", "tools/list", "ping", "resources/list"] {
        let answer = pipe.request(method, json!({"name": "nothing"})).await;
        assert_error(&answer, 50200);
    }
    assert_error(&called(&rig, &url).await, 50200);
    let (_, answer) = called_over_http(&rig, &url).await;
    assert_error(&answer, 50200);
    let door = Door::open(rig.before_url(&url)).await;
    assert_error(&door.web().initialize().await, 50200);
}

#[tokio::test]
async fn the_naive_gate_answers_nothing_when_the_server_is_down() {
    let rig = Rig::new(GUARDED);
    let (gate, mut upstream) = rig.naive_http(&[]).await;
    upstream.kill().await;
    let reply = Web::new(&gate.url).post(call_text(Era::Legacy, "1", "nothing", "{}"), &[]).await;
    assert!(reply.bytes().await.is_empty());
}

#[tokio::test]
async fn a_server_that_comes_back_is_used_again() {
    let rig = Rig::new(GUARDED);
    let fine = || json_body(br#"{"jsonrpc":"2.0","id":1,"result":{"content":[]}}"#);
    let broken = response("502 Bad Gateway", "text/html", b"<html>");
    let upstream = Scripted::start(vec![fine(), broken, fine()]).await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    let line = || call_text(Era::Legacy, "1", "nothing", "{}");
    for works in [true, false, true] {
        let heard = pipe.exchange(&json!(1), line()).await.unwrap().json;
        assert_eq!(heard["result"].is_object(), works, "{heard}");
    }
}

#[tokio::test]
async fn a_status_without_a_message_is_an_error_under_the_requests_id() {
    for status in ["500", "503", "401", "403", "404", "429", "204", "202"] {
        for flag in [status.to_owned(), format!("{status}:tools/call")] {
            let rig = Rig::new(GUARDED).sentinel(&["--http-status", &flag]);
            let upstream = rig.upstream().await;
            let heard = called(&rig, &upstream.url).await;
            assert_error(&heard, 50200);
            assert!(heard["error"]["message"].as_str().unwrap().contains(status), "{heard}");
            let (_, heard) = called_over_http(&rig, &upstream.url).await;
            assert_error(&heard, 50200);
        }
    }
}

/// Redirects could carry secrets elsewhere.
#[tokio::test]
async fn a_redirect_is_not_followed() {
    let elsewhere = Rig::new(GUARDED);
    let other = elsewhere.upstream().await;
    let rig = Rig::new(GUARDED).sentinel(&["--redirect", &other.url]);
    let upstream = rig.upstream().await;
    assert_error(&called(&rig, &upstream.url).await, 50200);
    assert_eq!(rig.ledger().calls().len(), 1);
    assert!(elsewhere.ledger().entries().is_empty());
}

/// Bodies that hold no answer to the request.
fn no_answers() -> Vec<(&'static str, Vec<u8>)> {
    let fine = br#"{"jsonrpc":"2.0","id":1,"result":{}}"#;
    vec![
        ("a page", response("200 OK", "text/html", b"<html>it works</html>")),
        ("a page that claims to be JSON", json_body("<html>it works</html>")),
        ("nothing", json_body("")),
        ("nothing of no kind", response("200 OK", "text/plain", b"")),
        ("no object", json_body("[]")),
        ("another id", json_body(r#"{"jsonrpc":"2.0","id":2,"result":{}}"#)),
        ("the id as a text", json_body(r#"{"jsonrpc":"2.0","id":"1","result":{}}"#)),
        ("a request", json_body(r#"{"jsonrpc":"2.0","id":1,"method":"tools/call"}"#)),
        ("half of it", json_body(&fine[..20])),
        ("the connection cut", cut("200 OK", "application/json", fine, 4000)),
        ("two of them", json_body([&fine[..], &fine[..]].concat())),
        ("bad UTF-8", json_body(b"{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"x\":\"\xff\"}}")),
        ("no events", response("200 OK", "text/event-stream", b"")),
        ("an event that is no message", event("hello")),
        ("an event of another id", event(r#"{"jsonrpc":"2.0","id":7,"result":{}}"#)),
        ("an event cut off", cut("200 OK", "text/event-stream", b"data: {\"jsonrpc\":", 4000)),
        ("no HTTP", b"SSH-2.0-OpenSSH_9.9\r\n".to_vec()),
        ("silence", Vec::new()),
    ]
}

#[tokio::test]
async fn a_body_without_the_answer_is_an_error_under_the_requests_id() {
    for (what, body) in no_answers() {
        let rig = Rig::new(GUARDED);
        let upstream = Scripted::start(vec![body.clone()]).await;
        let heard = called(&rig, &upstream.url).await;
        assert_eq!(heard["error"]["code"], 50200, "{what}: {heard}");
        let upstream = Scripted::start(vec![body]).await;
        let (_, heard) = called_over_http(&rig, &upstream.url).await;
        assert_eq!(heard["error"]["code"], 50200, "{what}: {heard}");
        let log = rig.log();
        let outcomes = log.iter().filter(|entry| entry["kind"] == "closed");
        assert!(outcomes.clone().all(|entry| entry["outcome"] != "answered"), "{what}: {log:?}");
    }
}

/// An error of the server that names no request is meant for the only one there is.
#[tokio::test]
async fn an_error_without_an_id_comes_under_the_requests_id() {
    for id in [r#","id":null"#, ""] {
        let body = format!(r#"{{"jsonrpc":"2.0","error":{{"code":-32000,"message":"No"}}{id}}}"#);
        let rig = Rig::new(GUARDED);
        let answer = || response("400 Bad Request", "application/json", body.as_bytes());
        let upstream = Scripted::start(vec![answer(), answer()]).await;
        assert_error(&called(&rig, &upstream.url).await, -32000);
        let (status, heard) = called_over_http(&rig, &upstream.url).await;
        assert_error(&heard, -32000);
        assert_eq!(status, 400);
    }
}

/// Over standard output a message is one line, however the server wrote it.
#[tokio::test]
async fn pretty_printed_answers_come_as_one_line() {
    let pretty = [
        "{",
        "  \"jsonrpc\": \"2.0\",\r",
        "  \"id\": 1,",
        "  \"result\": {\"content\": [",
        "    {\"type\": \"text\",\n \"text\": \"a\\nb\"}\n]",
        "  }",
        "}",
    ]
    .join("\n");
    let list = [
        "{\n \"jsonrpc\": \"2.0\",\n \"id\": 1,",
        " \"result\": {\"tools\": [",
        "   {\"name\": \"echo\"},",
        "   {\"name\": \"refund\"}",
        " ]}\n}",
    ]
    .join("\n");
    let hiding = GUARDED.replace("tools:", "hide: refund\ntools:");
    for (method, text, policy) in [
        ("tools/call", &pretty, GUARDED),
        ("tools/list", &list, GUARDED),
        ("tools/list", &list, &hiding),
    ] {
        for body in [json_body(text), event(text), event(&text.replace('\r', ""))] {
            let rig = Rig::new(policy);
            let upstream = Scripted::start(vec![body]).await;
            let pipe = Pipe::spawn(rig.before_url(&upstream.url));
            let line = json!({"jsonrpc": "2.0", "id": 1, "method": method,
                              "params": {"name": "nothing"}});
            let answer = pipe.expect(&json!(1)).unwrap();
            pipe.send_line(line.to_string()).await.unwrap();
            let heard = tokio::select! {
                heard = answer => heard.unwrap().json,
                part = pipe.next_message() => panic!("a line that is no answer: {part:?}"),
            };
            let found = &heard["result"];
            let content = json!([{"type": "text", "text": "a\nb"}]);
            assert!(found["content"] == content || found["tools"][0]["name"] == "echo", "{heard}");
            assert!(pipe.unread().is_empty());
        }
    }
}

/// The same for what a server says on the way to its answer.
#[tokio::test]
async fn pretty_printed_notifications_come_as_one_line() {
    let note = "data: {\ndata:  \"jsonrpc\": \"2.0\",\ndata: \"method\": \"notifications/message\",\
                \ndata: \"params\": {\ndata: \"level\": \"info\", \"data\": \"x\"}}\n\n";
    let fine = "data: {\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{}}\n\n";
    let rig = Rig::new(GUARDED);
    let body = response("200 OK", "text/event-stream", [note, fine].concat().as_bytes());
    let upstream = Scripted::start(vec![body]).await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    let line = call_text(Era::Legacy, "1", "nothing", "{}");
    assert_eq!(pipe.exchange(&json!(1), line).await.unwrap().json["result"], json!({}));
    let unread = pipe.unread();
    assert_eq!(unread.len(), 1, "{unread:?}");
    assert_eq!(unread[0].json["params"]["data"], "x");
}

#[tokio::test]
async fn big_results_by_events_arrive_whole() {
    const BYTES: usize = 1_500_000;
    let rig = Rig::new(GUARDED).sentinel(&["--sse"]);
    let upstream = rig.upstream().await;
    let big = json!({"bytes": BYTES});
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    pipe.open().await;
    assert_eq!(text(&pipe.call("big", big.clone()).await).len(), BYTES);
    assert_eq!(text(&pipe.modern_call("big", big.clone()).await).len(), BYTES);
    let door = Door::open(rig.before_url(&upstream.url)).await;
    let web = door.web();
    web.open().await;
    assert_eq!(text(&web.call("big", big.clone()).await).len(), BYTES);
    assert_eq!(text(&web.modern_call("big", big).await).len(), BYTES);
}

/// However the events are cut on the way.
#[tokio::test]
async fn results_in_small_pieces_arrive_whole() {
    for flags in [&["--sse", "--split-writes"][..], &["--split-writes"]] {
        let rig = Rig::new(GUARDED).sentinel(flags);
        let upstream = rig.upstream().await;
        let pipe = Pipe::spawn(rig.before_url(&upstream.url));
        pipe.open().await;
        assert_eq!(text(&pipe.call("big", json!({"bytes": 9000})).await).len(), 9000);
        let pipe = rig.pipe();
        if flags.len() == 1 {
            assert_eq!(text(&pipe.call("big", json!({"bytes": 9000})).await).len(), 9000);
        }
    }
}

/// A stream that breaks before its answer is taken up again where the server can.
#[tokio::test]
async fn a_broken_stream_is_taken_up_again() {
    let rig = Rig::new(GUARDED).sentinel(&["--sse", "--drop-sse-after-events", "1"]);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    pipe.open().await;
    for message in ["one", "two"] {
        assert_eq!(text(&pipe.call("echo", json!({"message": message})).await), message);
    }
    assert_eq!(rig.ledger().calls().len(), 2);
}

/// Slow calls do not hold up others, and what the server asks in between is heard.
#[tokio::test]
async fn calls_are_not_served_one_by_one() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    pipe.open().await;
    let silent = pipe.expect(&json!("s")).unwrap();
    let line = call_text(Era::Legacy, r#""s""#, "silent", "{}");
    pipe.send_line(line).await.unwrap();
    rig.ledger().until(|entries| entries.iter().any(|entry| entry.raw.ends_with(b"}}"))).await;
    assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
    drop(silent);
}

/// A denial is the answer to its request, on the connection that the client reads.
#[tokio::test]
async fn a_client_of_events_sees_its_denial() {
    for flags in [&[][..], &["--sse"]] {
        let rig = Rig::new(GUARDED).sentinel(flags);
        let upstream = rig.upstream().await;
        let door = Door::open(rig.before_url(&upstream.url)).await;
        let web: Web = door.web();
        web.open().await;
        let stream = web.get(None).await;
        assert_eq!(stream.status, 200);
        let denied = web.call("refund", json!({"charge": "c"})).await;
        assert_eq!(decision(&denied)["code"], "default_deny");
        // The same for a client that takes events and nothing else.
        let only_events = [("accept", "text/event-stream")];
        let body = call_text(Era::Legacy, "9", "refund", "{}");
        let reply = web.post(body, &only_events).await;
        assert_eq!(reply.status, 200);
        assert_eq!(decision(&answer(reply, &json!(9)).await)["effect"], "deny");
        assert!(rig.ledger().calls().is_empty());
    }
}

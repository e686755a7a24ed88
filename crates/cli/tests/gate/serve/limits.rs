//! What is over a bound hears so, and disturbs nobody else.

use std::time::Duration;

use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use toolgate_testkit::{Entry, GUARD, Issuer};

use super::jwt;
use crate::rig::{GUARDED, Rig, Serving, hello, text};

async fn with_limits(limits: Value) -> Serving {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    Serving::start_with(rig, json!({"servers": servers, "limits": limits})).await
}

/// A server that never answers holds nobody up: the client hears it, the record says it, and the
/// session goes on.
#[tokio::test]
async fn a_call_that_a_server_never_answers_is_answered_in_time() {
    let serving = with_limits(json!({"request_timeout": "300ms"})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    let late = web.call("silent", json!({})).await;
    assert_eq!(late["error"]["code"], 50400, "{late}");
    assert_eq!(text(&web.call("echo", json!({"message": "on"})).await), "on");
    let modern = web.modern_call("silent", json!({})).await;
    assert_eq!(modern["error"]["code"], 50400, "{modern}");
    let sample = r#"toolgate_upstream_calls_total{server="a",outcome="timed_out"}"#;
    assert_eq!(serving.metric(sample).await.as_deref(), Some("2"));
    // An outcome rides on the next commit.
    let recorded = async {
        let late = |log: Vec<Value>| log.iter().filter(|e| e["outcome"] == "timed_out").count();
        while late(serving.rig.log()) != 2 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, recorded).await.unwrap();
}

/// MCP 2025-11-25, cancellation: to hang up is not to take back; a notice is.
#[tokio::test]
async fn a_server_hears_that_a_legacy_call_is_not_waited_for_any_longer() {
    for transport in ["http", "sse"] {
        let rig = Rig::new(GUARDED);
        let upstream = rig.upstream().await;
        let path = if transport == "sse" { "/sse" } else { "/mcp" };
        let url = upstream.url.replace("/mcp", path);
        let servers = json!({"a": {"url": url, "transport": transport}});
        let limits = json!({"request_timeout": "300ms"});
        let serving = Serving::start_with(rig, json!({"servers": servers, "limits": limits})).await;
        let web = serving.web("a", &serving.grant("ann", &["a"]));
        web.open().await;
        let late = web.call("silent", json!({})).await;
        assert_eq!(late["error"]["code"], 50400, "{transport}: {late}");
        let is_notice = |json: &Value| json["method"] == "notifications/cancelled";
        let notices = |entries: &[Entry]| {
            let all = entries.iter().filter_map(|entry| entry.json.clone());
            all.filter(is_notice).collect::<Vec<_>>()
        };
        let ledger = serving.rig.ledger();
        let heard = ledger.until(|entries| !notices(entries).is_empty()).await;
        let asked = ledger.entries().into_iter().filter_map(|entry| entry.json);
        let asked: Vec<Value> = asked.filter(|json| json["params"]["name"] == "silent").collect();
        assert_eq!(notices(&heard)[0]["params"]["requestId"], asked[0]["id"], "{transport}");
        assert_eq!(text(&web.call("echo", json!({"message": "on"})).await), "on");
        assert_eq!(notices(&ledger.entries()).len(), 1, "{transport}");
    }
}

#[tokio::test]
async fn requests_over_a_grants_share_come_back_later() {
    let serving = with_limits(json!({"in_flight_per_grant": 1, "request_timeout": "20s"})).await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let web = serving.web("a", &ann);
    web.open().await;
    let waiting = web.call("silent", json!({}));
    let others = async {
        while serving.metric("toolgate_in_flight").await.as_deref() != Some("1") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let full = web.post(r#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#, &[]).await;
        assert_eq!(full.status, 429);
        assert!(full.header("retry-after").is_some());
        // Another grant has its own.
        serving.web("a", &bob).open().await;
    };
    tokio::select! {
        answer = waiting => panic!("{answer}"),
        () = others => {}
    }
}

#[tokio::test]
async fn sessions_are_bounded_per_grant_and_in_all() {
    let serving = with_limits(json!({"sessions": 3, "sessions_per_grant": 2})).await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let first = serving.web("a", &ann);
    first.open().await;
    assert_eq!(serving.web("a", &ann).post(hello(), &[]).await.status, 200);
    let own = serving.web("a", &ann).post(hello(), &[]).await;
    assert_eq!((own.status, own.header("retry-after").is_some()), (429, true));
    assert_eq!(serving.web("a", &bob).post(hello(), &[]).await.status, 200);
    let all = serving.web("a", &bob).post(hello(), &[]).await;
    assert_eq!((all.status, all.header("retry-after").is_some()), (503, true));
    // Whoever is in, stays in; whoever leaves makes room.
    assert_eq!(text(&first.call("echo", json!({"message": "in"})).await), "in");
    assert_eq!(first.delete().await, 200);
    let again = async {
        while serving.web("a", &ann).post(hello(), &[]).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, again).await.unwrap();
}

/// A grant that an issuer gives to many is nobody's to use up.
#[tokio::test]
async fn one_principal_does_not_use_up_the_grant_that_others_have_too() {
    let issuer = Issuer::start().await;
    let limits = json!({"in_flight_per_principal": 1, "sessions_per_principal": 2});
    let serving = jwt::serving_with(&issuer, json!({"limits": limits})).await;
    let [ann, eve] = ["ann", "eve"]
        .map(|who| serving.web("a", &issuer.token("ES256", &jwt::developer(&issuer, who))));
    for _ in 0..2 {
        assert_eq!(ann.post(hello(), &[]).await.status, 200);
    }
    assert_eq!(ann.post(hello(), &[]).await.status, 429);
    eve.open().await;
    let waiting = eve.call("silent", json!({}));
    let others = async {
        while serving.metric("toolgate_in_flight").await.as_deref() != Some("1") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let ping = r#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#;
        assert_eq!(eve.post(ping, &[]).await.status, 429);
        let nonce = ann.modern_call("nonce", json!({"nonce": "n"})).await;
        assert_eq!(text(&nonce), "n");
    };
    tokio::select! {
        answer = waiting => panic!("{answer}"),
        () = others => {}
    }
}

#[tokio::test]
async fn processes_are_bounded_per_principal_and_in_all() {
    let serving = with_limits(json!({"processes": 3, "processes_per_principal": 2})).await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let first = serving.web("a", &ann);
    first.open().await;
    serving.web("a", &ann).open().await;
    let refusal = async |token: &str| {
        let reply = serving.web("a", token).post(hello(), &[]).await;
        assert_eq!(reply.status, 502);
        reply.json().await["error"]["message"].as_str().unwrap().to_owned()
    };
    let own = refusal(&ann).await;
    assert!(own.contains("(`limits.processes_per_principal`)"), "{own}");
    let web = serving.web("a", &bob);
    web.open().await;
    let all = refusal(&bob).await;
    assert!(all.contains("(`limits.processes`)"), "{all}");
    assert!(serving.gateway.stderr().contains("server `a` is not started: "));
    assert_eq!(serving.metric("toolgate_processes").await.as_deref(), Some("3"));
    // Whoever leaves makes room.
    assert_eq!(first.delete().await, 200);
    let again = async {
        while serving.web("a", &bob).post(hello(), &[]).await.status != 200 {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, again).await.unwrap();
}

/// By time, not only when there is no room.
#[tokio::test]
async fn an_idle_session_ends_and_one_that_listens_does_not() {
    let serving = with_limits(json!({"session_idle": "400ms"})).await;
    let token = serving.grant("ann", &["a"]);
    let (idle, listening) = (serving.web("a", &token), serving.web("a", &token));
    idle.open().await;
    listening.open().await;
    let stream = listening.get(None).await;
    assert_eq!(stream.status, 200);
    let gone = async {
        while serving.metric("toolgate_sessions").await.as_deref() != Some("1") {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(GUARD, gone).await.unwrap();
    let ping = r#"{"jsonrpc":"2.0","id":"x","method":"ping"}"#;
    assert_eq!(idle.post(ping, &[]).await.status, 404);
    assert_eq!(listening.post(ping, &[]).await.status, 200);
    drop(stream);
}

#[tokio::test]
async fn connections_over_the_bound_hear_it_and_probes_are_answered() {
    let serving = with_limits(json!({"connections": 1})).await;
    let address = serving.gateway.url.strip_prefix("http://").unwrap().to_owned();
    let mut held = TcpStream::connect(&address).await.unwrap();
    held.write_all(b"GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await.unwrap();
    let mut start = [0; 12];
    held.read_exact(&mut start).await.unwrap();
    assert_eq!(&start, b"HTTP/1.1 200");
    let full = raw(&address, "GET /mcp/a HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(full.starts_with("HTTP/1.1 503"), "{full}");
    assert!(full.to_lowercase().contains("retry-after: 1"), "{full}");
    let probe = raw(&address, "GET /healthz HTTP/1.1\r\nHost: x\r\n\r\n").await;
    assert!(probe.starts_with("HTTP/1.1 200"), "{probe}");
    drop(held);
}

/// It needs no token for that. Who listens and is told nothing meanwhile is another matter.
#[tokio::test]
async fn a_client_that_reads_nothing_loses_its_place() {
    let serving = with_limits(json!({"write_timeout": "200ms"})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let listen = json!({"notifications": {"toolsListChanged": true}});
    let mut told = web.modern_post(&json!(1), "subscriptions/listen", &listen).await.events();
    assert!(told.next().await.unwrap().data.contains("acknowledged"));
    let address = serving.gateway.url.strip_prefix("http://").unwrap();
    let mut deaf = TcpStream::connect(address).await.unwrap();
    let flood = "GET /mcp/a HTTP/1.1\r\nHost: x\r\n\r\n".repeat(1000);
    let cut_off = async { while deaf.write_all(flood.as_bytes()).await.is_ok() {} };
    tokio::time::timeout(GUARD, cut_off).await.unwrap();
    web.modern_call("redefine", json!({"description": "new"})).await;
    assert!(told.next().await.unwrap().data.contains("list_changed"));
}

#[tokio::test]
async fn a_head_that_is_too_long_is_refused() {
    let serving = with_limits(json!({"headers": "8KiB"})).await;
    let address = serving.gateway.url.strip_prefix("http://").unwrap();
    let long = "x".repeat(16 << 10);
    let told = raw(address, &format!("GET /mcp/a HTTP/1.1\r\nHost: x\r\nA: {long}\r\n\r\n")).await;
    assert!(told.starts_with("HTTP/1.1 431"), "{told}");
}

/// What comes back until the connection is closed.
async fn raw(address: &str, request: &str) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // A server may refuse and close before it has read everything.
    drop(stream.write_all(request.as_bytes()).await);
    let mut told = Vec::new();
    drop(tokio::time::timeout(GUARD, stream.read_to_end(&mut told)).await.unwrap());
    String::from_utf8(told).unwrap()
}

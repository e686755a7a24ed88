//! A server that speaks HTTP with SSE, as 2024-11-05 had it: its stream, its endpoint, their ends.

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Entry, Pipe};

use crate::rig::{Door, Era, GUARDED, Rig, assert_error, call_text, text};
use crate::scripted::{Scripted, response};

/// The error that a legacy client's first call meets.
async fn failure(rig: &Rig, upstream: &str) -> String {
    let pipe = Pipe::spawn(rig.before_sse(upstream));
    let line = call_text(Era::Legacy, "1", "nothing", "{}");
    let heard = pipe.exchange(&json!(1), line).await.unwrap().json;
    assert_error(&heard, 50200);
    heard["error"]["message"].as_str().unwrap().to_owned()
}

fn posts(entries: &[Entry]) -> usize {
    let is_post = |entry: &&Entry| entry.http.as_ref().is_some_and(|head| head.method == "POST");
    entries.iter().filter(is_post).count()
}

#[tokio::test]
async fn an_endpoint_on_another_server_gets_nothing() {
    let other = Rig::new(GUARDED);
    let elsewhere = other.upstream().await;
    let endpoint = elsewhere.url.replace("/mcp", "/messages?sessionId=1");
    let rig = Rig::new(GUARDED).sentinel(&["--sse-endpoint", &endpoint]);
    let upstream = rig.upstream().await;
    let why = failure(&rig, &upstream.url).await;
    assert!(why.contains(&endpoint) && why.contains("is on another server"), "{why}");
    assert_eq!(other.ledger().entries().len(), 0);
    assert_eq!(posts(&rig.ledger().entries()), 0);
}

#[tokio::test]
async fn an_address_without_a_stream_is_a_clear_error() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let why = failure(&rig, &upstream.url.replace("/mcp", "/nowhere")).await;
    assert!(why.contains("404 Not Found") && why.contains("`sse`"), "{why}");
    let page = Scripted::start(vec![response("200 OK", "text/html", b"<html>")]).await;
    let why = failure(&rig, &page.url).await;
    assert!(why.contains("200 OK and no stream"), "{why}");
    let silent = response("200 OK", "text/event-stream", b": nothing\n\n");
    let silent = Scripted::start(vec![silent]).await;
    let why = failure(&rig, &silent.url).await;
    assert!(why.contains("named no endpoint"), "{why}");
    let why = failure(&rig, "http://127.0.0.1:1/mcp").await;
    assert!(why.contains("cannot be reached"), "{why}");
}

/// Nobody can take its stream up again: what was asked is answered with an error, and the client
/// begins anew.
#[tokio::test]
async fn a_stream_that_breaks_ends_the_session_and_the_next_one_works() {
    let rig = Rig::new(GUARDED);
    let mut upstream = rig.upstream().await;
    let address = upstream.url.split('/').nth(2).unwrap().to_owned();
    let door = Door::open(rig.before_sse(&upstream.url)).await;
    let web = door.web();
    web.open().await;
    assert_eq!(text(&web.call("nonce", json!({"nonce": "n"})).await), "n");
    let modern = door.web();
    assert_eq!(text(&modern.modern_call("nonce", json!({"nonce": "m"})).await), "m");
    let ledger = rig.ledger();
    let breaking = async {
        ledger.until(|entries| posts(entries) >= 6).await;
        upstream.kill().await;
    };
    let silent = || json!({"nonce": "lost"});
    let (legacy, shared, ()) = tokio::join!(
        web.call("silent", silent()),
        modern.modern_call("silent", silent()),
        breaking
    );
    for answer in [legacy, shared] {
        assert_error(&answer, 50200);
        assert!(answer["error"]["message"].as_str().unwrap().contains("broke"), "{answer}");
    }
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    assert_eq!(web.post(ping, &[]).await.status, 404);
    assert_error(&web.initialize().await, 50200);
    let ledger = format!("--ledger={}", rig.scratch.ledger().display());
    let mut command = std::process::Command::new(toolgate_testkit::bin("sentinel"));
    command.args(["--http", &address, "--tied", &ledger]);
    let _again = Daemon::start(command).await;
    web.open().await;
    assert_eq!(text(&web.call("nonce", json!({"nonce": "n2"})).await), "n2");
    assert_eq!(text(&modern.modern_call("nonce", json!({"nonce": "m2"})).await), "m2");
}

#[tokio::test]
async fn sessions_that_end_close_their_streams() {
    let rig = Rig::new(GUARDED);
    let upstream = rig.upstream().await;
    let door = Door::open(rig.before_sse(&upstream.url)).await;
    let sockets = |pid: Option<u32>| {
        let files = std::fs::read_dir(format!("/proc/{}/fd", pid.unwrap())).unwrap().flatten();
        let targets = files.filter_map(|file| std::fs::read_link(file.path()).ok());
        targets.filter(|target| target.to_string_lossy().starts_with("socket:")).count()
    };
    let before = sockets(upstream.pid());
    for _ in 0..20 {
        let web = door.web();
        web.open().await;
        assert_eq!(web.delete().await, 200);
    }
    // A connection for messages is kept for the next session.
    let begun = std::time::Instant::now();
    while sockets(upstream.pid()) > before + 1 {
        assert!(begun.elapsed() < toolgate_testkit::GUARD);
        tokio::time::sleep(std::time::Duration::from_millis(5)).await;
    }
}

#[tokio::test]
async fn a_client_on_standard_input_hears_that_its_server_is_gone() {
    let rig = Rig::new(GUARDED);
    let mut upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_sse(&upstream.url));
    pipe.open().await;
    let call = pipe.expect(&json!(7)).unwrap();
    pipe.send_line(call_text(Era::Legacy, "7", "silent", "{}")).await.unwrap();
    rig.ledger().until(|entries| posts(entries) == 3).await;
    upstream.kill().await;
    assert_error(&call.await.unwrap().json, 50200);
    pipe.wait().await;
}

#[tokio::test]
async fn the_operators_headers_go_with_the_stream_and_with_each_message() {
    let secret = "s3cret-of-the-operator";
    let rig = Rig::new(GUARDED)
        .sentinel(&["--require-header", &format!("x-key={secret}")])
        .env("SHOP_KEY", secret)
        .gate(&["--header", "X-Key=env:SHOP_KEY"]);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_sse(&upstream.url));
    pipe.open().await;
    assert_eq!(text(&pipe.call("nonce", json!({"nonce": "n"})).await), "n");
    let entries = rig.ledger().entries();
    let heads: Vec<_> = entries.iter().filter_map(|entry| entry.http.as_ref()).collect();
    assert!(heads.iter().any(|head| head.method == "GET"));
    assert!(heads.iter().all(|head| head.header("x-key") == Some(secret)));
}

/// A message that the server does not take has no answer to wait for.
#[tokio::test]
async fn a_post_that_is_refused_is_an_error_under_its_id() {
    for status in ["500", "404", "401"] {
        let flag = format!("{status}:tools/call");
        let rig = Rig::new(GUARDED).sentinel(&["--http-status", &flag]);
        let upstream = rig.upstream().await;
        let pipe = Pipe::spawn(rig.before_sse(&upstream.url));
        pipe.open().await;
        let answer = pipe.call("nothing", Value::Null).await;
        assert_error(&answer, 50200);
        assert!(answer["error"]["message"].as_str().unwrap().contains(status), "{answer}");
        assert!(pipe.request("tools/list", json!({})).await["result"]["tools"].is_array());
    }
}

//! `--header`: what the operator gives the gate for the server must reach the server.

use serde_json::{Value, json};
use toolgate_testkit::{Entry, Pipe};

use crate::rig::{Door, GUARDED, Rig, assert_error, text};

const SECRET: &str = "s3cret-of-the-operator";

fn before(rig: &Rig, url: &str, header: &str) -> std::process::Command {
    let mut command = rig.before_url(url);
    command.args(["--header", header]);
    command
}

#[tokio::test]
async fn a_header_is_really_sent() {
    let rig = Rig::new(GUARDED)
        .sentinel(&["--require-header", &format!("x-key={SECRET}")])
        .env("SHOP_KEY", SECRET);
    let upstream = rig.upstream().await;
    let file = rig.scratch.file("key", format!("{SECRET}\n"));
    for header in ["X-Key=env:SHOP_KEY".to_owned(), format!("x-key=file:{}", file.display())] {
        let pipe = Pipe::spawn(before(&rig, &upstream.url, &header));
        pipe.open().await;
        assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
        let modern = pipe.modern_call("echo", json!({"message": "hi"})).await;
        assert_eq!(text(&modern), "hi", "{modern}");
        pipe.close().await;
        let door = Door::open(before(&rig, &upstream.url, &header)).await;
        let web = door.web();
        web.open().await;
        assert_eq!(text(&web.call("echo", json!({"message": "hi"})).await), "hi");
        assert_eq!(web.delete().await, 200);
    }
    // POST, GET and DELETE alike.
    let asked =
        |entry: &Entry, method: &str| entry.http.as_ref().is_some_and(|head| head.method == method);
    let seen = |entries: &[Entry]| {
        ["POST", "GET", "DELETE"].iter().all(|method| entries.iter().any(|e| asked(e, method)))
    };
    let entries = rig.ledger().until(seen).await;
    let mut heads = entries.iter().filter_map(|entry| entry.http.as_ref());
    assert!(heads.all(|head| head.header("x-key") == Some(SECRET)));
}

/// Without it the server refuses, and the client hears so under its own id.
#[tokio::test]
async fn without_the_header_the_server_refuses_and_the_client_hears_it() {
    let rig = Rig::new(GUARDED).sentinel(&["--require-header", &format!("x-key={SECRET}")]);
    let upstream = rig.upstream().await;
    let pipe = Pipe::spawn(rig.before_url(&upstream.url));
    let answer = pipe.request("initialize", Value::Null).await;
    assert_error(&answer, 50200);
    assert!(answer["error"]["message"].as_str().unwrap().contains("401"), "{answer}");
}

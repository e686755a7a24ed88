//! The bare server answers what a benchmark sends.

use std::process::Command;

use serde_json::{Value, json};
use toolgate_testkit::{Daemon, Pipe, Web, bin};

use crate::text;

#[tokio::test]
async fn stdio_answers_both_eras() {
    let pipe = Pipe::spawn(Command::new(bin("echo-server")));
    assert_eq!(pipe.open().await["result"]["protocolVersion"], "2025-11-25");
    assert_eq!(pipe.list_tools().await.len(), 1);
    let result = pipe.call("echo", json!({"message": "hi"})).await;
    assert!((250..350).contains(&result.to_string().len()));
    assert!(pipe.modern_request("server/discover", Value::Null).await["result"].is_object());
    assert!(!text(&result).is_empty());
    let calls = (0..64).map(|n| pipe.call("echo", json!({"id": n, "method": "x"})));
    for call in calls.collect::<Vec<_>>() {
        assert_eq!(call.await["result"], result["result"]);
    }
    assert!(pipe.close().await.success());
}

#[tokio::test]
async fn http_answers_both_eras() {
    let mut command = Command::new(bin("echo-server"));
    command.args(["--http", "127.0.0.1:0"]);
    let server = Daemon::start(command).await;
    let web = Web::new(&server.url);
    web.open().await;
    let result = web.call("echo", json!({})).await;
    assert!(!text(&result).is_empty());
    assert_eq!(web.modern_call("echo", json!({})).await["result"], result["result"]);
    assert_eq!(web.get(None).await.status, 405);
}

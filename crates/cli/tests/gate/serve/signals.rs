//! What the gateway does when it is told to stop, or to read its settings again.

use std::time::Duration;

use hyper::Method;
use rustix::process::Signal;
use serde_json::json;
use toolgate_testkit::GUARD;

use crate::rig::{GUARDED, Rig, Serving, text};

async fn one_server(settings: serde_json::Value) -> Serving {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    let mut all = json!({"servers": servers});
    all["limits"] = settings;
    Serving::start_with(rig, all).await
}

/// What is in flight ends well; who only listens is no reason to wait.
#[tokio::test]
async fn a_stopping_gateway_finishes_what_is_in_flight() {
    let mut serving = one_server(json!({"drain": "50s"})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    let stream = web.get(None).await;
    let call = web.call("slow", json!({"ms": 700}));
    let stop = async {
        while serving.metric("toolgate_in_flight").await.as_deref() != Some("1") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        serving.signal(Signal::TERM);
    };
    let (answer, ()) = tokio::join!(call, stop);
    assert!(answer["result"].is_object(), "{answer}");
    drop(stream);
    let status = serving.gateway.close().await;
    assert_eq!(status.code(), Some(0));
}

#[tokio::test]
async fn what_does_not_end_in_time_is_cut_off() {
    let mut serving = one_server(json!({"drain": "100ms"})).await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    let session = web.session().unwrap();
    let headers = [
        ("accept", "application/json, text/event-stream"),
        ("content-type", "application/json"),
        ("mcp-session-id", session.as_str()),
    ];
    let body = r#"{"jsonrpc":"2.0","id":7,"method":"tools/call","params":{"name":"silent","arguments":{}}}"#;
    let call = web.send(Method::POST, &headers, body);
    let stop = async {
        while serving.metric("toolgate_in_flight").await.as_deref() != Some("1") {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        serving.signal(Signal::INT);
        let status = async { serving.gateway.close().await };
        assert_eq!(tokio::time::timeout(GUARD, status).await.unwrap().code(), Some(0));
    };
    let ((), reply) = tokio::join!(stop, call);
    // Told that the server is gone, or cut off with everybody else.
    assert!(reply.is_none_or(|reply| reply.status == 200));
}

#[tokio::test]
async fn a_hangup_brings_the_servers_of_the_file_and_keeps_the_old_if_it_is_broken() {
    let serving = one_server(json!({})).await;
    let token = serving.grant("ann", &["a"]);
    serving.web("a", &token).open().await;
    serving.rig.scratch.file("toolgate.yaml", "servers: [");
    serving.signal(Signal::HUP);
    until(&serving, r#"toolgate_config_reloads_total{result="failed"}"#).await;
    assert!(serving.gateway.stderr().contains("the servers stay as they were"));
    serving.web("a", &token).open().await;
    let servers = json!({"a": Serving::child(&serving.rig, "a", &[]),
                         "b": Serving::child(&serving.rig, "b", &[])});
    serving.rig.scratch.file("toolgate.yaml", json!({"servers": servers}).to_string());
    serving.signal(Signal::HUP);
    until(&serving, r#"toolgate_config_reloads_total{result="done"}"#).await;
    let web = serving.web("b", &serving.grant("bob", &["b"]));
    web.open().await;
    assert_eq!(text(&web.call("echo", json!({"message": "new"})).await), "new");
}

async fn until(serving: &Serving, sample: &str) {
    let counted = async {
        while serving.metric(sample).await.as_deref() != Some("1") {
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    };
    tokio::time::timeout(GUARD, counted).await.unwrap();
}

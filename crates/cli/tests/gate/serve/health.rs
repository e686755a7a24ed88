//! How the gateway is, and what it has counted.

use serde_json::json;
use toolgate_testkit::Web;

use crate::rig::{GUARDED, Rig, Serving, assert_denied, hello};

async fn one_server() -> Serving {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[])});
    Serving::start(rig, servers).await
}

/// A probe knows neither a token nor the gateway's name.
#[tokio::test]
async fn health_is_told_to_whoever_can_connect() {
    let serving = one_server().await;
    for path in ["/healthz", "/readyz"] {
        assert_eq!(serving.page(path).await, (200, "ok\n".to_owned()), "{path}");
        let web = Web::new(format!("{}{path}", serving.gateway.url));
        let strange = web.send(hyper::Method::GET, &[("host", "10.0.0.7")], "").await.unwrap();
        assert_eq!(strange.status, 200, "{path}");
        assert_eq!(web.send(hyper::Method::POST, &[], "").await.unwrap().status, 405, "{path}");
    }
}

#[tokio::test]
async fn metrics_count_calls_by_server_decision_and_code() {
    let serving = one_server().await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    web.open().await;
    web.call("echo", json!({"message": "x"})).await;
    web.call("echo", json!({"message": "x"})).await;
    assert_denied(&web.call("wipe_disk", json!({})).await, "default_deny");
    serving.web("a", "tgt_x").post(hello(), &[]).await;
    for (sample, value) in [
        (r#"toolgate_calls_total{server="a",decision="allow",code=""}"#, "2"),
        (r#"toolgate_calls_total{server="a",decision="deny",code="default_deny"}"#, "1"),
        (r#"toolgate_upstream_calls_total{server="a",outcome="answered"}"#, "2"),
        (r#"toolgate_admit_seconds_count{server="a"}"#, "3"),
        (r#"toolgate_upstream_seconds_count{server="a"}"#, "2"),
        (r#"toolgate_http_rejected_total{status="401"}"#, "1"),
        ("toolgate_sessions", "1"),
        ("toolgate_rooms", "1"),
    ] {
        assert_eq!(serving.metric(sample).await.as_deref(), Some(value), "{sample}");
    }
    // No name that a client made up is in it.
    assert!(!serving.page("/metrics").await.1.contains("wipe_disk"));
}

#[tokio::test]
async fn metrics_are_for_known_hosts_and_can_be_switched_off() {
    let serving = one_server().await;
    let web = Web::new(format!("{}/metrics", serving.gateway.url));
    let strange = web.send(hyper::Method::GET, &[("host", "evil.example")], "").await.unwrap();
    assert_eq!(strange.status, 403);
    let rig = Rig::new(GUARDED);
    let settings = json!({"servers": {}, "telemetry": {"metrics": false}});
    let silent = Serving::start_with(rig, settings).await;
    assert_eq!(silent.page("/metrics").await.0, 401);
}

//! Servers that are dead or slow: left out, told of, back later.

use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use serde_json::json;
use toolgate_testkit::{Daemon, GUARD, bin};

use crate::rig::{GUARDED, Rig, Serving, assert_error, text};

use super::rig::{Two, all, names};

#[tokio::test]
async fn a_dead_server_is_left_out_and_comes_back() {
    let rig = Rig::new(GUARDED);
    let late = rig.scratch.at("late.sh");
    // Bound and given up: nobody listens there.
    let away = std::net::TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let servers = json!({"a": Serving::child(&rig, "a", &[]),
                         "gone": {"command": ["false"]},
                         "late": {"command": [late.display().to_string()]},
                         "away": {"url": format!("http://{away}/mcp")}});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["gone", "late", "a", "away"]);
    let web = all(&serving, &token);
    let hello = web.open().await;
    assert_eq!(hello["result"]["instructions"], "a: A server for tests.", "{hello}");
    let listed = web.request("tools/list", json!({})).await;
    assert!(names(&listed, "tools").iter().all(|name| name.starts_with("a__")), "{listed}");
    for name in ["late__nonce", "gone__nonce", "away__nonce"] {
        let answer = web.call(name, json!({"nonce": "n"})).await;
        assert_error(&answer, 50200);
        let (server, _) = name.split_once("__").unwrap();
        let told = format!("server `{server}`");
        assert!(answer["error"]["message"].as_str().unwrap().starts_with(&told), "{answer}");
        let said = serving.gateway.stderr();
        assert!(said.contains(&format!("{told} is left out of /mcp")), "{said}");
    }
    let modern = all(&serving, &token).modern_request("tools/list", json!({})).await;
    assert!(names(&modern, "tools").iter().all(|name| name.starts_with("a__")), "{modern}");
    assert_eq!(modern["result"]["ttlMs"], 1000);

    let script = format!("#!/bin/sh\nexec {}\n", bin("sentinel").display());
    serving.rig.scratch.file("late.sh", script);
    std::fs::set_permissions(&late, std::fs::Permissions::from_mode(0o755)).unwrap();
    let is_back = async || {
        let listed = web.request("tools/list", json!({})).await;
        names(&listed, "tools").contains(&"late__nonce".to_owned())
    };
    let back = async {
        while !is_back().await {
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
    };
    tokio::time::timeout(GUARD, back).await.unwrap();
    assert_eq!(text(&web.call("late__nonce", json!({"nonce": "n"})).await), "n");
}

/// Others wait for a slow server, but only so long.
#[tokio::test]
async fn a_slow_server_is_left_out() {
    let two = Two::start(GUARDED, &[], &["--delay-list-ms=600000"]).await;
    let web = two.opened().await;
    let start = Instant::now();
    let listed = web.request("tools/list", json!({})).await;
    assert!(start.elapsed() < GUARD);
    assert!(names(&listed, "tools").contains(&"a__nonce".to_owned()), "{listed}");
    assert!(names(&listed, "tools").iter().all(|name| name.starts_with("a__")), "{listed}");
    assert_eq!(text(&web.call("b__nonce", json!({"nonce": "n"})).await), "n", "only its list is");
}

/// A server that is never ready holds up nobody's handshake for long.
#[tokio::test]
async fn a_server_that_does_not_answer_the_handshake_is_left_out() {
    let rig = Rig::new(GUARDED);
    let servers = json!({"mute": {"command": ["sleep", "600"]},
                         "a": Serving::child(&rig, "a", &[])});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["mute", "a"]);
    let web = all(&serving, &token);
    web.open().await;
    assert_eq!(text(&web.call("a__nonce", json!({"nonce": "n"})).await), "n");
}

#[tokio::test]
async fn a_server_that_ends_in_the_middle_of_a_call_is_started_again() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    assert_error(&web.call("a__crash", json!({})).await, 50200);
    let again = async { while text(&web.call("a__nonce", json!({"nonce": "n"})).await) != "n" {} };
    tokio::time::timeout(GUARD, again).await.unwrap();
    assert_eq!(text(&web.call("b__nonce", json!({"nonce": "n"})).await), "n");
}

#[tokio::test]
async fn without_any_server_there_is_an_error() {
    let rig = Rig::new(GUARDED);
    let servers = json!({"gone": {"command": ["false"]}});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["gone"]);
    assert_error(&all(&serving, &token).initialize().await, 50200);
    let client = all(&serving, &token);
    assert_error(&client.modern_request("tools/list", json!({})).await, 50200);
    assert_error(&client.modern_request("server/discover", json!({})).await, 50200);
}

#[tokio::test]
async fn revoking_ends_the_session_and_its_servers() {
    let upstream = Daemon::sentinel(&[]).await;
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "web": {"url": upstream.url}});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["a", "web"]);
    let web = all(&serving, &token);
    web.open().await;
    let stream = web.get(None).await;
    assert_eq!(stream.status, 200);
    let child = serving.ledger("a").entries()[0].pid;
    serving.json(&["grant", "revoke", "ann"]);
    let mut events = stream.events();
    let ended = async {
        while events.next().await.is_some() {}
        while std::path::Path::new(&format!("/proc/{child}")).exists() {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(GUARD, ended).await.unwrap();
    assert_eq!(web.post("{}", &[]).await.status, 401);
}

/// Deleting the session ends every server connection behind it.
#[tokio::test]
async fn a_deleted_session_leaves_no_child() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let children: Vec<u64> =
        ["a", "b"].iter().map(|s| two.serving.ledger(s).entries()[0].pid).collect();
    assert_eq!(web.delete().await, 200);
    let gone = async {
        while children.iter().any(|pid| std::path::Path::new(&format!("/proc/{pid}")).exists()) {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(GUARD, gone).await.unwrap();
}

//! Versions: what client and servers share.

use serde_json::{Value, json};

use crate::rig::{GUARDED, Rig, Serving, assert_error, text};

use super::rig::{Two, all, names};

#[tokio::test]
async fn the_version_is_one_that_all_servers_speak() {
    let two = Two::start(GUARDED, &[], &["--newest=2025-06-18"]).await;
    let web = two.all();
    assert_eq!(web.open().await["result"]["protocolVersion"], "2025-06-18");
    for name in ["a__nonce", "b__nonce"] {
        assert_eq!(text(&web.call(name, json!({"nonce": name})).await), name);
    }
    let asked = |server: &str| -> Vec<String> {
        let entries = two.serving.ledger(server).entries().into_iter();
        let hellos = entries.filter_map(|entry| entry.json).filter(|m| m["method"] == "initialize");
        hellos.map(|m| m["params"]["protocolVersion"].as_str().unwrap().to_owned()).collect()
    };
    assert_eq!(asked("a"), ["2025-11-25", "2025-06-18"]);
    assert_eq!(asked("b"), ["2025-11-25"]);
}

/// What the client can do reaches every server as the client said it.
#[tokio::test]
async fn a_handshake_is_the_clients_own() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.all().with_capabilities(json!({"roots": {"listChanged": true}, "x": [1.0]}));
    web.open().await;
    for server in ["a", "b"] {
        let ledger = two.serving.ledger(server);
        let seen = ledger.until(|seen| seen.len() >= 2).await;
        let hello = seen[0].json.as_ref().unwrap();
        let capabilities = &hello["params"]["capabilities"];
        assert_eq!(*capabilities, json!({"roots": {"listChanged": true}, "x": [1.0]}));
        assert_eq!(hello["params"]["clientInfo"]["name"], "testkit");
        assert_eq!(seen[1].json.as_ref().unwrap()["method"], "notifications/initialized");
    }
}

#[tokio::test]
async fn discovery_is_every_servers_together() {
    let two = Two::start(GUARDED, &[], &["--era=modern"]).await;
    let told = two.all().modern_request("server/discover", json!({})).await;
    let result = &told["result"];
    assert_eq!(result["supportedVersions"], json!(["2026-07-28"]), "{told}");
    assert_eq!(result["capabilities"]["tools"], json!({"listChanged": true}));
    assert_eq!(result["cacheScope"], "private");
    assert_eq!(result["_meta"]["io.modelcontextprotocol/serverInfo"]["name"], "toolgate");
    for name in ["a__nonce", "b__nonce"] {
        assert_eq!(text(&two.all().modern_call(name, json!({"nonce": "n"})).await), "n");
    }
    // The same servers to a legacy client: the one that cannot is left out.
    let web = two.opened().await;
    let listed = web.request("tools/list", json!({})).await;
    assert!(names(&listed, "tools").iter().all(|name| name.starts_with("a__")), "{listed}");
    assert_error(&web.call("b__nonce", json!({"nonce": "n"})).await, 50200);
}

/// A client that speaks both eras asks for discovery first, and shakes hands if that fails.
#[tokio::test]
async fn a_server_of_the_older_era_answers_discovery_for_all() {
    let two = Two::start(GUARDED, &[], &["--era=legacy"]).await;
    let web = two.all();
    let reply = web.modern_post(&json!(1), "server/discover", &Value::Null).await;
    assert_eq!(reply.status, 404);
    let answer = reply.json().await;
    assert_error(&answer, -32601);
    assert_eq!(answer["id"], 1);
    web.open().await;
    for name in ["a__nonce", "b__nonce"] {
        assert_eq!(text(&web.call(name, json!({"nonce": name})).await), name);
    }
}

#[tokio::test]
async fn headers_are_compared_with_the_name_that_the_client_wrote() {
    let rig = Rig::new(GUARDED);
    let upstream = toolgate_testkit::Daemon::sentinel(&["--era=modern"]).await;
    let servers = json!({"web": {"url": upstream.url}});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["web"]);
    let client = all(&serving, &token);
    let answer = client.modern_call("web__nonce", json!({"nonce": "n"})).await;
    assert_eq!(text(&answer), "n", "{answer}");
    let params = json!({"name": "web__nonce", "arguments": {}});
    let text = toolgate_testkit::modern_params(&params, &json!({}));
    let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": text});
    let headers = crate::rig::modern_headers("tools/call", "nonce");
    let refused = client.post(body.to_string(), &headers).await;
    assert_eq!(refused.status, 400);
}

//! What a grant opens, what it does not, and how it ends.

use std::time::Duration;

use serde_json::json;
use toolgate_testkit::GUARD;

use crate::rig::{GUARDED, Rig, Serving, assert_denied, assert_error, denial, hello, text};

const LIMITED: &str = "\
version: \"1\"
default: deny
tools: {echo: {rules: [{action: allow, rate_limit: {max: 2, window: 3600}}]}, slow: {}}
";

async fn two_servers(policy: &str) -> Serving {
    let rig = Rig::new(policy);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    Serving::start(rig, servers).await
}

/// A grant may be used as soon as the command that added it has answered.
#[tokio::test]
async fn a_token_opens_its_servers_and_no_other() {
    let serving = two_servers(GUARDED).await;
    let token = serving.grant("ann", &["a"]);
    let web = serving.web("a", &token);
    web.open().await;
    assert_eq!(text(&web.call("echo", json!({"message": "hi"})).await), "hi");
    for other in ["b", "c", "", "a/", "A", "a/b", "%61"] {
        let reply = serving.web(other, &token).post(hello(), &[]).await;
        assert_eq!(reply.status, 404, "{other}");
    }
    assert!(serving.ledger("b").entries().is_empty());
}

#[tokio::test]
async fn a_limit_is_each_grants_own() {
    let serving = two_servers(LIMITED).await;
    let tokens = [serving.grant("ann", &["a"]), serving.grant("bob", &["a"])];
    for token in &tokens {
        let web = serving.web("a", token);
        web.open().await;
        for _ in 0..2 {
            assert_eq!(denial(&web.call("echo", json!({"message": "x"})).await), "");
        }
        assert_denied(&web.call("echo", json!({"message": "x"})).await, "limit");
    }
    assert_eq!(serving.ledger("a").calls().len(), 4);
}

/// A session belongs to the grant that opened it.
#[tokio::test]
async fn a_session_is_nothing_to_another_grant() {
    let serving = two_servers(GUARDED).await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let web = serving.web("a", &ann);
    web.open().await;
    let session = web.session().unwrap();
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let foreign = serving.web("a", &bob).post(ping, &[("mcp-session-id", &session)]).await;
    assert_eq!(foreign.status, 404);
    assert_eq!(web.post(ping, &[]).await.status, 200);
}

#[tokio::test]
async fn revoking_ends_open_streams_and_sessions() {
    let serving = two_servers(GUARDED).await;
    let token = serving.grant("ann", &["a"]);
    let web = serving.web("a", &token);
    web.open().await;
    let stream = web.get(None).await;
    assert_eq!(stream.status, 200);
    serving.json(&["grant", "revoke", "ann"]);
    let mut events = stream.events();
    let ended = async { while events.next().await.is_some() {} };
    tokio::time::timeout(GUARD, ended).await.unwrap();
    assert_eq!(web.post(hello(), &[]).await.status, 401);
}

#[tokio::test]
async fn a_rotated_token_is_worth_nothing_and_its_successor_everything() {
    let serving = two_servers(GUARDED).await;
    let old = serving.grant("ann", &["a"]);
    serving.web("a", &old).open().await;
    let new = serving.json(&["grant", "rotate", "ann"])["token"].as_str().unwrap().to_owned();
    until_refused(&serving, &old).await;
    serving.web("a", &new).open().await;
}

#[tokio::test]
async fn an_expired_grant_opens_nothing_any_more() {
    let serving = two_servers(GUARDED).await;
    let words =
        ["grant", "add", "ann", "--server", "a", "--policy", "policy.yaml", "--expires", "1s"];
    let token = serving.json(&words)["token"].as_str().unwrap().to_owned();
    until_refused(&serving, &token).await;
    assert!(serving.ledger("a").calls().is_empty());
}

/// A grant without a policy denies.
#[tokio::test]
async fn a_grant_without_a_policy_denies() {
    let serving = two_servers(GUARDED).await;
    let added = serving.json(&["grant", "add", "ann", "--server", "a"]);
    let web = serving.web("a", added["token"].as_str().unwrap());
    web.open().await;
    assert_denied(&web.call("echo", json!({"message": "x"})).await, "no_policy");
    let read = web.request("resources/read", json!({"uri": "sentinel://greeting"})).await;
    assert_error(&read, 40300);
    let listed = web.request("resources/list", json!({})).await;
    assert_eq!(listed["result"]["resources"], json!([]), "{listed}");
    assert!(serving.ledger("a").entries().iter().all(|entry| {
        entry.json.as_ref().is_none_or(|message| message["method"] != "resources/read")
    }));
}

async fn until_refused(serving: &Serving, token: &str) {
    let refused = async {
        while serving.web("a", token).post(hello(), &[]).await.status != 401 {
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
    };
    tokio::time::timeout(GUARD, refused).await.unwrap();
}

async fn shared_server() -> Serving {
    let rig = Rig::new(GUARDED);
    let mut server = Serving::child(&rig, "a", &[]);
    server["shared"] = json!(true);
    Serving::start(rig, json!({"a": server})).await
}

/// The server goes on for others, whatever ends for one of them.
#[tokio::test]
async fn a_revoked_grant_hears_no_more_of_a_shared_server() {
    let serving = shared_server().await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let wanted = json!({"notifications": {"toolsListChanged": true}});
    let web = serving.web("a", &ann);
    let mut heard = web.modern_post(&json!("s"), "subscriptions/listen", &wanted).await.events();
    heard.next().await.unwrap();
    let slow = json!({"name": "slow", "arguments": {"ms": 600_000}});
    let answering = {
        let web = serving.web("a", &ann);
        tokio::spawn(async move { web.modern_post(&json!("c"), "tools/call", &slow).await.status })
    };
    while serving.ledger("a").calls_of("slow").is_empty() {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    serving.json(&["grant", "revoke", "ann"]);
    let over = async {
        while heard.next().await.is_some() {}
        answering.await.unwrap()
    };
    tokio::time::timeout(GUARD, over).await.unwrap();
    let web = serving.web("a", &bob);
    assert_eq!(text(&web.modern_call("echo", json!({"message": "hi"})).await), "hi");
}

/// All answers of a shared server come by one pipe: whoever does not read must not stop it.
#[tokio::test]
async fn a_client_that_does_not_read_stops_nobody_else() {
    let serving = shared_server().await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let much = json!({"name": "progress", "arguments": {"steps": 100_000, "interval_ms": 0},
                      "_meta": {"progressToken": "t"}});
    let unread = serving.web("a", &ann);
    let _unread = unread.modern_post(&json!(1), "tools/call", &much).await;
    let web = serving.web("a", &bob);
    let answered = web.modern_call("echo", json!({"message": "hi"}));
    let answered = tokio::time::timeout(GUARD, answered).await.unwrap();
    assert_eq!(text(&answered), "hi");
}

//! `shared: true`: one process for clients with sessions, whoever they are. What is one client's is
//! never another's.

use std::collections::{BTreeSet, HashSet};
use std::sync::Arc;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use toolgate_testkit::{Entry, Web};

use crate::rig::{
    Era, GUARDED, Rig, Serving, answer, assert_denied, assert_error, call_text, text,
};

async fn shared() -> Serving {
    let rig = Rig::new(GUARDED);
    let mut server = Serving::child(&rig, "a", &[]);
    server["shared"] = json!(true);
    Serving::start(rig, json!({"a": server})).await
}

/// A session of this grant.
async fn client(serving: &Serving, token: &str) -> Web {
    let web = serving.web("a", token);
    web.open().await;
    web
}

fn messages(serving: &Serving, method: &str) -> Vec<Value> {
    let messages = serving.ledger("a").entries().into_iter().filter_map(|entry| entry.json);
    messages.filter(|message| message["method"] == method).collect()
}

fn pids(serving: &Serving) -> BTreeSet<u64> {
    serving.ledger("a").entries().iter().map(|entry| entry.pid).collect()
}

/// Of each principal; every id is in use by both at the same time.
const CALLS: usize = 5000;
const AT_ONCE: usize = 50;

async fn own_echoes(web: Arc<Web>, who: &'static str) -> HashSet<String> {
    let mut heard = HashSet::new();
    for batch in 0..CALLS / AT_ONCE {
        let mut calls = JoinSet::new();
        for number in batch * AT_ONCE..(batch + 1) * AT_ONCE {
            let web = Arc::clone(&web);
            calls.spawn(async move {
                let message = json!({"message": format!("{who}-{number}")}).to_string();
                let body = call_text(Era::Legacy, &number.to_string(), "echo", &message);
                let answer = answer(web.post(body, &[]).await, &json!(number)).await;
                (number, text(&answer).to_owned())
            });
        }
        for (number, said) in calls.join_all().await {
            assert_eq!(said, format!("{who}-{number}"));
            heard.insert(said);
        }
    }
    heard
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn equal_ids_of_two_principals_at_one_process_never_meet() {
    let serving = shared().await;
    let mut clients = JoinSet::new();
    for who in ["ann", "bob"] {
        let web = Arc::new(client(&serving, &serving.grant(who, &["a"])).await);
        clients.spawn(own_echoes(web, who));
    }
    let heard: usize = clients.join_all().await.iter().map(HashSet::len).sum();
    assert_eq!(heard, 2 * CALLS);
    assert_eq!(pids(&serving).len(), 1);
    assert_eq!(messages(&serving, "initialize").len(), 1, "one handshake for all");
    let calls = messages(&serving, "tools/call");
    let ids: HashSet<String> = calls.iter().map(|call| call["id"].to_string()).collect();
    assert_eq!((calls.len(), ids.len()), (2 * CALLS, 2 * CALLS));
}

/// How many steps were told before the answer: one after the other, and no other's.
async fn own_steps(web: Web) -> usize {
    let params = json!({"name": "progress", "arguments": {"steps": 20, "interval_ms": 1},
                        "_meta": {"progressToken": "t"}});
    let body = json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": params});
    let mut events = web.post(body.to_string(), &[]).await.events();
    let mut steps = 0;
    while let Some(event) = events.next().await {
        let Ok(said) = serde_json::from_str::<Value>(&event.data) else { continue };
        if said["id"] == 7 {
            return steps;
        }
        steps += 1;
        let told = (&said["params"]["progressToken"], &said["params"]["progress"]);
        assert_eq!(told, (&json!("t"), &json!(steps)), "{said}");
    }
    panic!("the stream ended without an answer");
}

#[tokio::test]
async fn progress_reaches_its_owner_alone() {
    let serving = shared().await;
    let mut clients = JoinSet::new();
    for who in ["ann", "bob", "eve"] {
        let web = client(&serving, &serving.grant(who, &["a"])).await;
        clients.spawn(own_steps(web));
    }
    assert_eq!(clients.join_all().await, [20, 20, 20]);
    assert_eq!(pids(&serving).len(), 1);
}

fn is_call(entry: &Entry) -> bool {
    entry.json.as_ref().is_some_and(|message| message["method"] == "tools/call")
}

/// The id in it is the client's: to the server it would be somebody else's.
#[tokio::test]
async fn a_cancellation_ends_the_clients_own_call_alone() {
    let serving = shared().await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let (ann, bob) = (client(&serving, &ann).await, client(&serving, &bob).await);
    let slow = call_text(Era::Legacy, "1", "silent", "{}");
    let long = call_text(Era::Legacy, "1", "slow", r#"{"ms":300}"#);
    let both = async { tokio::join!(ann.post(slow, &[]), bob.post(long, &[])) };
    let cancel = async {
        let two = |entries: &[Entry]| entries.iter().filter(|entry| is_call(entry)).count() == 2;
        serving.ledger("a").until(two).await;
        ann.notify("notifications/cancelled", json!({"requestId": 1})).await
    };
    let ((cancelled, answered), _) = tokio::join!(both, cancel);
    assert_eq!(cancelled.status, 202);
    assert_eq!(text(&answer(answered, &json!(1)).await), "slept 300 ms");
    let told = messages(&serving, "notifications/cancelled");
    let silent = messages(&serving, "tools/call");
    let silent = silent.iter().find(|call| call["params"]["name"] == "silent").unwrap();
    assert_eq!(told.len(), 1);
    assert_eq!(told[0]["params"]["requestId"], silent["id"]);
}

/// A session's end is the end of what it asked, not of the server.
#[tokio::test]
async fn who_leaves_takes_nobody_along() {
    let serving = shared().await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let (one, other) = (client(&serving, &ann).await, client(&serving, &bob).await);
    assert_eq!(one.delete().await, 200);
    assert_eq!(text(&other.call("echo", json!({"message": "still"})).await), "still");
    let again = client(&serving, &ann).await;
    serving.json(&["grant", "revoke", "bob"]);
    assert_eq!(text(&again.call("echo", json!({"message": "here"})).await), "here");
    assert_eq!(pids(&serving).len(), 1);
}

#[tokio::test]
async fn each_guest_has_its_own_policy() {
    let serving = shared().await;
    let ann = client(&serving, &serving.grant("ann", &["a"])).await;
    let other = "version: \"1\"\ndefault: deny\nhide: [echo]\n";
    serving.rig.scratch.file("policy.yaml", other);
    let bob = client(&serving, &serving.grant("bob", &["a"])).await;
    assert_eq!(text(&ann.call("echo", json!({"message": "x"})).await), "x");
    assert_denied(&bob.call("nonce", json!({"nonce": "x"})).await, "default_deny");
    for (web, there) in [(&ann, true), (&bob, false)] {
        let listed = web.request("tools/list", json!({})).await;
        let mut tools = listed["result"]["tools"].as_array().unwrap().iter();
        assert_eq!(tools.any(|tool| tool["name"] == "echo"), there, "{listed}");
    }
}

/// What would change the connection for all, or cannot be brought to one of them, stays out.
#[tokio::test]
async fn what_has_no_owner_is_refused() {
    let serving = shared().await;
    let web = serving.web("a", &serving.grant("ann", &["a"]));
    let hello = web.open().await;
    let capabilities = &hello["result"]["capabilities"];
    assert!(capabilities["tools"].is_object(), "{hello}");
    for left_out in ["logging", "tasks"] {
        assert!(capabilities[left_out].is_null(), "{hello}");
    }
    assert!(capabilities["resources"]["subscribe"].is_null(), "{hello}");
    assert!(hello["result"]["serverInfo"]["name"].is_string(), "{hello}");
    for (method, params) in [
        ("logging/setLevel", json!({"level": "debug"})),
        ("resources/subscribe", json!({"uri": "test://static-text"})),
        ("tasks/list", json!({})),
        ("tasks/get", json!({"taskId": "1"})),
        ("tools/call", json!({"name": "echo", "arguments": {}, "task": {"ttl": 1}})),
    ] {
        let refused = web.request(method, params).await;
        assert_error(&refused, -32601);
        assert!(refused.to_string().contains("shared between clients"), "{refused}");
        assert!(messages(&serving, method).is_empty(), "{method}");
    }
    // The server was told that nobody can be asked; whether anybody is there, it may know.
    let asked = web.call("ask", json!({"kind": "sampling"})).await;
    assert_eq!(text(&asked), "the client cannot do sampling");
    assert_eq!(text(&web.call("ask", json!({"kind": "ping"})).await), "the client said {}");
}

/// A client hears the version that it asked for, where the server knows it or a newer one.
#[tokio::test]
async fn clients_of_different_versions_share_a_server() {
    let serving = shared().await;
    let token = serving.grant("ann", &["a"]);
    for (asked, told) in [
        ("2024-11-05", "2024-11-05"),
        ("2025-06-18", "2025-06-18"),
        ("2025-11-25", "2025-11-25"),
        ("1999-01-01", "2025-11-25"),
    ] {
        let web = serving.web("a", &token);
        let hello = web.initialize_as(asked).await;
        assert_eq!(hello["result"]["protocolVersion"], told, "{hello}");
    }
    assert_eq!(messages(&serving, "initialize").len(), 1);
}

#[tokio::test]
async fn all_guests_hear_that_a_list_has_changed() {
    let serving = shared().await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let (ann, bob) = (client(&serving, &ann).await, client(&serving, &bob).await);
    let mut streams = [ann.get(None).await.events(), bob.get(None).await.events()];
    let change = json!({"name": "echo", "description": "changed"});
    assert_eq!(text(&ann.call("redefine", change).await), "redefined");
    for stream in &mut streams {
        while !stream.next().await.unwrap().data.contains("notifications/tools/list_changed") {}
    }
}

/// All sessions end with it; whoever comes back gets another.
#[tokio::test]
async fn a_shared_server_that_dies_is_started_anew() {
    let serving = shared().await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["a"]));
    let (one, other) = (client(&serving, &ann).await, client(&serving, &bob).await);
    assert_error(&one.call("crash", json!({})).await, 50200);
    let gone = other.post(call_text(Era::Legacy, "1", "echo", "{}"), &[]).await;
    assert_eq!(gone.status, 404);
    for token in [&ann, &bob] {
        let web = client(&serving, token).await;
        assert_eq!(text(&web.call("echo", json!({"message": "back"})).await), "back");
    }
    assert_eq!(pids(&serving).len(), 2);
}

/// Both eras have a process of their own: a server speaks one of them on a connection.
#[tokio::test]
async fn clients_without_sessions_share_another_process() {
    let serving = shared().await;
    let token = serving.grant("ann", &["a"]);
    let web = client(&serving, &token).await;
    assert_eq!(text(&web.call("echo", json!({"message": "x"})).await), "x");
    let modern = serving.web("a", &token);
    assert_eq!(text(&modern.modern_call("echo", json!({"message": "x"})).await), "x");
    assert_eq!(pids(&serving).len(), 2);
}

/// At `/mcp` too.
#[tokio::test]
async fn a_hall_uses_the_shared_process() {
    let serving = shared().await;
    let tokens = [serving.grant("ann", &["a"]), serving.grant("bob", &["a"])];
    for token in &tokens {
        let web = Web::new(format!("{}/mcp", serving.gateway.url));
        let web = web.with_header("authorization", &format!("Bearer {token}"));
        web.open().await;
        assert_eq!(text(&web.call("a__echo", json!({"message": "x"})).await), "x");
    }
    assert_eq!(pids(&serving).len(), 1);
}

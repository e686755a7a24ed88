//! Calls that wait at a gateway with many servers: at a server's own address and at `/mcp`.

use std::sync::Arc;

use serde_json::{Value, json};
use toolgate_store::State;
use toolgate_testkit::Web;

use crate::rig::{Rig, Serving, assert_denied, text};

use super::people::{HELD, People, waits_for};

async fn serving() -> (Serving, String) {
    let rig = Rig::new(HELD);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["a", "b"]);
    (serving, token)
}

/// A client of all servers.
fn all(serving: &Serving, token: &str) -> Web {
    let url = format!("{}/mcp", serving.gateway.url);
    Web::new(url).with_header("authorization", &format!("Bearer {token}"))
}

async fn echo(web: &Web, modern: bool, message: Value) -> Value {
    if modern {
        web.modern_call("a__echo", message).await
    } else {
        web.call("a__echo", message).await
    }
}

fn hi() -> Value {
    json!({"message": "hi"})
}

#[tokio::test]
async fn a_question_is_one_whatever_the_way_to_the_server() {
    let (serving, token) = serving().await;
    let people = People::of(&serving.rig);
    let (direct, all) = (serving.web("a", &token), all(&serving, &token));
    let both =
        async { tokio::join!(direct.modern_call("echo", hi()), all.modern_call("a__echo", hi())) };
    let approve = async {
        let question = people.one().await;
        assert_eq!((&*question.caller.server, question.tool.as_deref()), ("a", Some("echo")));
        people.yes(&question.id).await;
        // Whoever came second has a question of their own now.
        let mut next = people.one().await;
        while next.id == question.id {
            next = people.one().await;
        }
        people.yes(&next.id).await;
    };
    let ((one, other), ()) = tokio::join!(both, approve);
    assert_eq!((text(&one), text(&other)), ("hi", "hi"));
    assert_eq!(serving.ledger("a").calls_of("echo").len(), 2);
}

#[tokio::test]
async fn progress_reaches_a_client_of_all_servers() {
    let (serving, token) = serving().await;
    let web = all(&serving, &token);
    web.open().await;
    let params = json!({"name": "b__echo", "arguments": hi(), "_meta": {"progressToken": "mine"}});
    let people = People::of(&serving.rig);
    let approve = async { people.yes(&people.one().await.id).await };
    let (answer, ()) = tokio::join!(web.request("tools/call", params), approve);
    assert_eq!(text(&answer), "hi", "{answer}");
    let told = web.unread();
    let mine = |told: &&Value| told["params"]["progressToken"] == "mine";
    assert!(told.iter().find(mine).is_some(), "{told:?}");
}

#[tokio::test]
async fn a_client_of_all_servers_that_hangs_up_is_not_executed_for() {
    let (serving, token) = serving().await;
    let people = People::of(&serving.rig);
    for modern in [false, true] {
        let web = Arc::new(all(&serving, &token));
        if !modern {
            web.open().await;
        }
        let calling = Arc::clone(&web);
        let message = json!({"message": format!("{modern}")});
        let call = tokio::spawn(async move { echo(&calling, modern, message).await });
        let question = people.one().await;
        call.abort();
        assert!(call.await.unwrap_err().is_cancelled());
        let other = all(&serving, &token);
        assert_eq!(text(&other.modern_call("a__nonce", json!({"nonce": "n"})).await), "n");
        let approve = async {
            let second = people.asked(2).await.remove(1);
            people.yes(&question.id).await;
            people.yes(&second.id).await;
        };
        let sum = other.modern_call("a__add", json!({"a": 1, "b": i32::from(modern)}));
        let (sum, ()) = tokio::join!(sum, approve);
        assert!(!text(&sum).is_empty(), "{sum}");
        assert_eq!(people.state_of(&question.id), State::Approved);
        assert_eq!(serving.ledger("a").calls_of("echo").len(), 0);
    }
}

#[tokio::test]
async fn a_tool_that_changes_while_its_call_waits_is_not_called() {
    let tools = |description: &str| {
        let schema = json!({"type": "object"});
        json!([{"name": "echo", "description": description, "inputSchema": schema}]).to_string()
    };
    let rig = Rig::new(HELD);
    rig.scratch.file("tools.json", tools("Says."));
    let file = format!("--tools={}", rig.scratch.at("tools.json").display());
    let mut server = Serving::child(&rig, "a", &[&file]);
    server["tools_changed"] = json!("block");
    let serving = Serving::start(rig, json!({"a": server})).await;
    let token = serving.grant("ann", &["a"]);
    let (web, other) = (serving.web("a", &token), serving.web("a", &token));
    let people = People::of(&serving.rig);
    let change = async {
        let question = people.one().await;
        serving.rig.scratch.file("tools.json", tools("Says, and deletes."));
        // The gateway hears of it when anybody lists.
        other.modern_request("tools/list", json!({})).await;
        question
    };
    let (answer, question) = tokio::join!(web.modern_call("echo", hi()), change);
    assert_denied(&answer, "tool_changed");
    assert_eq!(people.state_of(&question.id), State::Withdrawn);
    assert_eq!(serving.ledger("a").calls_of("echo").len(), 0);
}

#[tokio::test]
async fn a_gateway_that_stops_tells_that_the_call_waits() {
    let (serving, token) = serving().await;
    let web = serving.web("a", &token);
    let people = People::of(&serving.rig);
    let stop = async {
        let question = people.one().await;
        serving.signal(rustix::process::Signal::TERM);
        question
    };
    let (answer, question) = tokio::join!(web.modern_call("echo", hi()), stop);
    assert_eq!(waits_for(&answer), question.id);
    assert_eq!(people.state_of(&question.id), State::Pending);
    assert_eq!(serving.ledger("a").calls_of("echo").len(), 0);
}

#[tokio::test]
async fn what_a_server_asks_waits_for_people_too_and_passes_once() {
    let policy = "version: \"1\"\ndefault: deny\napprovals: {hold: 0s, approvers: olga}\ntools: {ask: {}}\n\
                  server_requests: {default: deny, roots/list: {require_approval: true}}\n";
    let rig = Rig::new(policy);
    let pipe = rig.pipe();
    pipe.open().await;
    let ask = async || pipe.call("ask", json!({"kind": "roots"})).await;
    ask().await;
    assert!(pipe.unread().is_empty(), "the client was asked");
    let people = People::of(&rig);
    let question = people.one().await;
    assert_eq!(question.method, "roots/list");
    people.yes(&question.id).await;
    let answering = async {
        let asked = pipe.next_message().await.unwrap();
        assert_eq!(asked.json["method"], "roots/list");
        pipe.reply(&asked, json!({"roots": []})).await;
    };
    tokio::join!(ask(), answering);
    ask().await;
    assert!(pipe.unread().is_empty(), "the client was asked twice for one yes");
}

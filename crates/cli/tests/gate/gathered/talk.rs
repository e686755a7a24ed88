//! What servers say on their own account, and what the client says back.

use serde_json::{Value, json};
use toolgate_testkit::{Events, Web};

use crate::rig::{GUARDED, text};

use super::rig::Two;

async fn next(events: &mut Events) -> Value {
    loop {
        let event = events.next().await.unwrap();
        if !event.data.is_empty() {
            return serde_json::from_str(&event.data).unwrap();
        }
    }
}

async fn call(web: &Web, id: u64, name: &str, arguments: Value, meta: Value) -> Events {
    let params = json!({"name": name, "arguments": arguments, "_meta": meta});
    let call = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params});
    web.post(call.to_string(), &[]).await.events()
}

/// Two servers ask under the same id; each hears its own answer.
#[tokio::test]
async fn questions_of_two_servers_never_meet() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let mut standing = web.get(None).await.events();
    let ask = || json!({"kind": "elicitation"});
    let mut questions = Vec::new();
    let (to_a, to_b) = tokio::join!(web.call("a__ask", ask()), async {
        questions.push(next(&mut standing).await);
        let (to_b, ()) = tokio::join!(web.call("b__ask", ask()), async {
            questions.push(next(&mut standing).await);
            for (question, who) in questions.iter().zip(["for a", "for b"]).rev() {
                let accepted = json!({"action": "accept", "content": {"who": who}});
                web.reply(question, accepted).await;
            }
        });
        to_b
    });
    assert_eq!(questions[0]["method"], "elicitation/create");
    assert_eq!(questions[0]["params"], questions[1]["params"]);
    assert_ne!(questions[0]["id"], questions[1]["id"]);
    assert!(text(&to_a).contains("for a"), "{to_a}");
    assert!(text(&to_b).contains("for b"), "{to_b}");
    let answered = |server: &str| -> Vec<Value> {
        let entries = two.serving.ledger(server).entries().into_iter().filter_map(|e| e.json);
        entries.filter(|m| m.get("result").is_some()).map(|m| m["id"].clone()).collect()
    };
    assert_eq!(answered("a"), answered("b"), "each under the id that it asked with");
    assert_eq!(answered("a").len(), 1);
    // An answer that nobody waits for goes nowhere.
    web.reply(&questions[0], json!({"action": "decline"})).await;
    web.reply(&json!({"id": 4096}), json!({"action": "decline"})).await;
    web.call("a__nothing", json!({})).await;
    assert_eq!(answered("a").len(), 1);
}

#[tokio::test]
async fn progress_comes_with_its_own_call() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let steps = json!({"steps": 3, "interval_ms": 1});
    let mut a = call(&web, 100, "a__progress", steps.clone(), json!({"progressToken": "t"})).await;
    let mut b = call(&web, 101, "b__progress", steps, json!({"progressToken": 5})).await;
    for (events, token, id) in [(&mut a, json!("t"), 100), (&mut b, json!(5), 101)] {
        for _ in 0..3 {
            let message = next(events).await;
            assert_eq!(message["params"]["progressToken"], token, "{message}");
        }
        let message = next(events).await;
        assert_eq!(message["id"], id, "{message}");
    }
}

#[tokio::test]
async fn a_changed_list_is_told() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let mut standing = web.get(None).await.events();
    let change = json!({"name": "echo", "description": "Changed."});
    web.call("b__redefine", change).await;
    assert_eq!(next(&mut standing).await["method"], "notifications/tools/list_changed");
}

/// One acknowledgement, and then what any server tells, under the client's own id.
#[tokio::test]
async fn a_subscription_hears_all_servers() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.all();
    let wanted = json!({"notifications": {"toolsListChanged": true}});
    let listen = web.modern_post(&json!("s"), "subscriptions/listen", &wanted).await;
    let mut events = listen.events();
    let acknowledged = next(&mut events).await;
    assert_eq!(acknowledged["method"], "notifications/subscriptions/acknowledged");
    assert_eq!(acknowledged["params"]["notifications"], json!({"toolsListChanged": true}));
    let id = |message: &Value| {
        message["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"].clone()
    };
    assert_eq!(id(&acknowledged), "s");
    for server in ["a", "b"] {
        let change = json!({"name": "echo", "description": server});
        two.all().modern_call(&format!("{server}__redefine"), change).await;
        let told = next(&mut events).await;
        assert_eq!(told["method"], "notifications/tools/list_changed", "{told}");
        assert_eq!(id(&told), "s");
    }
}

#[tokio::test]
async fn a_level_goes_to_every_server() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let answer = web.request("logging/setLevel", json!({"level": "error"})).await;
    assert_eq!(answer["result"], json!({}));
    for server in ["a", "b"] {
        let seen = two.serving.ledger(server).entries().into_iter().filter_map(|e| e.json);
        let levels: Vec<_> = seen.filter(|m| m["method"] == "logging/setLevel").collect();
        assert_eq!(levels.len(), 1, "{levels:?}");
        assert_eq!(levels[0]["params"]["level"], "error");
    }
}

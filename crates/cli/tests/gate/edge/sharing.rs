//! Several clients, one server: each hears its own answers, its own progress, in its own words.

use std::collections::BTreeSet;

use serde_json::{Value, json};
use tokio::task::JoinSet;
use toolgate_testkit::{Events, Web};

use crate::rig::{BACKS, Back, Client, Era, Front, GUARDED, Rig, Way, call_text, text};

#[tokio::test]
async fn modern_clients_with_the_same_ids_get_their_own_answers() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let mut clients = JoinSet::new();
        for client in 0..CLIENTS {
            let web = door.web();
            clients.spawn(own_answers(web, client));
        }
        clients.join_all().await;
        let entries = rig.ledger().entries();
        let pids: BTreeSet<_> = entries.iter().map(|entry| entry.pid).collect();
        assert_eq!(pids.len(), 1, "{back:?}");
        assert_eq!(rig.ledger().nonces().len(), usize::try_from(5 * CLIENTS).unwrap());
        if back == Back::Child {
            let ids = entries.iter().map(|entry| entry.json.as_ref().unwrap()["id"].to_string());
            assert_eq!(ids.collect::<BTreeSet<_>>().len(), entries.len());
        }
    }
}

const CLIENTS: u64 = 16;

/// The last to ask is the first to be answered.
async fn own_answers(web: Web, client: u64) {
    let ms = 20 + 10 * (CLIENTS - client);
    let slept = web.modern_call("slow", json!({"ms": ms})).await;
    assert_eq!(slept["id"], 1);
    assert_eq!(text(&slept), format!("slept {ms} ms"));
    for round in 0..5 {
        let nonce = format!("{client}-{round}");
        let said = web.modern_call("nonce", json!({"nonce": nonce})).await;
        assert_eq!(text(&said), nonce);
        assert_eq!(said["id"], 2 + round);
    }
}

/// A legacy session has a server of its own.
#[tokio::test]
async fn legacy_clients_share_no_server() {
    let rig = Rig::new(GUARDED);
    let door = rig.door().await;
    let (one, other) = (door.web(), door.web());
    one.open().await;
    other.open().await;
    assert_ne!(one.session(), other.session());
    for (web, message) in [(&one, "one"), (&other, "other")] {
        let body = call_text(Era::Legacy, "9", "echo", &json!({"message": message}).to_string());
        let answer = crate::rig::answer(web.post(body, &[]).await, &json!(9)).await;
        assert_eq!(text(&answer), message);
    }
    let pids: BTreeSet<_> = rig.ledger().entries().into_iter().map(|entry| entry.pid).collect();
    assert_eq!(pids.len(), 2);
    // The id of a session opens no other one's stream.
    let stolen = format!("{}x", one.session().unwrap());
    assert_eq!(other.post("{}", &[("mcp-session-id", &stolen)]).await.status, 400);
}

/// Everything on a stream, up to its end.
async fn all(mut events: Events) -> Vec<Value> {
    let mut heard = Vec::new();
    while let Some(event) = events.next().await {
        if !event.data.is_empty() {
            heard.push(serde_json::from_str(&event.data).unwrap());
        }
    }
    heard
}

/// Five steps with this token and then the answer to this id: nothing else.
#[track_caller]
fn assert_steps(heard: &[Value], token: &Value, id: &Value) {
    assert_eq!(heard.len(), 6, "{heard:?}");
    for (step, note) in heard[..5].iter().enumerate() {
        assert_eq!(note["method"], "notifications/progress");
        assert_eq!(note["params"]["progressToken"], *token, "{heard:?}");
        assert_eq!(note["params"]["progress"], step + 1);
    }
    assert_eq!(heard[5]["id"], *id);
    assert_eq!(text(&heard[5]), "took 5 steps");
}

fn steps(token: &Value) -> Value {
    json!({"name": "progress", "arguments": {"steps": 5}, "_meta": {"progressToken": token}})
}

async fn own_steps(web: Web, token: Value) {
    let reply = web.modern_post(&json!("same"), "tools/call", &steps(&token)).await;
    assert_steps(&all(reply.events()).await, &token, &json!("same"));
}

#[tokio::test]
async fn progress_reaches_the_modern_request_it_belongs_to() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let mut clients = JoinSet::new();
        // The same token and the same id in two clients, and others beside them.
        for token in [json!("t"), json!("t"), json!(1), json!("1"), json!("\u{e9} \"")] {
            clients.spawn(own_steps(door.web(), token));
        }
        clients.join_all().await;
    }
}

#[tokio::test]
async fn progress_reaches_the_legacy_request_it_belongs_to() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let web: Web = door.web();
        web.open().await;
        let call = async |id: u64, token: Value| {
            let body = json!({"jsonrpc": "2.0", "id": id, "method": "tools/call",
                              "params": steps(&token)});
            let reply = web.post(body.to_string(), &[]).await;
            assert_steps(&all(reply.events()).await, &token, &json!(id));
        };
        tokio::join!(
            call(50, json!("fifty")),
            call(51, json!("\u{1f600}")),
            call(52, json!(50)),
            call(53, json!("50")),
        );
    }
}

/// On a pipe there is one stream; the token is what tells.
#[tokio::test]
async fn progress_over_stdio_keeps_its_token() {
    for (back, era) in
        [(Back::Child, Era::Legacy), (Back::Child, Era::Modern), (Back::Url, Era::Legacy)]
    {
        let rig = Rig::new(GUARDED);
        let client = Client::start(&rig, Way { front: Front::Stdio, back, era }).await;
        let (answer, ()) =
            tokio::join!(client.request("tools/call", steps(&json!("tok"))), async {
                for step in 1..=5 {
                    let note = client.next_message().await;
                    assert_eq!(note["params"]["progressToken"], "tok");
                    assert_eq!(note["params"]["progress"], step);
                }
            });
        assert_eq!(text(&answer), "took 5 steps");
    }
}

/// A subscription is named by the client's id of the request that began it.
#[tokio::test]
async fn subscriptions_reach_those_who_began_them() {
    for back in BACKS {
        let rig = Rig::new(GUARDED);
        let (door, _upstream) = rig.door_before(back).await;
        let wanted = json!({"notifications": {"toolsListChanged": true}});
        let mut streams = Vec::new();
        for id in ["mine", "yours", "mine"] {
            let reply = door.web().modern_post(&json!(id), "subscriptions/listen", &wanted).await;
            let mut events = reply.events();
            let first: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
            assert_eq!(first["method"], "notifications/subscriptions/acknowledged", "{first}");
            streams.push((id, first, events));
        }
        let change = json!({"name": "echo", "description": "changed"});
        assert_eq!(text(&door.web().modern_call("redefine", change).await), "redefined");
        for (id, first, mut events) in streams {
            let heard: Value = serde_json::from_str(&events.next().await.unwrap().data).unwrap();
            assert_eq!(heard["method"], "notifications/tools/list_changed");
            let named = [&first, &heard].map(|message| &message["params"]["_meta"][SUBSCRIPTION]);
            assert_eq!(named, [id, id], "{back:?}");
        }
    }
}

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

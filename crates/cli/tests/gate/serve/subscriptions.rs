//! A subscription lasts, and the right to hear what it brings does not always.

use serde_json::{Value, json};
use toolgate_testkit::{Events, Web};

use crate::rig::{Rig, Serving};

const BOTH: &str = "\
version: \"1\"
default: deny
tools: {redefine: {}}
resources: {\"sentinel://greeting\": {}, \"sentinel://secret\": {}}
";
const ONE: &str = "\
version: \"1\"
default: deny
tools: {redefine: {}}
resources: {\"sentinel://greeting\": {}}
";

async fn listen(web: &Web, uris: &[&str]) -> Events {
    let wanted = json!({"toolsListChanged": true, "resourceSubscriptions": uris});
    let wanted = json!({"notifications": wanted});
    let reply = web.modern_post(&json!("sub"), "subscriptions/listen", &wanted).await;
    assert_eq!(reply.status, 200);
    let mut events = reply.events();
    let acknowledged = events.next().await.unwrap().data;
    assert!(acknowledged.contains("acknowledged"), "{acknowledged}");
    events
}

/// The URIs that are told of until the list of tools is.
async fn told(events: &mut Events) -> Vec<String> {
    let mut told = Vec::new();
    loop {
        let event = events.next().await.unwrap();
        let message: Value = serde_json::from_str(&event.data).unwrap_or_default();
        match message["method"].as_str() {
            Some("notifications/resources/updated") => {
                told.push(message["params"]["uri"].as_str().unwrap().to_owned());
            }
            Some("notifications/tools/list_changed") => return told,
            _ => {}
        }
    }
}

async fn change(web: &Web) {
    let arguments = json!({"name": "x", "description": "new"});
    let answer = web.modern_call("redefine", arguments).await;
    assert_eq!(answer["result"]["isError"], Value::Null, "{answer}");
}

#[tokio::test]
async fn what_a_new_policy_hides_is_not_told_on_old_subscriptions() {
    for shared in [false, true] {
        let rig = Rig::new(ONE);
        let mut server = Serving::child(&rig, "a", &[]);
        server["shared"] = json!(shared);
        let serving = Serving::start(rig, json!({"a": server})).await;
        // Where the connection is shared, its opener's policy is not everybody's.
        let bob = serving.web("a", &serving.grant("bob", &["a"]));
        let mut bobs = listen(&bob, &["sentinel://greeting"]).await;
        serving.rig.scratch.policy(BOTH);
        let ann = serving.web("a", &serving.grant("ann", &["a"]));
        let both = ["sentinel://greeting", "sentinel://secret"];
        let mut anns = listen(&ann, &both).await;
        change(&ann).await;
        assert_eq!(told(&mut anns).await, both);
        serving.rig.scratch.policy(ONE);
        serving.json(&["policy", "put", "ann", "policy.yaml"]);
        change(&ann).await;
        assert_eq!(told(&mut anns).await, both[..1]);
        if shared {
            assert_eq!(told(&mut bobs).await, both[..1]);
        }
    }
}

/// Also where it was decided by a policy, and where others go on at the same process.
#[tokio::test]
async fn a_subscription_ends_with_its_grant() {
    for shared in [false, true] {
        let rig = Rig::new(BOTH);
        let mut server = Serving::child(&rig, "a", &[]);
        server["shared"] = json!(shared);
        let serving = Serving::start(rig, json!({"a": server})).await;
        let ann = serving.web("a", &serving.grant("ann", &["a"]));
        let bob = serving.web("a", &serving.grant("bob", &["a"]));
        let mut bobs = listen(&bob, &["sentinel://secret"]).await;
        let mut anns = listen(&ann, &["sentinel://secret"]).await;
        serving.json(&["grant", "revoke", "ann"]);
        while anns.next().await.is_some() {}
        change(&bob).await;
        assert_eq!(told(&mut bobs).await, ["sentinel://secret"]);
    }
}

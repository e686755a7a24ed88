//! Names that look alike: neither is listed, neither can be called.

use serde_json::json;

use crate::rig::{GUARDED, Rig, Serving, assert_denied, text};

use super::rig::{all, names};

#[tokio::test]
async fn tools_that_look_alike_across_servers_are_refused() {
    let rig = Rig::new(GUARDED);
    let tools = |name: &str, list: serde_json::Value| {
        rig.scratch.file(name, list.to_string());
        format!("--tools={}", rig.scratch.at(name).display())
    };
    let shop = tools("one.json", json!([{"name": "list-nonce"}, {"name": "nonce"}]));
    let other = tools("two.json", json!([{"name": "nonce"}, {"name": "echo"}]));
    let servers = json!({"shop": Serving::child(&rig, "shop", &[&shop]),
                         "shop-list": Serving::child(&rig, "shop-list", &[&other]),
                         "b": Serving::child(&rig, "b", &[])});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["shop", "shop-list", "b"]);
    let web = all(&serving, &token);
    web.open().await;
    // Before anybody has listed anything.
    assert_denied(&web.call("shop-list__nonce", json!({"nonce": "n"})).await, "confusable");
    let modern = all(&serving, &token);
    assert_denied(
        &modern.modern_call("shop-list__nonce", json!({"nonce": "n"})).await,
        "confusable",
    );
    let listed = names(&web.request("tools/list", json!({})).await, "tools");
    let listed: Vec<_> = listed.iter().filter(|name| name.starts_with("shop")).collect();
    assert_eq!(listed, ["shop__nonce", "shop-list__echo"]);
    assert!(serving.gateway.stderr().contains("look alike"), "{}", serving.gateway.stderr());
    for name in ["shop-list__echo", "shop__nonce"] {
        let answer = web.call(name, json!({"nonce": "n"})).await;
        assert!(text(&answer).starts_with("ran "), "{answer}");
    }
    assert!(serving.ledger("shop-list").calls_of("nonce").is_empty());
    let log = serving.rig.log();
    let denied: Vec<_> = log.iter().filter(|entry| entry["code"] == "confusable").collect();
    assert_eq!(denied.len(), 2, "{log:#?}");
    assert!(denied.iter().all(|e| e["server"] == "shop-list" && e["tool"] == "nonce"), "{log:#?}");
    // At its own address nothing can be mistaken for it.
    let direct = serving.web("shop-list", &token);
    direct.open().await;
    let answer = direct.call("nonce", json!({"nonce": "n"})).await;
    assert!(text(&answer).starts_with("ran nonce"), "{answer}");
}

#[tokio::test]
async fn servers_whose_names_look_alike_have_no_tool_in_common() {
    let rig = Rig::new(GUARDED);
    let servers = json!({"mail": Serving::child(&rig, "mail", &[]),
                         "mai1": Serving::child(&rig, "mai1", &[])});
    let serving = Serving::start(rig, servers).await;
    let token = serving.grant("ann", &["mail", "mai1"]);
    let web = all(&serving, &token);
    web.open().await;
    assert_eq!(names(&web.request("tools/list", json!({})).await, "tools"), [""; 0]);
    for name in ["mail__nonce", "mai1__nonce"] {
        assert_denied(&web.call(name, json!({"nonce": "n"})).await, "confusable");
    }
    assert!(serving.ledger("mail").calls().is_empty());
}

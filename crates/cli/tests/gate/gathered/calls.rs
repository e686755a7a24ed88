//! Calls: decided, counted and recorded as at the server's own address.

use serde_json::{Value, json};

use crate::rig::{GUARDED, Rig, Serving, assert_denied, assert_error, denial, text};

use super::rig::{Two, all, names};

const LIMITED: &str = "\
version: \"1\"
default: deny
tools: {echo: {rules: [{action: allow, rate_limit: {max: 2, window: 3600}}]}, nonce: {}}
";

#[tokio::test]
async fn a_limit_is_one_whatever_the_way() {
    let two = Two::start(LIMITED, &[], &[]).await;
    let web = two.opened().await;
    let direct = two.serving.web("a", &two.token);
    direct.open().await;
    let hi = || json!({"message": "hi"});
    assert_eq!(text(&web.call("a__echo", hi()).await), "hi");
    assert_eq!(text(&direct.call("echo", hi()).await), "hi");
    assert_denied(&web.call("a__echo", hi()).await, "limit");
    assert_denied(&two.all().modern_call("a__echo", hi()).await, "limit");
    assert_denied(&direct.call("echo", hi()).await, "limit");
    assert_eq!(text(&web.call("b__echo", hi()).await), "hi", "another server, another counter");
    assert_eq!(two.serving.ledger("a").calls().len(), 2);
}

/// A record says the server's name and the tool's own, and the same digest of the arguments.
#[tokio::test]
async fn a_record_is_the_same_whatever_the_way() {
    let two = Two::start(LIMITED, &[], &[]).await;
    let direct = two.serving.web("b", &two.token);
    direct.open().await;
    let nonce = || json!({"nonce": "n", "x": [1, 2.50]});
    direct.call("nonce", nonce()).await;
    two.opened().await.call("b__nonce", nonce()).await;
    two.all().modern_call("b__nonce", nonce()).await;
    direct.call("refund", nonce()).await;
    two.opened().await.call("b__refund", nonce()).await;
    let told = |entry: &Value| {
        let mut entry = entry.clone();
        let members = entry.as_object_mut().unwrap();
        members.retain(|key, _| {
            [
                "arguments",
                "caller",
                "code",
                "effect",
                "grant",
                "kind",
                "method",
                "outcome",
                "pointer",
                "server",
                "tool",
            ]
            .contains(&key.as_str())
        });
        entry
    };
    let log = two.serving.rig.log();
    let about = |tool: &str| -> Vec<Value> {
        log.iter().filter(|entry| entry["tool"] == tool).map(told).collect()
    };
    let (allowed, denied) = (about("nonce"), about("refund"));
    assert_eq!((allowed.len(), denied.len()), (3, 2), "{log:#?}");
    assert!(allowed.iter().all(|entry| *entry == allowed[0]), "{allowed:#?}");
    assert!(denied.iter().all(|entry| *entry == denied[0]), "{denied:#?}");
    assert_eq!(allowed[0]["server"], "b", "{}", log[0]);
}

#[tokio::test]
async fn only_the_name_of_a_call_changes() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let call = r#"{"jsonrpc":"2.0","id":"x\u0041", "method":"tools/call","params":{ "z":1,"name" : "\u0061__no\u006ece","arguments":{"nonce":"n", "f":1.50}}}"#;
    web.post(call, &[]).await;
    let seen = two.serving.ledger("a").calls();
    let expected = call.replace(r#""\u0061__no\u006ece""#, r#""nonce""#);
    assert_eq!(String::from_utf8_lossy(&seen[0].raw), expected);
}

#[tokio::test]
async fn a_name_without_a_server_of_the_grant_is_unknown() {
    let rig = Rig::new(GUARDED);
    let servers = json!({"a": Serving::child(&rig, "a", &[]), "b": Serving::child(&rig, "b", &[])});
    let serving = Serving::start(rig, servers).await;
    let (ann, bob) = (serving.grant("ann", &["a"]), serving.grant("bob", &["b"]));
    let web = all(&serving, &ann);
    web.open().await;
    let listed = web.request("tools/list", json!({})).await;
    assert!(names(&listed, "tools").iter().all(|name| name.starts_with("a__")), "{listed}");
    for name in ["b__nonce", "nonce", "a__", "__nonce", "A__nonce", "a_nonce", "c__nonce"] {
        assert_error(&web.call(name, json!({"nonce": name})).await, -32602);
        assert_error(&all(&serving, &ann).modern_call(name, json!({"nonce": name})).await, -32602);
    }
    assert!(serving.ledger("b").entries().is_empty());
    assert_eq!(serving.ledger("a").calls().len(), 0);
    let other = all(&serving, &bob);
    other.open().await;
    assert_eq!(text(&other.call("b__nonce", json!({"nonce": "n"})).await), "n");
    let session = web.session().unwrap();
    let ping = r#"{"jsonrpc":"2.0","id":1,"method":"ping"}"#;
    let foreign = all(&serving, &bob).post(ping, &[("mcp-session-id", &session)]).await;
    assert_eq!(foreign.status, 404, "a session belongs to the grant that opened it");
    assert_eq!(web.request("ping", Value::Null).await["result"], json!({}));
}

#[tokio::test]
async fn an_id_is_in_flight_once_at_all_servers() {
    let two = Two::start(GUARDED, &[], &[]).await;
    let web = two.opened().await;
    let call = |name: &str| {
        json!({"jsonrpc": "2.0", "id": 7, "method": "tools/call",
               "params": {"name": name, "arguments": {}}})
        .to_string()
    };
    let (first, second) =
        tokio::join!(async { web.post(call("a__silent"), &[]).await.status }, async {
            two.serving.ledger("a").until(|seen| seen.len() > 2).await;
            let refused = web.post(call("b__nothing"), &[]).await.json().await;
            let cancel = json!({"requestId": 7});
            web.notify("notifications/cancelled", cancel).await;
            refused
        });
    assert_eq!(first, 202, "cancelled, so there is no answer");
    assert_error(&second, -32600);
    assert_eq!(denial(&second), "");
    let told = |server: &str| {
        let entries = two.serving.ledger(server).entries().into_iter();
        let methods = entries.filter_map(|entry| entry.json.map(|json| json["method"].clone()));
        methods.filter(|method| method == "notifications/cancelled").count()
    };
    two.serving.ledger("a").until(|_| told("a") == 1).await;
    assert_eq!(told("b"), 0);
    assert!(two.serving.ledger("b").calls().is_empty());
}

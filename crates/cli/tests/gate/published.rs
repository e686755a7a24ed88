//! The two policies that people copy from the catalogue's pages, byte for byte, over every way.

use serde_json::{Value, json};

use crate::rig::{Client, Rig, Way, assert_denied, assert_error, decision, denial, ways};

const CATALOGUE: &str = "tools: {run-model: {rules: [{action: allow, rate_limit: {max: 10, window: 60}, validate: {required_args: true}}]}}";
const HOSTED: &str = r#"{"version":"1","default":"deny","tools":{"run":{"limits":[{"counter":"run_rate","window":"minute","max":10,"scope":"grant"}]}}}"#;

/// Ten pass, all others hear when to come back, at the rule that bounds them.
async fn ten_pass(client: &Client, tool: &str, arguments: Value, rule: &str) {
    for _ in 0..10 {
        let answer = client.call(tool, arguments.clone()).await;
        assert_eq!(denial(&answer), "", "{answer}");
        assert!(answer["result"]["isError"].is_null(), "{answer}");
    }
    for _ in 0..2 {
        let answer = client.call(tool, arguments.clone()).await;
        assert_denied(&answer, "limit");
        let decision = decision(&answer);
        assert_eq!(decision["effect"], "limit");
        assert_eq!(decision["rule"], rule);
        assert_eq!(decision["retryable"], true);
        let retry_after_ms = decision["retry_after_ms"].as_u64().unwrap();
        assert!((1..=60_000).contains(&retry_after_ms), "{retry_after_ms}");
    }
}

/// With a client that lists first, and with one that never does.
fn clients() -> impl Iterator<Item = (Way, bool)> {
    ways().flat_map(|way| [(way, true), (way, false)])
}

#[tokio::test]
async fn the_policy_of_the_catalogue() {
    for (way, lists) in clients() {
        let rig = Rig::new(CATALOGUE);
        let client = Client::start(&rig, way).await;
        if lists {
            assert!(client.list().await.iter().any(|name| name == "run-model"));
        }
        let without = [
            (json!({}), "required_argument_missing"),
            (json!({"arguments": {"prompt": "p"}}), "required_argument_missing"),
            (json!({"Model": "a/b"}), "ambiguous_argument"),
        ];
        for (arguments, code) in without {
            let answer = client.call("run-model", arguments).await;
            assert_denied(&answer, code);
            assert_eq!(decision(&answer)["retryable"], false, "{way:?}");
        }
        let whole = json!({"model": "a/b", "arguments": {"prompt": "p"}});
        ten_pass(&client, "run-model", whole, "/tools/run-model/rules/0/rate_limit").await;
        // What costs nothing is denied for what is wrong with it, not for the limit.
        let answer = client.call("run-model", json!({})).await;
        assert_denied(&answer, "required_argument_missing");
        // It does not say what happens to other tools: as documented there, they pass.
        assert_eq!(denial(&client.call("echo", json!({"message": "m"})).await), "");
        let ledger = rig.ledger();
        assert_eq!(ledger.calls_of("run-model").len(), 10, "{way:?}");
        assert_eq!(ledger.calls().len(), 11, "{way:?}");
    }
}

/// The gate asks for the definition itself, on all pages, and hears of changes.
#[tokio::test]
async fn a_definition_is_found_wherever_the_server_lists_it() {
    for way in ways() {
        let rig = Rig::new(&CATALOGUE.replace("run-model", "region")).sentinel(&[
            "--pages",
            "7",
            "--delay-list-ms",
            "20",
        ]);
        let client = Client::start(&rig, way).await;
        let answer = client.call("region", json!({"query": "q"})).await;
        assert_denied(&answer, "required_argument_missing");
        assert!(decision(&answer)["rule"].as_str().unwrap().ends_with("/validate/required_args"));
        assert!(rig.ledger().calls().is_empty());
    }
}

#[tokio::test]
async fn the_policy_of_the_hosted_gateway() {
    for (way, lists) in clients() {
        let rig = Rig::new(HOSTED);
        let client = Client::start(&rig, way).await;
        let others = if lists { client.list().await } else { vec!["echo".to_owned()] };
        let others: Vec<_> = others.iter().filter(|name| *name != "run").collect();
        // Denied is not hidden.
        assert_eq!(others.len(), if lists { 21 } else { 1 }, "{others:?}");
        for name in &others {
            let answer = client.call(name, json!({"message": "m"})).await;
            assert_denied(&answer, "default_deny");
        }
        let command = json!({"command": "ls"});
        ten_pass(&client, "run", command, "/tools/run/limits/0").await;
        for name in ["Run", "RUN", "run-model", "runs", "ru"] {
            assert_denied(&client.call(name, json!({})).await, "default_deny");
        }
        let ledger = rig.ledger();
        assert_eq!(ledger.calls_of("run").len(), 10, "{way:?}");
        assert_eq!(ledger.calls().len(), 10, "{way:?}");
    }
}

/// Out of the list, and no such tool on call, like one that never was.
#[tokio::test]
async fn hidden_tools_do_not_exist() {
    let hiding =
        |what: &str| HOSTED.replacen(r#""tools""#, &format!(r#""hide":{what},"tools""#), 1);
    for (way, lists) in clients() {
        let rig = Rig::new(&hiding(r#"["delete_customer","ref*"]"#));
        let client = Client::start(&rig, way).await;
        if lists {
            let names = client.list().await;
            assert_eq!(names.len(), 20, "{names:?}");
            assert!(!names.iter().any(|name| name == "delete_customer" || name == "refund"));
        }
        for (i, name) in ["delete_customer", "refund", "refill"].iter().enumerate() {
            let id = (500 + i).to_string();
            let answer = client.call_text(&id, name, "{}").await;
            assert_error(&answer, -32602);
            assert_eq!(answer["error"]["message"], format!("Unknown tool: {name}"), "{way:?}");
            assert_eq!(answer["id"].to_string(), id);
        }
        assert_eq!(denial(&client.call("run", json!({"command": "ls"})).await), "");
        assert_eq!(rig.ledger().calls().len(), 1, "{way:?}");
    }
}

#[tokio::test]
async fn everything_can_be_hidden_over_all_pages() {
    for way in ways() {
        let rig = Rig::new(&HOSTED.replacen(r#""tools""#, r#""hide":"*","tools""#, 1))
            .sentinel(&["--pages", "3"]);
        let client = Client::start(&rig, way).await;
        assert!(client.list().await.is_empty(), "{way:?}");
        assert_error(&client.call("run", json!({"command": "ls"})).await, -32602);
        assert!(rig.ledger().calls().is_empty(), "{way:?}");
    }
}

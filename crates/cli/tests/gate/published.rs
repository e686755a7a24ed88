//! The two policies that people copy from the catalogue's pages, byte for byte, over every way.

use serde_json::{Value, json};
use toolgate_testkit::Pipe;

use crate::rig::{
    Client, Era, Rig, Way, assert_denied, assert_error, call_text, decision, denial, ways,
};
use crate::scripted;

const CATALOGUE: &str = include_str!("published/catalogue.yaml");
const HOSTED: &str = include_str!("published/hosted.json");

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

/// However a server writes its list, no reader of it learns of a hidden tool.
#[tokio::test]
async fn a_hidden_tool_is_in_no_list_that_a_server_writes_strangely() {
    let tool = r#"{"name":"delete_customer","inputSchema":{}}"#;
    let plain = r#"{"name":"run","inputSchema":{}}"#;
    let lists = [
        format!(r#"{{"tools":[{tool},{plain}]}}"#),
        format!(r#"{{"tools":[{plain},{tool}],"nextCursor":"2"}}"#),
        format!(r#"{{"tools":[{plain}],"tools":[{tool}]}}"#),
        format!(r#"{{"tools":[{tool}],"tools":[{plain}]}}"#),
        format!(r#"{{"t\u006fols":[{tool}]}}"#),
        format!(r#"{{"tools":[[{tool}]]}}"#),
        format!(r#"{{"tools":{{"a":{tool}}}}}"#),
        format!(r#"{{"tools":[{plain}],"Tools":[{tool}]}}"#),
        r#"{"tools":[{"name":"delete_customer","name":"run"}]}"#.to_owned(),
        r#"{"tools":[{"name":"run","name":"delete_customer"}]}"#.to_owned(),
        r#"{"tools":[{"name":"run","Name":"delete_customer"}]}"#.to_owned(),
        r#"{"tools":[{"n\u0061me":"delete_custo\u006der"}]}"#.to_owned(),
        r#"{"tools":[{"Name":"delete_customer"}]}"#.to_owned(),
        r#"{"tools":["delete_customer"]}"#.to_owned(),
    ];
    let policy = HOSTED.replacen(r#""tools""#, r#""hide":["delete_customer"],"tools""#, 1);
    let mut leaks = Vec::new();
    for list in lists {
        let rig = Rig::new(&policy);
        let said = format!(r#"{{"jsonrpc":"2.0","id":1,"result":{list}}}"#);
        let (program, args) = scripted::child(&rig.scratch, &[said.as_bytes()]);
        let pipe = Pipe::spawn(rig.before(&program, &args));
        let line = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
        let heard = pipe.exchange(&json!(1), line).await.unwrap();
        let text = String::from_utf8(heard.raw).unwrap().replace(r"\u006d", "m");
        if text.contains("delete_customer") {
            leaks.push(list);
        }
    }
    assert!(leaks.is_empty(), "{leaks:#?}");
}

/// The shape of a denial: HTTP 200, and what the client's era wants of a result.
#[tokio::test]
async fn a_denial_is_a_result_of_the_clients_era() {
    for way in ways() {
        let rig = Rig::new(HOSTED);
        let client = Client::start(&rig, way).await;
        let answer = client.call("echo", json!({"message": "m"})).await;
        assert_denied(&answer, "default_deny");
        let kind = &answer["result"]["resultType"];
        let expected = if way.era == Era::Modern { json!("complete") } else { Value::Null };
        assert_eq!(*kind, expected, "{way:?}");
        assert_eq!(answer["result"]["content"].as_array().unwrap().len(), 1);
    }
    let rig = Rig::new(HOSTED);
    let door = rig.door().await;
    let params = json!({"name": "echo"});
    let reply = door.web().modern_post(&json!(1), "tools/call", &params).await;
    assert_eq!((reply.status, reply.is_events()), (200, false));
    let web = door.web();
    web.open().await;
    let reply = web.post(call_text(Era::Legacy, "9", "echo", "{}"), &[]).await;
    assert_eq!((reply.status, reply.is_events()), (200, false));
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

//! The sentinel on stdio, in both eras, and what its ledger holds.

use std::collections::BTreeSet;
use std::sync::Arc;

use serde_json::{Value, json};
use toolgate_testkit::{Ledger, Pipe, Scratch, modern_params};

use crate::{ledger_flag, text};

#[tokio::test]
async fn legacy_versions_are_agreed_on() {
    for version in ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"] {
        let pipe = Pipe::sentinel(&[]);
        let response = pipe.initialize_as(version).await;
        assert_eq!(response["result"]["protocolVersion"], version);
        pipe.initialized().await;
        assert_eq!(text(&pipe.call("echo", json!({"message": "hi"})).await), "hi");
        assert!(pipe.close().await.success());
    }
    let pipe = Pipe::sentinel(&["--newest", "2025-03-26"]);
    assert_eq!(pipe.initialize().await["result"]["protocolVersion"], "2025-03-26");
}

#[tokio::test]
async fn pages_hold_the_whole_list_in_order() {
    let names = async |flags: &[&str]| {
        let tools = Pipe::sentinel(flags).list_tools().await;
        tools.iter().map(|tool| tool["name"].to_string()).collect::<Vec<_>>()
    };
    let whole = names(&[]).await;
    assert_eq!(whole.len(), 22);
    assert_eq!(names(&["--pages", "5"]).await, whole);
}

#[tokio::test]
async fn ledger_holds_exactly_the_bytes() {
    let scratch = Scratch::new();
    let pipe = Pipe::sentinel(&[&ledger_flag(&scratch)]);
    let lines: [&[u8]; 6] = [
        br#"{"jsonrpc":"2.0", "id":1,"method":"ping"}"#,
        br#"{"id":2,"method":"tools/call","params":{"name":"echo","n\u0061me":"run"}}"#,
        b"{\"id\":3,\"method\":\"tools/call\",\"params\":{\"name\":\"\xff\"}}",
        br#"[{"id":4,"method":"tools/call","params":{"name":"nonce","arguments":{"nonce":"n4"}}}]"#,
        b"not json\r",
        br#"{"method":"tools/call","params":{"name":"refund"}}"#,
    ];
    let sent = lines.join(&b'\n');
    pipe.send_raw(&sent).await.unwrap();
    // The last line has no end but that of the input.
    assert!(pipe.close().await.success());

    let ledger = Ledger::new(scratch.ledger());
    assert_eq!(ledger.raw_bytes(), sent);
    let entries = ledger.entries();
    let raw: Vec<_> = entries.iter().map(|entry| entry.raw.as_slice()).collect();
    assert_eq!(raw, lines);
    assert!(entries.is_sorted_by_key(|entry| entry.n));
    let read: Vec<_> = entries.iter().map(|entry| entry.json.is_some()).collect();
    assert_eq!(read, [true, true, false, true, false, true]);
    let calls = ledger.calls();
    let names: Vec<_> = calls.iter().map(|call| call.name.as_str()).collect();
    assert_eq!(names, ["run", "nonce", "refund"], "the last of two keys; in a batch; without id");
    assert_eq!(ledger.nonces(), BTreeSet::from(["n4".to_owned()]));
    assert!(ledger.could_run().contains("echo"), "another reader takes the first key");
}

#[tokio::test]
async fn calls_of_64_callers_are_recorded_before_they_are_answered() {
    let scratch = Scratch::new();
    let pipe = Arc::new(Pipe::sentinel(&[&ledger_flag(&scratch)]));
    pipe.open().await;
    let ledger = Ledger::new(scratch.ledger());
    let callers = (0..64).map(|caller| tokio::spawn(calls(pipe.clone(), ledger.clone(), caller)));
    for caller in callers.collect::<Vec<_>>() {
        caller.await.unwrap();
    }
    assert_eq!(ledger.calls().len(), 256);
    let whole = std::time::Duration::from_hours(1);
    assert_eq!(ledger.most_in(whole), 256);
    assert!(ledger.most_in(std::time::Duration::from_nanos(1)) < 256);
}

async fn calls(pipe: Arc<Pipe>, ledger: Ledger, caller: usize) {
    for round in 0..4 {
        let nonce = format!("{caller}-{round}");
        let response = pipe.call("nonce", json!({"nonce": nonce})).await;
        assert_eq!(text(&response), nonce);
        assert!(ledger.nonces().contains(&nonce));
    }
}

#[tokio::test]
async fn modern_results_carry_what_they_must() {
    let pipe = Pipe::sentinel(&[]);
    let discovered = pipe.modern_request("server/discover", Value::Null).await;
    let result = &discovered["result"];
    assert_eq!(result["supportedVersions"], json!(["2026-07-28"]));
    for result in [result, &pipe.modern_request("tools/list", Value::Null).await["result"]] {
        assert_eq!(result["resultType"], "complete");
        assert_eq!(result["cacheScope"], "public");
        assert!(result["ttlMs"].is_u64());
    }
    let called = pipe.modern_call("echo", json!({"message": "hi"})).await;
    assert_eq!(text(&called), "hi");
    assert_eq!(called["result"]["resultType"], "complete");
    assert_eq!(pipe.modern_call("missing", Value::Null).await["error"]["code"], -32602);
    let mut params = modern_params(&Value::Null, &json!({}));
    params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!("2031-01-01");
    let refused = pipe.request("tools/list", params).await;
    assert_eq!(refused["error"]["code"], -32022);
}

#[tokio::test]
async fn modern_input_is_asked_for_in_rounds_and_each_state_is_good_once() {
    let pipe = Pipe::sentinel(&[]);
    let first = pipe.modern_call("ask", json!({"rounds": 2})).await;
    assert_eq!(first["result"]["resultType"], "input_required");
    assert_eq!(first["result"]["inputRequests"]["question"]["method"], "elicitation/create");
    let again = async |state: &Value| {
        let params = json!({"name": "ask", "arguments": {"rounds": 2}, "requestState": state,
                            "inputResponses": {"question": {"action": "accept"}}});
        pipe.modern_request("tools/call", params).await
    };
    let second = again(&first["result"]["requestState"]).await;
    assert_eq!(second["result"]["resultType"], "input_required");
    let third = again(&second["result"]["requestState"]).await;
    assert_eq!(text(&third), r#"the client said {"action":"accept"}"#);
    let replayed = again(&second["result"]["requestState"]).await;
    assert_eq!(replayed["error"]["code"], -32602);
    let pipe =
        Pipe::spawn_with(std::process::Command::new(toolgate_testkit::bin("sentinel")), json!({}));
    assert_eq!(pipe.modern_call("ask", Value::Null).await["error"]["code"], -32021);
}

#[tokio::test]
async fn modern_listeners_hear_of_changes_after_the_acknowledgement() {
    let pipe = Pipe::sentinel(&[]);
    let params = modern_params(&json!({"notifications": {"toolsListChanged": true}}), &json!({}));
    let line =
        json!({"jsonrpc": "2.0", "id": "sub", "method": "subscriptions/listen", "params": params});
    pipe.send_line(line.to_string()).await.unwrap();
    pipe.modern_call("redefine", json!({"name": "added", "description": "new"})).await;
    for method in ["notifications/subscriptions/acknowledged", "notifications/tools/list_changed"] {
        let heard = pipe.next_message().await.unwrap();
        assert_eq!(heard.json["method"], method);
        let meta = &heard.json["params"]["_meta"];
        assert_eq!(meta["io.modelcontextprotocol/subscriptionId"], "sub");
    }
    let tools = pipe.list_tools().await;
    assert_eq!(tools.last().unwrap()["name"], "added");
    assert_eq!(text(&pipe.call("added", json!({})).await), "ran added with {}");
}

#[tokio::test]
async fn legacy_server_asks_and_waits_for_the_answer() {
    let pipe = Pipe::sentinel(&[]);
    pipe.open().await;
    let asking = pipe.call("ask", json!({"kind": "sampling"}));
    let answering = async {
        let request = pipe.next_message().await.unwrap();
        assert_eq!(request.json["method"], "sampling/createMessage");
        pipe.reply(&request, json!({"role": "assistant"})).await;
    };
    let (response, ()) = tokio::join!(asking, answering);
    assert_eq!(text(&response), r#"the client said {"role":"assistant"}"#);
}

#[tokio::test]
async fn era_is_free_unless_it_is_locked() {
    let pipe = Pipe::sentinel(&[]);
    assert!(pipe.modern_request("server/discover", Value::Null).await["result"].is_object());
    assert!(pipe.initialize().await["result"].is_object());

    let pipe = Pipe::sentinel(&["--strict-era-lock"]);
    assert!(pipe.modern_request("server/discover", Value::Null).await["result"].is_object());
    assert_eq!(pipe.initialize().await["error"]["code"], -32022);

    let pipe = Pipe::sentinel(&["--strict-era-lock"]);
    assert!(pipe.initialize().await["result"].is_object());
    assert_eq!(pipe.modern_request("tools/list", Value::Null).await["error"]["code"], -32600);

    let pipe = Pipe::sentinel(&["--era", "legacy"]);
    assert_eq!(pipe.modern_request("server/discover", Value::Null).await["error"]["code"], -32601);
    let pipe = Pipe::sentinel(&["--era", "modern"]);
    assert_eq!(pipe.initialize().await["error"]["code"], -32022);
    assert_eq!(pipe.call("echo", json!({})).await["error"]["code"], -32602);
}

#[tokio::test]
async fn batches_are_executed_and_answered_together() {
    let pipe = Pipe::sentinel(&[]);
    pipe.send_line(
        r#"[{"id":1,"method":"tools/call","params":{"name":"slow","arguments":{"ms":1}}},
            {"method":"notifications/initialized"},{"id":2,"method":"ping"}]"#
            .replace('\n', " "),
    )
    .await
    .unwrap();
    let answers = pipe.next_message().await.unwrap().json;
    let ids: BTreeSet<_> =
        answers.as_array().unwrap().iter().map(|answer| answer["id"].as_u64()).collect();
    assert_eq!(ids, BTreeSet::from([Some(1), Some(2)]));
}

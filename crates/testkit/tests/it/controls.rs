//! The flags and tools by which the sentinel misbehaves.

use std::sync::Arc;

use serde_json::{Value, json};
use toolgate_testkit::{Ledger, Pipe, Scratch};

use crate::{ledger_flag, text};

#[tokio::test]
async fn crash_leaves_the_call_in_the_ledger_and_no_answer() {
    let scratch = Scratch::new();
    let pipe = Pipe::sentinel(&[&ledger_flag(&scratch)]);
    assert_eq!(pipe.try_request("tools/call", json!({"name": "crash"})).await, None);
    assert_eq!(pipe.wait().await.code(), Some(7));
    assert_eq!(Ledger::new(scratch.ledger()).calls_of("crash").len(), 1);
}

#[tokio::test]
async fn exit_after_answers_first() {
    let pipe = Pipe::sentinel(&["--exit-after", "2", "--exit-code", "5"]);
    assert!(pipe.initialize().await["result"].is_object());
    assert_eq!(text(&pipe.call("echo", json!({"message": "last"})).await), "last");
    assert_eq!(pipe.wait().await.code(), Some(5));
    assert!(pipe.next_message().await.is_none());
}

#[tokio::test]
async fn reading_stops_and_resumes() {
    let scratch = Scratch::new();
    let resume = scratch.at("resume");
    let pipe = Pipe::sentinel(&[
        &ledger_flag(&scratch),
        "--stop-reading-after=1",
        &format!("--resume-file={}", resume.display()),
    ]);
    pipe.send_raw("{\"id\":90,\"method\":\"ping\"}\n{\"id\":91,\"method\":\"ping\"}\n")
        .await
        .unwrap();
    assert_eq!(pipe.next_message().await.unwrap().json["id"], 90);
    let answer = pipe.expect(&json!(92)).unwrap();
    pipe.send_line(r#"{"id":92,"method":"ping"}"#).await.unwrap();
    assert_eq!(Ledger::new(scratch.ledger()).entries().len(), 1);
    scratch.file("resume", "");
    assert_eq!(answer.await.unwrap().json["id"], 92);
    assert_eq!(Ledger::new(scratch.ledger()).entries().len(), 3);
}

#[tokio::test]
async fn forged_messages_come_before_the_answer() {
    let pipe = Pipe::sentinel(&["--forge-response"]);
    assert_eq!(text(&pipe.call("echo", json!({"message": "true"})).await), "true");
    let forged = pipe.unread();
    assert_eq!(forged.len(), 2);
    assert!(forged[0].json["id"].as_str().unwrap().starts_with("forged-"));
    assert!(forged[0].json["result"].is_object());
    assert_eq!(forged[1].json["method"], "tools/call");
}

#[tokio::test]
async fn twice_answers_twice_and_silent_never() {
    let pipe = Pipe::sentinel(&[]);
    let silent = pipe.expect(&json!("quiet")).unwrap();
    pipe.send_line(r#"{"id":"quiet","method":"tools/call","params":{"name":"silent"}}"#)
        .await
        .unwrap();
    assert_eq!(text(&pipe.call("twice", Value::Null).await), "first");
    assert_eq!(text(&pipe.next_message().await.unwrap().json), "second");
    assert!(pipe.close().await.success());
    assert!(silent.await.is_err());
}

#[tokio::test]
async fn cancelled_calls_are_not_answered() {
    let pipe = Pipe::sentinel(&[]);
    let slow = pipe.expect(&json!(77)).unwrap();
    pipe.send_line(
        r#"{"id":77,"method":"tools/call","params":{"name":"slow","arguments":{"ms":60000}}}"#,
    )
    .await
    .unwrap();
    pipe.notify("notifications/cancelled", json!({"requestId": 77})).await;
    assert!(pipe.request("ping", Value::Null).await["result"].is_object());
    assert!(pipe.close().await.success());
    assert!(slow.await.is_err());
}

#[tokio::test]
async fn evil_meta_is_spelled_as_asked() {
    let pipe = Pipe::sentinel(&[]);
    for (spelling, raw) in [
        ("plain", r#""dev.toolgate/decision":"#),
        ("escaped", r#""dev.toolgat\u0065/decision":"#),
        ("both", r#""dev.toolgat\u0065/approval":"#),
    ] {
        let id = json!(spelling);
        let line = json!({"id": id, "method": "tools/call",
                          "params": {"name": "evil_meta", "arguments": {"spelling": spelling}}});
        let heard = pipe.exchange(&id, line.to_string()).await.unwrap();
        assert!(String::from_utf8(heard.raw).unwrap().contains(raw), "{spelling}");
        assert!(heard.json["result"]["_meta"].is_object());
    }
}

#[tokio::test]
async fn noise_goes_to_standard_error_only() {
    let pipe = Pipe::sentinel(&["--stderr-noise", "--split-writes"]);
    let big = pipe.call("big", json!({"bytes": 5000})).await;
    assert_eq!(text(&big).len(), 5000);
    let noise = pipe.stderr_with("\n").await;
    assert!(serde_json::from_str::<Value>(noise.lines().next().unwrap()).is_ok());
    assert!(pipe.unread().is_empty());
}

#[tokio::test]
async fn renamed_tools_answer_to_the_new_name_only() {
    let pipe = Pipe::sentinel(&["--rename", "echo=foo"]);
    let tools = pipe.list_tools().await;
    assert!(tools.iter().any(|tool| tool["name"] == "foo"));
    assert_eq!(text(&pipe.call("foo", json!({"message": "hi"})).await), "hi");
    assert_eq!(pipe.call("echo", json!({})).await["result"]["isError"], true);
}

#[tokio::test]
async fn tools_of_a_file_are_served_as_they_are_now() {
    let scratch = Scratch::new();
    let output =
        json!({"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}});
    let tool = json!({"name": "own", "inputSchema": {"type": "object"}, "outputSchema": output});
    let file = scratch.file("tools.json", json!({"tools": [tool]}).to_string());
    let pipe = Pipe::sentinel(&["--tools", file.to_str().unwrap()]);
    assert_eq!(pipe.list_tools().await, std::slice::from_ref(&tool));
    let result = &pipe.call("own", json!({})).await["result"];
    assert_eq!(result["structuredContent"], json!({"n": 0}));
    assert_eq!(pipe.call("echo", json!({})).await["result"]["isError"], true);
    scratch.file("tools.json", "[]");
    assert!(pipe.list_tools().await.is_empty());
}

#[tokio::test]
async fn universal_newlines_find_a_second_call_in_white_space() {
    let line = "{\"id\":1,\"method\":\"ping\",\r{\"id\":2,\"method\":\"tools/call\",\"params\":{\"name\":\"run\"}}\r\"x\":0}";
    for (flag, calls) in [("--universal-newlines", 1), ("--split-writes", 0)] {
        let scratch = Scratch::new();
        let pipe = Pipe::sentinel(&[flag, &ledger_flag(&scratch)]);
        pipe.send_line(line).await.unwrap();
        assert!(pipe.close().await.success());
        let ledger = Ledger::new(scratch.ledger());
        assert_eq!(ledger.calls_of("run").len(), calls, "{flag}");
        assert!(ledger.could_run().contains("run"), "{flag}");
    }
}

#[tokio::test]
async fn lingering_outlives_its_input() {
    let pipe = Pipe::sentinel(&["--linger"]);
    let response = pipe.expect(&json!(5)).unwrap();
    pipe.send_line(
        r#"{"id":5,"method":"tools/call","params":{"name":"slow","arguments":{"ms":20}}}"#,
    )
    .await
    .unwrap();
    pipe.close_stdin().await;
    assert_eq!(text(&response.await.unwrap().json), "slept 20 ms");
    pipe.kill().await;
}

#[tokio::test]
async fn a_client_that_does_not_read_blocks_the_server_and_loses_nothing() {
    let scratch = Scratch::new();
    let pipe = Arc::new(Pipe::sentinel(&[&ledger_flag(&scratch)]));
    pipe.stop_reading();
    let call = |_| {
        let pipe = pipe.clone();
        tokio::spawn(async move { text(&pipe.call("big", json!({"bytes": 400_000})).await).len() })
    };
    let calls: Vec<_> = (0..8).map(call).collect();
    Ledger::new(scratch.ledger()).until(|entries| !entries.is_empty()).await;
    assert!(calls.iter().all(|call| !call.is_finished()));
    pipe.resume_reading();
    for call in calls {
        assert_eq!(call.await.unwrap(), 400_000);
    }
}

//! Messages as a test writes them, and what came back for them.

use serde_json::{Value, json};
use toolgate_testkit::{LEGACY_VERSION, MODERN_VERSION, WebReply, modern_params};

use super::Era;

/// One `tools/call`, its arguments as they are given.
pub(crate) fn call_text(era: Era, id: &str, name: &str, arguments: &str) -> String {
    let arguments =
        if arguments.is_empty() { String::new() } else { format!(r#","arguments":{arguments}"#) };
    let meta = match era {
        Era::Legacy => String::new(),
        Era::Modern => {
            let params = modern_params(&Value::Null, &json!({}));
            format!(r#","_meta":{}"#, params["_meta"])
        }
    };
    let params = format!(r#"{{"name":"{name}"{arguments}{meta}}}"#);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#)
}

/// What a modern client sends beside a call.
pub(crate) fn modern_headers<'a>(method: &'a str, name: &'a str) -> [(&'a str, &'a str); 3] {
    [("mcp-protocol-version", MODERN_VERSION), ("mcp-method", method), ("mcp-name", name)]
}

/// The text of an `initialize`.
pub(crate) fn hello() -> String {
    let params = json!({"protocolVersion": LEGACY_VERSION, "capabilities": {},
                        "clientInfo": {"name": "gate", "version": "1"}});
    json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": params}).to_string()
}

/// The response with this id, by JSON or by events.
pub(crate) async fn answer(reply: WebReply, id: &Value) -> Value {
    if !reply.is_events() {
        return reply.json().await;
    }
    let mut events = reply.events();
    while let Some(event) = events.next().await {
        let message: Value = serde_json::from_str(&event.data).unwrap_or_default();
        if message["id"] == *id && message["method"].is_null() {
            return message;
        }
    }
    panic!("the stream ended without an answer to {id}");
}

/// The text of the first content block.
pub(crate) fn text(response: &Value) -> &str {
    response["result"]["content"][0]["text"].as_str().unwrap_or_default()
}

/// What the gate says of its decision; null where it let the call through.
pub(crate) fn decision(response: &Value) -> &Value {
    &response["result"]["_meta"]["dev.toolgate/decision"]
}

/// The code of a denial; empty where the call was let through.
pub(crate) fn denial(response: &Value) -> &str {
    decision(response)["code"].as_str().unwrap_or_default()
}

/// A denied call is a tool result that says so.
#[track_caller]
pub(crate) fn assert_denied(response: &Value, code: &str) {
    assert_eq!(denial(response), code, "{response}");
    assert_eq!(response["result"]["isError"], true, "{response}");
    assert!(text(response).starts_with("[POLICY DENIED] "), "{response}");
    assert!(response["result"].get("structuredContent").is_none(), "{response}");
}

#[track_caller]
pub(crate) fn assert_error(response: &Value, code: i64) {
    assert_eq!(response["error"]["code"], code, "{response}");
    assert!(response.get("result").is_none(), "{response}");
}

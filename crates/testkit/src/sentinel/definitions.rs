//! The sentinel's own tools, as `tools/list` shows them.

use serde_json::{Value, json};

/// Every built-in tool, in the order of the list.
pub(crate) fn definitions() -> Vec<Value> {
    let mut tools = business();
    tools.extend(plain());
    tools.extend(misbehaving());
    tools
}

/// Tools like those a policy is written for.
fn business() -> Vec<Value> {
    vec![
        tool(
            "run-model",
            "Run any model on the inference platform. May cost money.",
            &json!({"model": {"type": "string", "description": "Model id"},
                   "arguments": {"type": "object", "description": "Input of the model"}}),
            &["model"],
        ),
        tool(
            "run",
            "Run a command and return its output.",
            &json!({"command": {"type": "string"}}),
            &[],
        ),
        tool(
            "create_charge",
            "Charge a customer's card.",
            &json!({"amount": {"type": "number"}, "currency": {"type": "string"},
                   "customer": {"type": "string"}}),
            &["amount", "currency", "customer"],
        ),
        tool(
            "refund",
            "Refund a charge.",
            &json!({"charge": {"type": "string"}, "amount": {"type": "number"}}),
            &["charge"],
        ),
        annotated(
            tool(
                "delete_customer",
                "Delete a customer for good.",
                &json!({"customer": {"type": "string"}}),
                &["customer"],
            ),
            &json!({"destructiveHint": true, "readOnlyHint": false}),
        ),
    ]
}

/// Tools that do what they say.
fn plain() -> Vec<Value> {
    vec![
        annotated(
            tool(
                "echo",
                "Says the message back.",
                &json!({"message": {"type": "string"}}),
                &["message"],
            ),
            &json!({"readOnlyHint": true}),
        ),
        tool(
            "add",
            "Adds two numbers.",
            &json!({"a": {"type": "number"}, "b": {"type": "number"}}),
            &["a", "b"],
        ),
        tool("nonce", "Says a nonce back.", &json!({"nonce": {"type": "string"}}), &["nonce"]),
        json!({"name": "nothing", "description": "Takes nothing.", "inputSchema": {"type": "object"}}),
        tool("slow", "Answers after a while.", &json!({"ms": {"type": "integer"}}), &["ms"]),
        tool("big", "Answers with much text.", &json!({"bytes": {"type": "integer"}}), &["bytes"]),
        tool(
            "progress",
            "Reports its steps.",
            &json!({"steps": {"type": "integer"}, "interval_ms": {"type": "integer"}}),
            &["steps"],
        ),
        tool(
            "ask",
            "Asks the client for something before it answers.",
            &json!({"kind": {"type": "string", "enum": ["elicitation", "ping", "roots", "sampling"]},
                   "rounds": {"type": "integer"}}),
            &[],
        ),
        json!({"name": "structured", "description": "Answers with structured content.",
               "inputSchema": {"type": "object", "properties": {"value": {"type": "number"}}},
               "outputSchema": {"type": "object", "properties": {"value": {"type": "number"},
                                "unit": {"type": "string"}}, "required": ["value", "unit"]}}),
        tool(
            "region",
            "Reads from a region named by a header too.",
            &json!({"region": {"type": "string", "x-mcp-header": "Region"}, "query": {"type": "string"}}),
            &["region"],
        ),
        tool(
            "redefine",
            "Changes or adds a tool's description and tells who listens.",
            &json!({"name": {"type": "string"}, "description": {"type": "string"}}),
            &["name", "description"],
        ),
    ]
}

/// Tools that fail in the ways servers fail.
fn misbehaving() -> Vec<Value> {
    vec![
        tool("fail", "Answers that it failed.", &json!({}), &[]),
        tool(
            "rpc_error",
            "Answers with a protocol error.",
            &json!({"code": {"type": "integer"}}),
            &[],
        ),
        tool("crash", "Ends the server in the middle of the call.", &json!({}), &[]),
        tool("silent", "Never answers.", &json!({}), &[]),
        tool("twice", "Answers twice.", &json!({}), &[]),
        tool(
            "evil_meta",
            "Pretends that a gateway decided.",
            &json!({"spelling": {"type": "string", "enum": ["both", "escaped", "plain"]}}),
            &[],
        ),
    ]
}

fn tool(name: &str, description: &str, properties: &Value, required: &[&str]) -> Value {
    let mut schema = json!({"type": "object", "properties": properties});
    if !required.is_empty() {
        schema["required"] = json!(required);
    }
    json!({"name": name, "description": description, "inputSchema": schema})
}

fn annotated(mut tool: Value, annotations: &Value) -> Value {
    tool["annotations"] = annotations.clone();
    tool
}

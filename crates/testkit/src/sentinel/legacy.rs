//! The methods of the handshake era, 2024-11-05 to 2025-11-25.

use serde_json::{Value, json};

use super::answer::{Fault, INVALID_PARAMS, METHOD_NOT_FOUND, Outcome};
use super::core::{Context, Listener, Reply};
use crate::guard::lock;

pub(crate) const VERSIONS: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];

pub(crate) fn request(context: &Context, method: &str, params: &Value) -> Reply {
    let outcome = match method {
        "initialize" => Ok(initialize(context, params)),
        "ping" | "logging/setLevel" | "resources/subscribe" | "resources/unsubscribe" => {
            Ok(json!({}))
        }
        _ => shared(context, method, params),
    };
    Reply::Now(outcome)
}

fn initialize(context: &Context, params: &Value) -> Value {
    let newest = context.core.flags.newest.as_str();
    let asked = params["protocolVersion"].as_str().unwrap_or_default();
    let version = if VERSIONS.contains(&asked) && asked <= newest { asked } else { newest };
    *lock(&context.session.version) = Some(version.to_owned());
    *lock(&context.session.capabilities) = params["capabilities"].clone();
    let outlet = context.session.general.clone();
    context.core.listen(Listener { outlet, subscription: None, tools: true, uris: Vec::new() });
    json!({
        "protocolVersion": version,
        "capabilities": {
            "tools": {"listChanged": true}, "resources": {"subscribe": true}, "prompts": {},
            "completions": {}, "logging": {},
        },
        "serverInfo": server_info(),
        "instructions": "A server for tests.",
    })
}

pub(crate) fn server_info() -> Value {
    json!({"name": "sentinel", "version": env!("CARGO_PKG_VERSION")})
}

/// Methods that both eras have, beside those of tools.
pub(crate) fn shared(context: &Context, method: &str, params: &Value) -> Outcome {
    const GREETING: &str = "sentinel://greeting";
    const SECRET: &str = "sentinel://secret";
    let name = &params["name"];
    let uri = params["uri"].as_str().unwrap_or_default();
    match method {
        "resources/list" => Ok(context.cacheable(
            json!({"resources": [
                {"uri": GREETING, "name": "greeting", "mimeType": "text/plain"},
                {"uri": SECRET, "name": "secret", "mimeType": "text/plain"},
            ]}),
        )),
        "resources/templates/list" => Ok(context.cacheable(
            json!({"resourceTemplates": [{"uriTemplate": "sentinel://items/{id}", "name": "items"}]}),
        )),
        "resources/read" if uri == GREETING => Ok(context.cacheable(
            json!({"contents": [{"uri": GREETING, "mimeType": "text/plain", "text": "hello"}]}),
        )),
        "resources/read" if uri == SECRET || uri.starts_with("sentinel://items/") => {
            Ok(context.cacheable(json!({"contents": [{"uri": uri, "text": uri}]})))
        }
        "resources/read" => Err(Fault::new(INVALID_PARAMS, "no such resource")),
        "prompts/list" => Ok(context.cacheable(
            json!({"prompts": [
                {"name": "greet", "arguments": [{"name": "who", "required": true}]},
                {"name": "secret"},
            ]}),
        )),
        "prompts/get" if name == "greet" => {
            let who = params["arguments"]["who"].as_str().unwrap_or("nobody");
            let text = format!("Greet {who}.");
            Ok(json!({"messages": [{"role": "user", "content": {"type": "text", "text": text}}]}))
        }
        "prompts/get" => Err(Fault::new(INVALID_PARAMS, "no such prompt")),
        "completion/complete" => {
            Ok(json!({"completion": {"values": ["alice", "bob"], "total": 2, "hasMore": false}}))
        }
        _ => Err(Fault::with(METHOD_NOT_FOUND, "Method not found", json!(method))),
    }
}

//! Messages as the scripted clients write them.

use serde_json::{Value, json};

pub const LEGACY_VERSION: &str = "2025-11-25";
pub const MODERN_VERSION: &str = "2026-07-28";

/// The text of one request; without parameters where `params` is null.
pub fn request(id: &Value, method: &str, params: &Value) -> String {
    let mut message = json!({"jsonrpc": "2.0", "id": id, "method": method});
    if !params.is_null() {
        message["params"] = params.clone();
    }
    message.to_string()
}

pub fn notification(method: &str, params: &Value) -> String {
    let mut message = json!({"jsonrpc": "2.0", "method": method});
    if !params.is_null() {
        message["params"] = params.clone();
    }
    message.to_string()
}

/// Adds the envelope of 2026-07-28 to a request's parameters, which may be null.
pub fn modern_params(params: &Value, capabilities: &Value) -> Value {
    let mut params = if params.is_null() { json!({}) } else { params.clone() };
    let meta = &mut params["_meta"];
    meta["io.modelcontextprotocol/protocolVersion"] = json!(MODERN_VERSION);
    meta["io.modelcontextprotocol/clientCapabilities"] = capabilities.clone();
    meta["io.modelcontextprotocol/clientInfo"] = client_info();
    params
}

pub(crate) fn initialize_params(version: &str, capabilities: &Value) -> Value {
    json!({"protocolVersion": version, "capabilities": capabilities, "clientInfo": client_info()})
}

pub(crate) fn call_params(name: &str, arguments: &Value) -> Value {
    let mut params = json!({"name": name});
    if !arguments.is_null() {
        params["arguments"] = arguments.clone();
    }
    params
}

fn client_info() -> Value {
    json!({"name": "testkit", "version": env!("CARGO_PKG_VERSION")})
}

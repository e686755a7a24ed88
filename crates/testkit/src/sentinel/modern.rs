//! The methods of 2026-07-28, where every request carries its own envelope.

use serde_json::{Value, json};

use super::answer::{Fault, INVALID_PARAMS, UNSUPPORTED_VERSION, notification};
use super::core::{Context, Listener, Reply};
use super::legacy;
use crate::MODERN_VERSION;

pub(crate) const VERSION: &str = "io.modelcontextprotocol/protocolVersion";
pub(crate) const CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
pub(crate) const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";
const SERVER_INFO: &str = "io.modelcontextprotocol/serverInfo";

/// Whether a request says that it is a modern one.
pub(crate) fn claims(params: &Value) -> bool {
    params["_meta"].get(VERSION).is_some()
}

/// What is wrong with the envelope, if anything.
pub(crate) fn envelope_fault(params: &Value) -> Option<Fault> {
    let meta = &params["_meta"];
    let missing: Vec<_> =
        [VERSION, CAPABILITIES].into_iter().filter(|key| meta.get(key).is_none()).collect();
    if !missing.is_empty() {
        let message = format!("params._meta lacks {}", missing.join(", "));
        return Some(Fault::new(INVALID_PARAMS, message));
    }
    (meta[VERSION] != MODERN_VERSION).then(|| {
        Fault::with(
            UNSUPPORTED_VERSION,
            "Unsupported protocol version",
            json!({"supported": [MODERN_VERSION], "requested": meta[VERSION]}),
        )
    })
}

pub(crate) fn request(context: &Context, method: &str, params: &Value) -> Reply {
    match method {
        "server/discover" => Reply::Now(Ok(context.cacheable(discover()))),
        "subscriptions/listen" => listen(context, params),
        _ => Reply::Now(legacy::shared(context, method, params)),
    }
}

fn discover() -> Value {
    json!({
        "supportedVersions": [MODERN_VERSION],
        "capabilities": {
            "tools": {"listChanged": true}, "resources": {}, "prompts": {}, "completions": {},
        },
        "instructions": "A server for tests.",
    })
}

/// The acknowledgement is the first thing on the stream; the answer comes only with its end.
fn listen(context: &Context, params: &Value) -> Reply {
    let tools = params["notifications"]["toolsListChanged"] == true;
    let mut honored = if tools { json!({"toolsListChanged": true}) } else { json!({}) };
    let uris = params["notifications"]["resourceSubscriptions"].as_array();
    let uris = uris.cloned().unwrap_or_default();
    if !uris.is_empty() {
        honored["resourceSubscriptions"] = json!(uris);
    }
    let params = json!({"notifications": honored, "_meta": {SUBSCRIPTION: context.id}});
    context.outlet.send(notification("notifications/subscriptions/acknowledged", Some(params)));
    if tools || !uris.is_empty() {
        let (outlet, subscription) = (context.outlet.clone(), Some(context.id.clone()));
        context.core.listen(Listener { outlet, subscription, tools, uris });
    }
    Reply::Later
}

/// Adds what every modern result carries.
pub(crate) fn complete(mut result: Value) -> Value {
    if result.get("resultType").is_none() {
        result["resultType"] = json!("complete");
    }
    result["_meta"][SERVER_INFO] = legacy::server_info();
    result
}

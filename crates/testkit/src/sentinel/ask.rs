//! The tool that needs something from the client first: by request, or by another round (MRTR).

use serde_json::{Value, json};

use super::answer::{Fault, INVALID_PARAMS, MISSING_CAPABILITY, Outcome, text};
use super::call::Call;
use super::core::{Context, Reply};
use super::modern::CAPABILITIES;
use super::session::Era;
use crate::guard::lock;

pub(crate) fn run(context: &Context, call: &Call) -> Reply {
    match context.era {
        Era::Legacy => legacy(context, call),
        Era::Modern => Reply::Now(modern(context, call)),
    }
}

fn legacy(context: &Context, call: &Call) -> Reply {
    let declared = lock(&context.session.capabilities).clone();
    let kind = kind(call, &declared);
    if kind != "ping" && declared.get(&kind).is_none() {
        let mut result = text(format!("the client cannot do {kind}"));
        result["isError"] = json!(true);
        return Reply::Now(Ok(result));
    }
    let (method, params) = question(&kind);
    let asking = context.clone();
    context.later(async move {
        let response = asking.session.ask(asking.outlet.as_ref(), method, params).await;
        let said = response.get("result").or_else(|| response.get("error")).cloned();
        Ok(text(format!("the client said {}", said.unwrap_or_default())))
    })
}

fn modern(context: &Context, call: &Call) -> Outcome {
    let declared = &call.params["_meta"][CAPABILITIES];
    let kind = kind(call, declared);
    if declared.get(&kind).is_none() {
        return Err(Fault::with(
            MISSING_CAPABILITY,
            format!("the client does not declare {kind}"),
            json!({"requiredCapabilities": {kind: {}}}),
        ));
    }
    let left = match call.params["requestState"].as_str() {
        None => call.arguments["rounds"].as_u64().unwrap_or(1),
        Some(state) => lock(&context.core.states)
            .remove(state)
            .ok_or_else(|| Fault::new(INVALID_PARAMS, "unknown or used requestState"))?,
    };
    if left == 0 {
        let said = &call.params["inputResponses"]["question"];
        return Ok(text(format!("the client said {said}")));
    }
    let state = format!("state-{}-{}", std::process::id(), context.core.number());
    lock(&context.core.states).insert(state.clone(), left - 1);
    let (method, params) = question(&kind);
    Ok(json!({
        "resultType": "input_required",
        "inputRequests": {"question": {"method": method, "params": params}},
        "requestState": state,
    }))
}

fn kind(call: &Call, declared: &Value) -> String {
    let first = || {
        ["elicitation", "sampling", "roots"].into_iter().find(|kind| declared.get(kind).is_some())
    };
    let named = call.arguments["kind"].as_str();
    named.or_else(first).unwrap_or("elicitation").to_owned()
}

fn question(kind: &str) -> (&'static str, Value) {
    match kind {
        "ping" => ("ping", json!({})),
        "roots" => ("roots/list", json!({})),
        "sampling" => (
            "sampling/createMessage",
            json!({"messages": [{"role": "user", "content": {"type": "text", "text": "Say yes."}}],
                   "maxTokens": 16}),
        ),
        _ => (
            "elicitation/create",
            json!({"mode": "form", "message": "Are you sure?",
                   "requestedSchema": {"type": "object", "properties": {"sure": {"type": "boolean"}},
                                       "required": ["sure"]}}),
        ),
    }
}

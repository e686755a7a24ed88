//! Modern HTTP: one POST, one exchange, headers that must agree with the body.

use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::{HeaderMap, StatusCode};
use serde_json::Value;

use super::reply::{self, Reply};
use super::status_of;
use super::stream::{Reading, Stream, Watch};
use crate::sentinel::answer::{Answer, Fault, HEADER_MISMATCH, INVALID_REQUEST, Outlet};
use crate::sentinel::core::{Core, is_request};
use crate::sentinel::modern::{VERSION, envelope_fault};
use crate::sentinel::session::Session;

pub(crate) async fn post(core: &Arc<Core>, headers: &HeaderMap, json: &Value) -> Reply {
    let id = json["id"].clone();
    if !json["method"].is_string() {
        let fault = Fault::new(INVALID_REQUEST, "not one request or notification");
        return reply::fault(fault, StatusCode::BAD_REQUEST);
    }
    let stream = Arc::new(Stream::new(0, false));
    let outlet: Arc<dyn Outlet> = stream.clone();
    let session = Arc::new(Session::new(outlet.clone()));
    if !is_request(json) {
        core.receive(&session, &outlet, json);
        return reply::status(StatusCode::ACCEPTED);
    }
    let fault = envelope_of(json).or_else(|| mismatch(headers, json));
    if let Some(fault) = fault {
        return whole(core, &Answer::new(&id, Err(fault)));
    }
    if let Some(answer) = core.receive(&session, &outlet, json) {
        stream.finish(answer);
    }
    let watch =
        Watch { core: core.clone(), session, stream: stream.clone(), message: json.clone() };
    if !core.flags.sse
        && let Some(said) = stream.first(false).await
        && said.last
    {
        return whole(core, &said.answer);
    }
    let reading = Reading { _watch: Some(watch), ..Reading::new(stream) };
    reply::events(reading, core.flags.split_writes)
}

fn whole(core: &Core, answer: &Answer) -> Reply {
    reply::json(answer.text.clone(), status_of(answer), core.flags.split_writes)
}

/// What the envelope lacks; a wrong version is judged after the headers.
fn envelope_of(json: &Value) -> Option<Fault> {
    let params = &json["params"];
    envelope_fault(params).filter(|fault| fault.code == crate::sentinel::answer::INVALID_PARAMS)
}

fn mismatch(headers: &HeaderMap, json: &Value) -> Option<Fault> {
    let params = &json["params"];
    let method = json["method"].as_str().unwrap_or_default();
    let named = match method {
        "tools/call" | "prompts/get" => &params["name"],
        "resources/read" => &params["uri"],
        _ => &Value::Null,
    };
    let region = &params["arguments"]["region"];
    let mirrored = method == "tools/call" && params["name"] == "region";
    [
        ("mcp-protocol-version", &params["_meta"][VERSION]),
        ("mcp-method", &json["method"]),
        ("mcp-name", named),
        ("mcp-param-region", if mirrored { region } else { &Value::Null }),
    ]
    .into_iter()
    .find(|(header, expected)| !expected.is_null() && !agrees(headers, header, expected))
    .map(|(header, _)| {
        Fault::new(HEADER_MISMATCH, format!("{header} header does not match the body"))
    })
}

/// Once, and with the value of the body.
fn agrees(headers: &HeaderMap, name: &str, expected: &Value) -> bool {
    let mut values = headers.get_all(name).iter();
    let (Some(value), None) = (values.next(), values.next()) else {
        return false;
    };
    value.to_str().ok().and_then(decode).is_some_and(|text| *expected == text.as_str())
}

/// `=?base64?…?=` stands for text that a header cannot hold.
fn decode(value: &str) -> Option<String> {
    let coded = value.strip_prefix("=?base64?").and_then(|rest| rest.strip_suffix("?="));
    let Some(coded) = coded else {
        return Some(value.to_owned());
    };
    String::from_utf8(STANDARD.decode(coded).ok()?).ok()
}

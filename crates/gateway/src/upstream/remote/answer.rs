//! Answers that come in one piece.

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::Body as _;
use toolgate_protocol::{Message, MessageKind, Side, answer};

use crate::request::Request;

use super::pool::Body;

/// The whole body, up to a bound.
pub(in crate::upstream) async fn whole(mut body: Body, bytes_max: usize) -> Result<Bytes, String> {
    let mut text = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let broken = |error| format!("the server's answer broke off: {}", causes(&error));
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if text.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        if text.len() + data.len() > bytes_max {
            return Err(format!("the server's answer is longer than {bytes_max} bytes"));
        }
        text.extend_from_slice(&data);
    }
    Ok(text.freeze())
}

/// The answer to `request`. An error without an id is meant for it: there is no other request
/// in this exchange, and the client must hear it under its own id.
pub(super) fn read(text: Bytes, request: &Request) -> Result<Message, String> {
    let unreadable = |refusal: toolgate_protocol::Refusal| {
        format!("the server's answer is unreadable: {}", refusal.text)
    };
    let message = match Message::read(text.clone(), Side::Server) {
        Ok(message) => message,
        Err(refusal) => return nameless(text, request).ok_or_else(|| unreadable(refusal)),
    };
    if message.kind() == MessageKind::Response && message.id_key().as_ref() == Some(&request.id) {
        return Ok(message);
    }
    nameless(text, request).ok_or_else(|| "the server answered something else".to_owned())
}

/// An error with `id: null`, or without one, under the request's own id.
fn nameless(text: Bytes, request: &Request) -> Option<Message> {
    let document = toolgate_json::Document::parse(text, toolgate_json::Reading::Plain).ok()?;
    let root = document.root();
    if root.get("id").is_some_and(|id| !id.is_null()) {
        return None;
    }
    let error = root.get("error")?;
    let code = error.get("code")?.as_number()?.parse().ok()?;
    let message = error.get("message").and_then(toolgate_json::Value::as_str).unwrap_or_default();
    let data = error.get("data").map(toolgate_json::Value::raw);
    let named = answer::error(Some(&request.id_raw), code, &message, data);
    Message::read(named, Side::Server).ok()
}

/// An error and what caused it, on one line.
pub(super) fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

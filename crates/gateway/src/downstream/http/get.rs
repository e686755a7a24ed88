//! GET: the stream for what belongs to no request, or the rest of a broken one. DELETE: the end.

use hyper::header::ACCEPT;
use hyper::{Request, Response, StatusCode};

use super::body::Body;
use super::entered::Entered;
use super::post::{SESSION_ID, find};
use super::respond;

/// Legacy only: MCP 2026-07-28 has neither GET nor DELETE.
pub(super) fn get<B>(place: &Entered, request: &Request<B>) -> Response<Body> {
    let headers = request.headers();
    if !headers.contains_key(SESSION_ID) {
        return respond::text(StatusCode::METHOD_NOT_ALLOWED, "GET needs a session");
    }
    let accepts = headers.get_all(ACCEPT).iter().filter_map(|value| value.to_str().ok());
    if !accepts
        .into_iter()
        .any(|value| value.contains("text/event-stream") || value.contains("*/*"))
    {
        return respond::text(StatusCode::NOT_ACCEPTABLE, "GET answers with text/event-stream");
    }
    let client = match find(place, headers) {
        Ok(client) => client,
        Err(rejection) => return rejection.into(),
    };
    let last_event = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    match client.streams.attach(last_event) {
        Some(events) => respond::events(Body::stream(events, None)),
        None => respond::text(StatusCode::CONFLICT, "the stream is taken, or the event forgotten"),
    }
}

pub(super) fn delete<B>(place: &Entered, request: &Request<B>) -> Response<Body> {
    let headers = request.headers();
    if !headers.contains_key(SESSION_ID) {
        return respond::text(StatusCode::METHOD_NOT_ALLOWED, "DELETE needs a session");
    }
    match find(place, headers) {
        Ok(client) => {
            place.presence().sessions.remove(&client.id);
            respond::text(StatusCode::OK, "")
        }
        Err(rejection) => rejection.into(),
    }
}

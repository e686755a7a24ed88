//! HTTP responses.

use bytes::Bytes;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use toolgate_protocol::Refusal;

use super::body::Body;

/// When a client that found no room may come again.
pub(super) const RETRY_AFTER_S: &str = "1";

/// A request that is turned away, told to people and logs.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Rejection(pub(crate) StatusCode, pub(crate) &'static str);

impl Rejection {
    pub(crate) const UNAUTHORIZED: Self =
        Self(StatusCode::UNAUTHORIZED, "a bearer token is needed");
    /// One was shown, and it is of no use here.
    pub(crate) const INVALID_TOKEN: Self =
        Self(StatusCode::UNAUTHORIZED, "the bearer token is not valid");
}

impl From<Rejection> for Response<Body> {
    fn from(Rejection(status, why): Rejection) -> Self {
        let mut response = text(status, why);
        let full = [StatusCode::SERVICE_UNAVAILABLE, StatusCode::TOO_MANY_REQUESTS];
        if full.contains(&status) {
            response.headers_mut().insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
        }
        if status == StatusCode::UNAUTHORIZED {
            response.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        response
    }
}

pub(super) fn text(status: StatusCode, text: &'static str) -> Response<Body> {
    let mut response = with(status, Bytes::from_static(text.as_bytes()));
    let plain = HeaderValue::from_static("text/plain; charset=utf-8");
    response.headers_mut().insert(CONTENT_TYPE, plain);
    response
}

/// Text that is made for this one answer.
pub(crate) fn page(status: StatusCode, media: &'static str, text: String) -> Response<Body> {
    let mut response = with(status, Bytes::from(text));
    response.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static(media));
    response.headers_mut().insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

pub(super) fn accepted() -> Response<Body> {
    with(StatusCode::ACCEPTED, Bytes::new())
}

pub(super) fn json(status: StatusCode, message: Bytes) -> Response<Body> {
    let mut response = with(status, message);
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(CONTENT_TYPE, json);
    response
}

/// A message that is not one is the request's fault.
pub(super) fn refusal(refusal: &Refusal) -> Response<Body> {
    json(StatusCode::BAD_REQUEST, refusal.to_bytes())
}

pub(super) fn events(body: Body) -> Response<Body> {
    let mut response = Response::new(body);
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    response
}

fn with(status: StatusCode, bytes: Bytes) -> Response<Body> {
    let mut response = Response::new(Body::full(bytes));
    *response.status_mut() = status;
    response
}

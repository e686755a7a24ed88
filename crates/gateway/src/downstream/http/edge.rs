//! What is asked of an HTTP request before its body is read.

use std::net::SocketAddr;

use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, ORIGIN};
use hyper::{Method, Request, StatusCode};
use subtle::ConstantTimeEq;

use super::respond::Rejection;

/// Who may come in: known host, known origin, the right token.
#[derive(Debug)]
pub(super) struct Edge {
    hosts: Vec<String>,
    token: String,
}

impl Edge {
    pub(super) fn new(bound: SocketAddr, token: &str) -> Self {
        let port = bound.port();
        let mut hosts = vec![bound.to_string()];
        if bound.ip().is_loopback() || bound.ip().is_unspecified() {
            hosts.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
        }
        Self { hosts, token: token.to_owned() }
    }

    /// Host and origin first: a page in a browser that was led here by a forged name learns
    /// nothing (DNS rebinding; MCP, transports, security warning).
    pub(super) fn check<B>(&self, request: &Request<B>) -> Result<(), Rejection> {
        let headers = request.headers();
        if !self.knows_host(headers) {
            return Err(Rejection(StatusCode::FORBIDDEN, "unknown Host"));
        }
        if !self.knows_origin(headers) {
            return Err(Rejection(StatusCode::FORBIDDEN, "unknown Origin"));
        }
        if request.uri().path() != "/mcp" {
            return Err(Rejection(StatusCode::NOT_FOUND, "the endpoint is /mcp"));
        }
        if !self.knows_token(headers) {
            return Err(Rejection(StatusCode::UNAUTHORIZED, "a bearer token is needed"));
        }
        if *request.method() == Method::POST {
            return content(headers);
        }
        Ok(())
    }

    fn knows_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        hosts.next().is_none()
            && host.is_some_and(|host| self.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)))
    }

    fn knows_origin(&self, headers: &HeaderMap) -> bool {
        headers.get_all(ORIGIN).iter().all(|origin| {
            let host = origin.to_str().ok().and_then(|origin| origin.strip_prefix("http://"));
            host.is_some_and(|host| self.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)))
        })
    }

    fn knows_token(&self, headers: &HeaderMap) -> bool {
        let mut values = headers.get_all(AUTHORIZATION).iter();
        let Some(value) = values.next().and_then(|value| value.to_str().ok()) else { return false };
        let Some((scheme, token)) = value.split_once(' ') else { return false };
        values.next().is_none()
            && scheme.eq_ignore_ascii_case("bearer")
            && bool::from(token.trim().as_bytes().ct_eq(self.token.as_bytes()))
    }
}

/// Only JSON, only as it is: no form can be posted across sites, no bomb unpacked.
fn content(headers: &HeaderMap) -> Result<(), Rejection> {
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let media = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let media = media.split(';').next().unwrap_or_default().trim();
    if types.next().is_some() || !media.eq_ignore_ascii_case("application/json") {
        let text = "Content-Type must be application/json";
        return Err(Rejection(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    if headers.contains_key(CONTENT_ENCODING) {
        let text = "Content-Encoding is not supported";
        return Err(Rejection(StatusCode::UNSUPPORTED_MEDIA_TYPE, text));
    }
    Ok(())
}

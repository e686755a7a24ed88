//! What is asked of an HTTP request before its body is read.

use std::net::SocketAddr;

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, CONTENT_ENCODING, CONTENT_TYPE, HOST, HeaderMap, ORIGIN};

use super::respond::Rejection;

/// Which names this listener answers to. Always asked first: a page in a browser that was led
/// here by a forged name learns nothing (DNS rebinding; MCP, transports, security warning).
#[derive(Debug)]
pub(crate) struct Edge {
    /// `host:port`
    hosts: Vec<String>,
    /// `scheme://host:port`
    origins: Vec<String>,
}

impl Edge {
    /// For a listener on `bound`, or on a socket of this machine: its own names, and what the
    /// operator adds to them.
    pub(crate) fn new(
        bound: Option<SocketAddr>,
        secure: bool,
        hosts: &[String],
        origins: &[String],
    ) -> Self {
        let own = own_names(bound);
        let scheme = if secure { "https" } else { "http" };
        let pages = own.iter().map(|host| format!("{scheme}://{host}"));
        // In front of us there may be a proxy that speaks TLS.
        let told = hosts.iter().flat_map(|host| ["http", "https"].map(|s| format!("{s}://{host}")));
        let origins = pages.chain(told).chain(origins.iter().cloned()).collect();
        Self { hosts: own.iter().chain(hosts).cloned().collect(), origins }
    }

    pub(super) fn check(&self, headers: &HeaderMap) -> Result<(), Rejection> {
        if !self.knows_host(headers) {
            return Err(Rejection(StatusCode::FORBIDDEN, "unknown Host"));
        }
        let known = |origin: &str| self.origins.iter().any(|o| o.eq_ignore_ascii_case(origin));
        if !headers.get_all(ORIGIN).iter().all(|origin| origin.to_str().is_ok_and(known)) {
            return Err(Rejection(StatusCode::FORBIDDEN, "unknown Origin"));
        }
        Ok(())
    }

    fn knows_host(&self, headers: &HeaderMap) -> bool {
        let mut hosts = headers.get_all(HOST).iter();
        let host = hosts.next().and_then(|host| host.to_str().ok());
        hosts.next().is_none()
            && host.is_some_and(|host| self.hosts.iter().any(|h| h.eq_ignore_ascii_case(host)))
    }
}

fn own_names(bound: Option<SocketAddr>) -> Vec<String> {
    let Some(bound) = bound else { return vec!["localhost".to_owned()] };
    let port = bound.port();
    let mut own = vec![bound.to_string()];
    if bound.ip().is_loopback() || bound.ip().is_unspecified() {
        own.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
    }
    own
}

/// The one bearer token of a request; nothing if it has none, or more than one.
pub(crate) fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    let bearer = values.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    bearer.then(|| token.trim())
}

/// Only JSON, only as it is: no form can be posted across sites, no bomb unpacked.
pub(super) fn content(headers: &HeaderMap) -> Result<(), Rejection> {
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

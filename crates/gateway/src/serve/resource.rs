//! What an OAuth client is told of where tokens come from (RFC 9728; MCP, authorization). Only
//! where there are issuers: with grant tokens alone, a client that found it would try to log in.

use hyper::header::{AUTHORIZATION, HOST, HeaderValue};
use hyper::{Response, StatusCode};
use toolgate_json::quote;

use crate::downstream::http::{self, Asked, Body};

use super::house::House;
use super::{pages, path};

const WELL_KNOWN: &str = "/.well-known/oauth-protected-resource";
const ROOT: &str = "/mcp";

/// Anything under `/.well-known/`.
pub(super) fn page(house: &House, asked: Asked<'_>) -> Response<Body> {
    let nothing = || http::page(StatusCode::NOT_FOUND, "text/plain; charset=utf-8", String::new());
    let Some(resource) = asked.path.strip_prefix(WELL_KNOWN) else { return nothing() };
    let resource = if resource.is_empty() { ROOT } else { resource };
    if house.issuers.is_empty() || path::read(resource).is_none() {
        return nothing();
    }
    if !pages::is_read(asked.method) {
        return pages::wrong_method();
    }
    let mut out = br#"{"resource":"#.to_vec();
    quote(&format!("{}{resource}", origin(house, asked)), &mut out);
    out.extend_from_slice(br#","authorization_servers":["#);
    for (i, issuer) in house.issuers.names().enumerate() {
        out.extend_from_slice(if i == 0 { b"" } else { b"," });
        quote(issuer, &mut out);
    }
    out.extend_from_slice(br#"],"bearer_methods_supported":["header"]}"#);
    http::page(StatusCode::OK, "application/json", String::from_utf8_lossy(&out).into_owned())
}

/// RFC 6750, section 3: without a token, no error is named.
pub(super) fn challenge(house: &House, asked: Asked<'_>) -> HeaderValue {
    let mut told = Vec::new();
    if asked.headers.contains_key(AUTHORIZATION) {
        told.push(r#"error="invalid_token""#.to_owned());
    }
    if !house.issuers.is_empty() && path::read(asked.path).is_some() {
        let url = format!("{}{WELL_KNOWN}{}", origin(house, asked), asked.path);
        told.push(format!(r#"resource_metadata="{url}""#));
    }
    let text = format!("Bearer {}", told.join(", "));
    HeaderValue::try_from(text.trim_end()).unwrap_or(HeaderValue::from_static("Bearer"))
}

/// What the client dialled: it compares. Behind a proxy only the audience says which scheme.
fn origin(house: &House, asked: Asked<'_>) -> String {
    let host = asked.headers.get(HOST).and_then(|host| host.to_str().ok()).unwrap_or_default();
    let secure = format!("https://{host}");
    let public = |audience: &str| {
        audience.strip_prefix(&*secure).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    if house.options.tls.is_some() || house.issuers.audiences().any(public) {
        return secure;
    }
    format!("http://{host}")
}

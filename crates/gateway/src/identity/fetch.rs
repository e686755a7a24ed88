//! Reading an issuer's metadata and keys: small answers, in time, and from nowhere else.

use std::net::IpAddr;
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::{BodyExt as _, Empty};
use hyper::{StatusCode, Uri};
use hyper_rustls::{HttpsConnector, HttpsConnectorBuilder};
use hyper_util::client::legacy::{Client, connect::HttpConnector};
use hyper_util::rt::TokioExecutor;
use toolgate_json::{Document, Reading, Value};

use crate::options::{RunError, RunErrorKind};

#[derive(Debug)]
pub(super) struct Fetch(Client<HttpsConnector<HttpConnector>, Empty<Bytes>>);

const TIME_MAX: Duration = Duration::from_secs(5);
const BYTES_MAX: usize = 1 << 20;

impl Fetch {
    pub(super) fn new() -> Result<Self, RunError> {
        let mut http = HttpConnector::new();
        http.enforce_http(false);
        let https = HttpsConnectorBuilder::new()
            .try_with_platform_verifier()
            .map_err(|error| RunError::new(RunErrorKind::Unexpected, format!("TLS: {error}")))?
            .https_or_http()
            .enable_http1()
            .wrap_connector(http);
        Ok(Self(Client::builder(TokioExecutor::new()).build(https)))
    }

    /// The body of a plain answer. Redirects are not followed.
    pub(super) async fn get(&self, url: &str) -> Result<Bytes, String> {
        let uri: Uri = url.parse().map_err(|_| format!("`{url}` is no URL"))?;
        if !is_safe(&uri) {
            return Err(format!("`{url}` is neither https nor on this machine"));
        }
        let answer = tokio::time::timeout(TIME_MAX, self.read(uri)).await;
        let answer = answer.unwrap_or_else(|_| Err("no answer in 5 s".to_owned()));
        answer.map_err(|why| format!("`{url}`: {why}"))
    }

    async fn read(&self, uri: Uri) -> Result<Bytes, String> {
        let response = self.0.get(uri).await.map_err(|error| causes(&error))?;
        if response.status() != StatusCode::OK {
            return Err(format!("it answered {}", response.status()));
        }
        let (mut text, mut body) = (BytesMut::new(), response.into_body());
        while let Some(frame) = body.frame().await {
            let Ok(data) = frame.map_err(|error| causes(&error))?.into_data() else { continue };
            if text.len() + data.len() > BYTES_MAX {
                return Err("its answer is longer than 1 MiB".to_owned());
            }
            text.extend_from_slice(&data);
        }
        Ok(text.freeze())
    }
}

/// Whoever changes keys on their way is everybody.
fn is_safe(uri: &Uri) -> bool {
    let host = uri.host().unwrap_or_default().trim_matches(['[', ']']);
    let near = host == "localhost" || host.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    uri.scheme_str() == Some("https") || (uri.scheme_str() == Some("http") && near)
}

/// Where an issuer has its keys: RFC 8414, section 3, then `OpenID` Connect Discovery, section 4,
/// as MCP 2025-11-25 orders them. What it says of itself must be what it is called.
pub(super) async fn discover(fetch: &Fetch, issuer: &str) -> Result<String, String> {
    let mut why = String::new();
    for url in metadata_urls(issuer) {
        match fetch.get(&url).await.and_then(|text| keys_url(text, issuer)) {
            Ok(url) => return Ok(url),
            Err(reason) => why = reason,
        }
    }
    Err(format!("its metadata cannot be had: {why}; set `jwks_url`"))
}

fn metadata_urls(issuer: &str) -> Vec<String> {
    let issuer = issuer.trim_end_matches('/');
    let path_at = issuer.find("://").map_or(0, |at| at + 3);
    let path_at = issuer[path_at..].find('/').map_or(issuer.len(), |at| path_at + at);
    let (origin, path) = issuer.split_at(path_at);
    let mut urls = vec![
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
        format!("{origin}/.well-known/openid-configuration{path}"),
    ];
    if !path.is_empty() {
        urls.push(format!("{issuer}/.well-known/openid-configuration"));
    }
    urls
}

fn keys_url(text: Bytes, issuer: &str) -> Result<String, String> {
    let document = Document::parse(text, Reading::Strict).map_err(|_| "its metadata is no JSON")?;
    let root = document.root();
    if !root.get("issuer").is_some_and(|said| said.is(issuer)) {
        return Err("its metadata names another `issuer`".to_owned());
    }
    let url = root.get("jwks_uri").and_then(Value::as_str);
    url.map(String::from).ok_or("its metadata has no `jwks_uri`".to_owned())
}

/// An error and what caused it, on one line.
fn causes(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text = format!("{text}: {error}");
        cause = error.source();
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn metadata_is_looked_for_where_the_issuer_has_it() {
        assert_eq!(
            metadata_urls("https://id.example.com/"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server",
                "https://id.example.com/.well-known/openid-configuration",
            ]
        );
        assert_eq!(
            metadata_urls("https://id.example.com/a/b"),
            [
                "https://id.example.com/.well-known/oauth-authorization-server/a/b",
                "https://id.example.com/.well-known/openid-configuration/a/b",
                "https://id.example.com/a/b/.well-known/openid-configuration",
            ]
        );
    }

    #[test]
    fn keys_come_over_tls_or_from_this_machine() {
        for url in ["https://a.example", "http://127.0.0.1:1", "http://[::1]:1/x"] {
            assert!(is_safe(&url.parse().unwrap()), "{url}");
        }
        for url in ["http://a.example", "http://127.0.0.1.example", "/x", "ftp://127.0.0.1"] {
            assert!(!is_safe(&url.parse().unwrap()), "{url}");
        }
    }

    #[test]
    fn metadata_of_another_issuer_is_refused() {
        let text = Bytes::from_static(br#"{"issuer":"https://b","jwks_uri":"https://b/k"}"#);
        assert!(keys_url(text.clone(), "https://a").is_err());
        assert_eq!(keys_url(text, "https://b").unwrap(), "https://b/k");
    }
}

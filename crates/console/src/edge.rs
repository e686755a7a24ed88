//! What is asked of every request before anything else is looked at.
//!
//! A page in a browser that was led here by a forged name, or that posts from elsewhere, learns
//! nothing and changes nothing (DNS rebinding: CVE-2025-49596, CVE-2025-66416; CSRF).

use std::net::SocketAddr;

use hyper::header::{HOST, HeaderMap, HeaderName, ORIGIN};
use hyper::{Method, StatusCode};

use crate::options::ConsoleError;
use crate::reply::Refusal;

/// Which names the console answers to.
#[derive(Debug)]
pub(crate) struct Edge {
    /// `host:port`
    hosts: Vec<String>,
    /// `scheme://host:port`
    origins: Vec<String>,
    /// Whether browsers come by TLS, which somebody in front of us speaks.
    pub(crate) secure: bool,
}

const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

impl Edge {
    pub(crate) fn new(bound: SocketAddr, url: Option<&str>) -> Result<Self, ConsoleError> {
        let mut hosts = own_names(bound);
        let mut origins: Vec<_> = hosts.iter().map(|host| format!("http://{host}")).collect();
        let url = url.map(|url| url.trim_end_matches('/'));
        if let Some((scheme, host)) = url.and_then(|url| url.split_once("://")) {
            hosts.push(host.to_owned());
            origins.push(format!("{scheme}://{host}"));
        } else if bound.ip().is_unspecified() {
            return Err(ConsoleError::Unnamed { address: bound.to_string() });
        }
        let secure = url.is_some_and(|url| url.starts_with("https://"));
        Ok(Self { hosts, origins, secure })
    }

    pub(crate) fn check(&self, method: &Method, headers: &HeaderMap) -> Result<(), Refusal> {
        if !self.knows_host(headers) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "unknown_host", "unknown Host"));
        }
        let known = |origin: &str| self.origins.iter().any(|o| o.eq_ignore_ascii_case(origin));
        if !headers.get_all(ORIGIN).iter().all(|origin| origin.to_str().is_ok_and(known)) {
            return Err(Refusal::new(StatusCode::FORBIDDEN, "unknown_origin", "unknown Origin"));
        }
        // Browsers say where a request comes from; another port of this machine is the same site.
        let from_elsewhere = |site: &str| !matches!(site, "same-origin" | "none");
        let mut sites = headers.get_all(FETCH_SITE).iter();
        let elsewhere = sites.any(|site| site.to_str().map_or(true, from_elsewhere));
        if elsewhere && *method != Method::GET && *method != Method::HEAD {
            let text = "the request comes from another site";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "other_site", text));
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

fn own_names(bound: SocketAddr) -> Vec<String> {
    let port = bound.port();
    let mut own = vec![bound.to_string()];
    if bound.ip().is_loopback() || bound.ip().is_unspecified() {
        own.extend(["localhost", "127.0.0.1", "[::1]"].map(|host| format!("{host}:{port}")));
    }
    own
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        let mut headers = HeaderMap::new();
        for (name, value) in pairs {
            headers.append(*name, value.parse().unwrap());
        }
        headers
    }

    fn edge() -> Edge {
        let url = Some("https://gate.example");
        Edge::new("127.0.0.1:8481".parse().unwrap(), url).unwrap()
    }

    #[test]
    fn only_its_own_names_pass() {
        let edge = edge();
        let check = |pairs: &[_]| edge.check(&Method::GET, &headers(pairs)).is_ok();
        for host in ["127.0.0.1:8481", "localhost:8481", "LOCALHOST:8481", "gate.example"] {
            assert!(check(&[("host", host)]), "{host}");
        }
        for host in [
            "evil.example",
            "127.0.0.1",
            "127.0.0.1:80",
            "localhost.evil.example:8481",
            "gate.example:443",
            "gate.example.",
            "",
        ] {
            assert!(!check(&[("host", host)]), "{host}");
        }
        assert!(!check(&[]));
        assert!(!check(&[("host", "gate.example"), ("host", "gate.example")]));
    }

    #[test]
    fn foreign_origins_and_sites_are_refused() {
        let edge = edge();
        let check = |method, pairs: &[_]| {
            let own = [("host", "gate.example")];
            edge.check(&method, &headers(&[&own, pairs].concat())).is_ok()
        };
        assert!(check(Method::POST, &[("origin", "https://gate.example")]));
        for origin in ["null", "http://gate.example", "https://gate.example.evil", "https://x"] {
            assert!(!check(Method::POST, &[("origin", origin)]), "{origin}");
            assert!(!check(Method::GET, &[("origin", origin)]), "{origin}");
        }
        // A link from elsewhere may lead here; a form may not.
        assert!(check(Method::GET, &[("sec-fetch-site", "cross-site")]));
        assert!(!check(Method::POST, &[("sec-fetch-site", "cross-site")]));
        assert!(!check(Method::POST, &[("sec-fetch-site", "same-site")]));
        assert!(check(Method::POST, &[("sec-fetch-site", "same-origin")]));
    }

    #[test]
    fn an_address_that_nobody_can_name_is_refused() {
        let all = "0.0.0.0:8481".parse().unwrap();
        assert!(Edge::new(all, None).is_err());
        assert!(Edge::new(all, Some("https://gate.example/")).is_ok());
    }
}

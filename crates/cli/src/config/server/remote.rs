//! Servers that are elsewhere, at a URL.

use std::collections::HashMap;

use toolgate_policy::document::outline::{Key, Named, Node, Shape, may};

use super::super::exposed;
use super::super::form::{Reads, Written};
use super::super::name::{HEADER_PATTERN, check_header};
use super::super::reading::Reading;
use super::super::secret::{Secret, Show, Source, is_plain, names_a_secret};
use super::super::url::{Url, is_plain_and_far};
use super::oauth::{OAUTH, OAuth};
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Remote {
    pub(crate) url: String,
    pub(crate) transport: Transport,
    pub(crate) headers: Vec<Header>,
    pub(crate) auth: Option<OAuth>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transport {
    /// Streamable HTTP.
    Http,
    /// HTTP with SSE, of 2024-11-05.
    Sse,
}

/// A header of every request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Header {
    pub(crate) name: String,
    pub(crate) value: Secret,
}

const ADDRESS: Url = Url { secure: false };
const VALUE: Source = Source { plain: true };

pub(super) const URL: Key = may(
    "url",
    Shape::Form(&Written(ADDRESS)),
    "The address of a server that is elsewhere: `https://example.com/mcp`.",
);
pub(super) const TRANSPORT: Key = may(
    "transport",
    Shape::Choice(&["http", "sse"]),
    "`http` is streamable HTTP, `sse` what was before it; `http` if absent.",
);
pub(crate) const HEADERS: Key = may(
    "headers",
    Shape::Named(&Named {
        pattern: HEADER_PATTERN,
        check: check_header,
        value: Shape::Form(&Written(VALUE)),
    }),
    "Headers of every request: `env:VARIABLE`, `file:PATH`, or the value itself.",
);
pub(super) const AUTH: Key =
    may("auth", Shape::Object(&OAUTH), "OAuth 2.1: how the gateway gets its token.");

impl Remote {
    pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let headers = node.get("headers").map(|node| read_headers(node, reading));
        let auth = node.get("auth").map(|node| OAuth::read(node, reading));
        let url = ADDRESS.take(node.get("url"))?;
        let remote = Self {
            url,
            transport: match node.get("transport").and_then(Node::text) {
                Some("sse") => Transport::Sse,
                _ => Transport::Http,
            },
            headers: headers.unwrap_or_default(),
            auth: auth.flatten(),
        };
        remote.refuse_two_tokens(node, reading);
        remote.warn_of_plain(node, reading);
        remote.warn_of_exposed(node, reading);
        Some(remote)
    }

    fn refuse_two_tokens(&self, node: &Node, reading: &mut Reading<'_>) {
        let is_token = |header: &&Header| header.name.eq_ignore_ascii_case("authorization");
        if let (Some(auth), Some(header)) =
            (node.member("auth"), self.headers.iter().find(is_token))
        {
            let message = format!("`auth` would write over the header `{}`", header.name);
            reading.findings.error(auth.key_span, message).help("keep one of the two");
        }
    }

    fn warn_of_plain(&self, node: &Node, reading: &mut Reading<'_>) {
        let Some(url) = node.get("url") else { return };
        let has_secrets = !self.headers.is_empty() || node.member("auth").is_some();
        if has_secrets && is_plain_and_far(&self.url) {
            reading
                .findings
                .warning(url.span, "headers and tokens travel to this server in plain text")
                .help("write `https://` if the server speaks it");
        }
    }

    fn warn_of_exposed(&self, node: &Node, reading: &mut Reading<'_>) {
        let Some(url) = node.get("url") else { return };
        if exposed::url(&self.url).is_some() {
            reading.findings.hide(url.span);
            let message = "the URL holds what looks like a secret, and URLs stand in logs";
            let help =
                "name it under `headers`, as `X-Api-Key: env:API_KEY`, if the server takes it";
            reading.findings.warning(url.span, message).help(help);
        }
    }

    /// The URL.
    pub(crate) fn address(&self, show: Show) -> String {
        let hidden = if show == Show::NoSecrets { exposed::url(&self.url) } else { None };
        hidden.unwrap_or_else(|| self.url.clone())
    }

    pub(super) fn json(&self, object: Object, show: Show) -> Object {
        let headers = self.headers.iter();
        let headers = headers.fold(Object::new(), |headers, header| {
            headers.raw(&header.name, header.value.json(show))
        });
        let transport = match self.transport {
            Transport::Http => "http",
            Transport::Sse => "sse",
        };
        object
            .text("url", &self.address(show))
            .text("transport", transport)
            .raw("headers", headers.finish())
            .maybe_raw("auth", self.auth.as_ref().map(OAuth::json))
    }
}

pub(crate) fn read_headers(node: &Node, reading: &mut Reading<'_>) -> Vec<Header> {
    let mut seen = HashMap::new();
    let mut headers = Vec::new();
    for member in node.members() {
        let name = &member.key;
        if let Some(earlier) = seen.insert(name.to_ascii_lowercase(), name)
            && earlier != name
        {
            let message = format!("`{earlier}` and `{name}` are the same header");
            reading.findings.error(member.key_span, message).help("keep one of the two");
        }
        let Some(value) = reading.secret(VALUE, Some(&member.node)) else { continue };
        if is_plain(&member.node) && names_a_secret(name) {
            let variable = name.to_ascii_uppercase().replace('-', "_");
            reading
                .findings
                .warning(member.key_span, format!("`{name}` looks like a secret in plain text"))
                .help(format!("write `{name}: env:{variable}` or `{name}: file:PATH`"));
        }
        headers.push(Header { name: name.clone(), value });
    }
    headers
}

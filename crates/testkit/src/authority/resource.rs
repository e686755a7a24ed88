//! The protected MCP server: nothing without a token that was granted for it.

use std::sync::{Arc, Mutex};

use http_body_util::{BodyExt as _, Full};
use hyper::header::{AUTHORIZATION, HOST};
use hyper::{HeaderMap, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};

use crate::guard::lock;

use super::book::{Book, Seen};
use super::wire::{self, Reply, Site, empty};

pub(super) struct Protected {
    book: Arc<Mutex<Book>>,
    upstream: Option<String>,
    client: Client<HttpConnector, Full<bytes::Bytes>>,
}

impl Protected {
    pub(super) fn new(book: Arc<Mutex<Book>>, upstream: Option<&str>) -> Protected {
        let client = Client::builder(TokioExecutor::new()).build_http();
        Protected { book, upstream: upstream.map(str::to_owned), client }
    }
}

impl Site for Protected {
    async fn answer(&self, mut seen: Seen, headers: HeaderMap) -> Reply {
        let (refusal, at) = {
            let mut book = lock(&self.book);
            let refusal = refusal(&book, &seen, &headers);
            seen.status = refusal.as_ref().map_or(0, |reply| reply.status().as_u16());
            book.seen.push(seen.clone());
            (refusal, book.seen.len() - 1)
        };
        if let Some(refusal) = refusal {
            return refusal;
        }
        let reply = match &self.upstream {
            Some(upstream) => self.forward(upstream, &seen, headers).await,
            None => executed(&seen),
        };
        lock(&self.book).seen[at].status = reply.status().as_u16();
        reply
    }
}

impl Protected {
    #[expect(clippy::expect_used, reason = "a broken rig ends the test")]
    async fn forward(&self, upstream: &str, seen: &Seen, mut headers: HeaderMap) -> Reply {
        headers.remove(HOST);
        let body = Full::from(seen.body.clone());
        let mut request = Request::builder().method(seen.method.as_str()).uri(upstream);
        *request.headers_mut().expect("the request is well formed") = headers;
        let request = request.body(body).expect("the request is well formed");
        let Ok(response) = self.client.request(request).await else { return empty(502) };
        let (head, body) = response.into_parts();
        let Ok(body) = body.collect().await else { return empty(502) };
        Reply::from_parts(head, Full::new(body.to_bytes()))
    }
}

fn executed(seen: &Seen) -> Reply {
    let message: Value = serde_json::from_str(&seen.body).unwrap_or_default();
    match &message["id"] {
        Value::Null => empty(202),
        id => wire::json(200, &json!({"jsonrpc": "2.0", "id": id, "result": {}})),
    }
}

/// What is answered to whom has no business here, and to whom asks about it.
fn refusal(book: &Book, seen: &Seen, headers: &HeaderMap) -> Option<Reply> {
    let rules = &book.rules;
    match seen.path.as_str() {
        "/.well-known/oauth-protected-resource/mcp" if rules.has_resource_metadata => {
            let own = || vec![book.issuer.clone()];
            let servers = rules.authorization_servers.clone().unwrap_or_else(own);
            let resource = rules.resource.as_ref().unwrap_or(&book.url);
            let document = json!({"resource": resource, "authorization_servers": servers,
                                  "scopes_supported": rules.scopes});
            Some(wire::json(200, &document))
        }
        "/mcp" if !rules.takes_none && is_good(book, headers) => None,
        "/mcp" => Some(unauthorized(book)),
        _ => Some(empty(404)),
    }
}

/// One header, one token, granted for this server and not expired.
fn is_good(book: &Book, headers: &HeaderMap) -> bool {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (Some(value), None) = (values.next(), values.next()) else { return false };
    let token = value.to_str().ok().and_then(|value| value.strip_prefix("Bearer "));
    token.is_some_and(|token| book.access.contains(token))
}

fn unauthorized(book: &Book) -> Reply {
    let rules = &book.rules;
    let own = || book.url.replace("/mcp", "/.well-known/oauth-protected-resource/mcp");
    let url = rules.challenge.then(|| rules.metadata_url.clone().unwrap_or_else(own));
    let url = url.map(|url| format!(", resource_metadata=\"{url}\"")).unwrap_or_default();
    let scope = rules.challenge_scope.as_ref().map(|scope| format!(", scope=\"{scope}\""));
    let scope = scope.unwrap_or_default();
    let challenge = format!("Bearer error=\"invalid_token\"{url}{scope}");
    let mut reply = empty(401);
    wire::header(&mut reply, "www-authenticate", &challenge);
    reply
}

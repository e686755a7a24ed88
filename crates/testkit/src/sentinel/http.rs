//! The HTTP transports: streamable of both eras on one path, and the two paths of 2024-11-05.

mod legacy;
mod modern;
mod reply;
mod stream;
mod two_endpoints;

use std::convert::Infallible;
use std::fs;
use std::io::{self, Read as _, Write as _};
use std::sync::Arc;
use std::thread;

use bytes::Bytes;
use http_body_util::BodyExt as _;
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::Notify;

use super::answer::{Answer, Fault, INVALID_REQUEST, PARSE_ERROR};
use super::core::Core;
use super::flags::EraFlag;
use super::recorder::{Facts, Parsed};
use reply::Reply;

const PATH: &str = "/mcp";

/// Everything that outlives one request.
struct Server {
    core: Arc<Core>,
    sessions: legacy::Sessions,
}

pub(crate) fn run(core: &Arc<Core>) -> io::Result<u8> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(serve(core))?;
    runtime.shutdown_background();
    Ok(0)
}

async fn serve(core: &Arc<Core>) -> io::Result<()> {
    let address = core.flags.http.ok_or_else(|| io::Error::other("no address"))?;
    let listener = TcpListener::bind(address).await?;
    let url = format!("http://{}{PATH}", listener.local_addr()?);
    if let Some(file) = &core.flags.address_file {
        fs::write(file, format!("{url}\n"))?;
    }
    // One write: a reader must not see half of the URL.
    io::stderr().write_all(format!("listening on {url}\n").as_bytes())?;
    let ended = Arc::new(Notify::new());
    if core.flags.tied {
        tie(Arc::clone(&ended));
    }
    let server = Arc::new(Server { core: Arc::clone(core), sessions: legacy::Sessions::new() });
    loop {
        tokio::select! {
            () = ended.notified() => return Ok(()),
            accepted = listener.accept() => {
                let (stream, _) = accepted?;
                tokio::spawn(connection(Arc::clone(&server), stream));
            }
        }
    }
}

/// Ends the server when its parent lets go of standard input.
fn tie(ended: Arc<Notify>) {
    thread::spawn(move || {
        let mut sink = Vec::new();
        drop(io::stdin().lock().read_to_end(&mut sink));
        ended.notify_one();
    });
}

async fn connection(server: Arc<Server>, stream: TcpStream) {
    // Without this an answer waits for the client's delayed acknowledgement.
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request| {
        let server = Arc::clone(&server);
        async move { Ok::<_, Infallible>(server.handle(request).await) }
    });
    // The error is a client that went away.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

impl Server {
    async fn handle(&self, request: Request<Incoming>) -> Reply {
        let (head, body) = request.into_parts();
        let Ok(body) = body.collect().await else {
            return reply::status(StatusCode::BAD_REQUEST);
        };
        let parsed = Parsed::new(body.to_bytes().into());
        let facts = Facts {
            method: head.method.to_string(),
            path: head.uri.to_string(),
            headers: head
                .headers
                .iter()
                .map(|(name, value)| {
                    (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into())
                })
                .collect(),
        };
        if self.core.recorder.http(&parsed, &facts).is_err() {
            return reply::status(StatusCode::INSUFFICIENT_STORAGE);
        }
        if let Some(refusal) = self.refusal(&head.method, &head.headers, &parsed) {
            return refusal;
        }
        match head.method {
            Method::GET if head.uri.path() == two_endpoints::STREAM => {
                two_endpoints::open(&self.core, &self.sessions)
            }
            Method::POST if head.uri.path() == two_endpoints::POST => {
                two_endpoints::post(&self.core, &self.sessions, &head.uri, &parsed)
            }
            _ if head.uri.path() != PATH => reply::status(StatusCode::NOT_FOUND),
            Method::POST => self.post(&head.headers, parsed).await,
            Method::GET => self.sessions.get(&self.core, &head.headers),
            Method::DELETE => self.sessions.delete(&head.headers),
            _ => reply::not_allowed(),
        }
    }

    /// What the flags say to answer instead.
    fn refusal(&self, method: &Method, headers: &HeaderMap, parsed: &Parsed) -> Option<Reply> {
        let flags = &self.core.flags;
        if let Some((name, value)) = &flags.require_header
            && headers.get(name).is_none_or(|found| found.as_bytes() != value.as_bytes())
        {
            return Some(reply::unauthorized());
        }
        if method != Method::POST {
            return None;
        }
        if let Some(url) = &flags.redirect {
            return Some(reply::redirect(url));
        }
        let (code, only) = flags.http_status.as_ref()?;
        let called = parsed.json.as_ref().ok().and_then(|json| json["method"].as_str());
        if only.as_deref().is_none_or(|only| called == Some(only)) {
            return Some(reply::status(StatusCode::from_u16(*code).unwrap_or_default()));
        }
        None
    }

    async fn post(&self, headers: &HeaderMap, parsed: Parsed) -> Reply {
        if let Some(refusal) = unacceptable(headers) {
            return refusal;
        }
        let json = match parsed.json {
            Ok(json) => json,
            Err(error) => {
                return reply::fault(Fault::new(PARSE_ERROR, error), StatusCode::BAD_REQUEST);
            }
        };
        if !json.is_array() && !json.is_object() {
            let fault = Fault::new(INVALID_REQUEST, "not a JSON-RPC message");
            return reply::fault(fault, StatusCode::BAD_REQUEST);
        }
        if self.is_modern(headers, &json) {
            modern::post(&self.core, headers, &json).await
        } else {
            self.sessions.post(&self.core, headers, &json).await
        }
    }

    /// The body decides; where it says nothing, the version header does.
    fn is_modern(&self, headers: &HeaderMap, json: &Value) -> bool {
        match self.core.flags.era {
            EraFlag::Legacy => false,
            EraFlag::Modern => true,
            EraFlag::Dual => {
                json["method"] != "initialize"
                    && (super::modern::claims(&json["params"])
                        || text(headers, "mcp-protocol-version") == Some(crate::MODERN_VERSION))
            }
        }
    }
}

fn unacceptable(headers: &HeaderMap) -> Option<Reply> {
    let accept = text(headers, "accept").unwrap_or_default();
    let both = accept.contains("application/json") && accept.contains("text/event-stream");
    if !both && !accept.contains("*/*") {
        return Some(reply::status(StatusCode::NOT_ACCEPTABLE));
    }
    let kind = text(headers, "content-type").unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    (!kind.eq_ignore_ascii_case("application/json"))
        .then(|| reply::status(StatusCode::UNSUPPORTED_MEDIA_TYPE))
}

fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The status that a modern server gives to an error.
fn status_of(answer: &Answer) -> StatusCode {
    use super::answer::{
        HEADER_MISMATCH, INVALID_PARAMS, METHOD_NOT_FOUND, MISSING_CAPABILITY, UNSUPPORTED_VERSION,
    };
    match answer.error {
        Some(METHOD_NOT_FOUND) => StatusCode::NOT_FOUND,
        Some(
            PARSE_ERROR | INVALID_REQUEST | INVALID_PARAMS | HEADER_MISMATCH | MISSING_CAPABILITY
            | UNSUPPORTED_VERSION,
        ) => StatusCode::BAD_REQUEST,
        Some(_) | None => StatusCode::OK,
    }
}

type Body = http_body_util::combinators::UnsyncBoxBody<Bytes, Infallible>;

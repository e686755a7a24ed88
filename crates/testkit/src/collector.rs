//! A small collector for OTLP over HTTP: keeps what it is sent, and refuses when told to.

use std::collections::VecDeque;
use std::convert::Infallible;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use http_body_util::{BodyExt as _, Full};
use hyper::body::{Bytes, Incoming};
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use serde_json::{Value, json};
use tokio::net::TcpListener;
use tokio::task::JoinHandle;

use crate::guard::{guard, lock};

/// It ends when it is dropped.
#[derive(Debug)]
pub struct Collector {
    pub url: String,
    state: Arc<State>,
    serving: JoinHandle<()>,
}

#[derive(Debug, Default)]
struct State {
    taken: Mutex<Vec<(String, Value)>>,
    /// The same as they came.
    texts: Mutex<Vec<String>>,
    /// What the next requests are answered with.
    refusals: Mutex<VecDeque<u16>>,
    refused: Mutex<usize>,
    /// Of all requests, those that were refused too.
    heads: Mutex<Vec<HeaderMap>>,
}

#[expect(clippy::expect_used, reason = "a broken rig ends the test")]
impl Collector {
    /// On a free port of this machine.
    pub async fn start() -> Collector {
        let socket = TcpListener::bind("127.0.0.1:0").await.expect("a port is free");
        let url = format!("http://{}", socket.local_addr().expect("the socket is bound"));
        let state = Arc::new(State::default());
        let serving = tokio::spawn(serve(socket, Arc::clone(&state)));
        Collector { url, state, serving }
    }

    /// Answers the next requests with these, one each, and takes nothing from them.
    pub fn refuse(&self, statuses: impl IntoIterator<Item = u16>) {
        lock(&self.state.refusals).extend(statuses);
    }

    /// How many requests were refused so far.
    pub fn refused(&self) -> usize {
        *lock(&self.state.refused)
    }

    /// Bodies of what was taken, with the path each was sent to.
    pub fn taken(&self) -> Vec<(String, Value)> {
        lock(&self.state.taken).clone()
    }

    /// What was taken, byte for byte.
    pub fn texts(&self) -> Vec<String> {
        lock(&self.state.texts).clone()
    }

    /// What each request said in this header.
    pub fn headers(&self, name: &str) -> Vec<Option<String>> {
        let value = |head: &HeaderMap| Some(head.get(name)?.to_str().ok()?.to_owned());
        lock(&self.state.heads).iter().map(value).collect()
    }

    /// All spans so far.
    pub fn spans(&self) -> Vec<Value> {
        let bodies = self.taken();
        let traces = bodies.iter().filter(|(path, _)| path == "/v1/traces");
        let list = |value: &Value, key: &str| value[key].as_array().cloned().unwrap_or_default();
        let resources = traces.flat_map(|(_, body)| list(body, "resourceSpans"));
        let scopes = resources.flat_map(|resource| list(&resource, "scopeSpans"));
        scopes.flat_map(|scope| list(&scope, "spans")).collect()
    }

    /// Waits until there are as many spans.
    pub async fn until(&self, count: usize) -> Vec<Value> {
        guard(self.poll(count), "spans").await
    }

    async fn poll(&self, count: usize) -> Vec<Value> {
        loop {
            let spans = self.spans();
            if spans.len() >= count {
                return spans;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        self.serving.abort();
    }
}

async fn serve(socket: TcpListener, state: Arc<State>) {
    while let Ok((stream, _)) = socket.accept().await {
        let state = Arc::clone(&state);
        let service = service_fn(move |request: Request<Incoming>| {
            let state = Arc::clone(&state);
            async move { Ok::<_, Infallible>(answer(request, &state).await) }
        });
        let connection = hyper::server::conn::http1::Builder::new()
            .serve_connection(TokioIo::new(stream), service);
        tokio::spawn(connection);
    }
}

/// OTLP/HTTP: JSON is told by its media type, and answered in kind.
async fn answer(request: Request<Incoming>, state: &State) -> Response<Full<Bytes>> {
    let (head, body) = request.into_parts();
    lock(&state.heads).push(head.headers.clone());
    let json = head.headers.get("content-type").is_some_and(|media| media == "application/json");
    let body = body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
    let status = lock(&state.refusals).pop_front();
    let bytes = body;
    let read = serde_json::from_slice(&bytes).ok().filter(|_| json);
    let status = match (status, read) {
        (Some(status), _) => status,
        (None, None) => 400,
        (None, Some(body)) => {
            lock(&state.texts).push(String::from_utf8_lossy(&bytes).into_owned());
            lock(&state.taken).push((head.uri.path().to_owned(), body));
            return Response::new(Full::from(json!({}).to_string()));
        }
    };
    *lock(&state.refused) += 1;
    let mut response = Response::new(Full::default());
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or_default();
    response
}

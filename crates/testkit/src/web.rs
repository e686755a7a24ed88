//! A scripted client of streamable HTTP, with every header and byte in the test's hands.

use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::{HeaderMap, Method, Request};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::TokioExecutor;
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use crate::event_stream::{Event, EventReader};
use crate::guard::{guard, lock};
use crate::inbox::Inbox;
use crate::wire::{self, LEGACY_VERSION, MODERN_VERSION};

/// One client of one URL. Requests may be in flight together.
#[derive(Debug)]
pub struct Web {
    url: String,
    client: Client<HttpConnector, Full<Bytes>>,
    /// Sent with every request.
    headers: Vec<(String, String)>,
    capabilities: Value,
    session: Mutex<Option<String>>,
    version: Mutex<Option<String>>,
    next_id: AtomicU64,
    heard: Inbox<Value>,
}

#[expect(clippy::panic, clippy::expect_used, reason = "a broken rig ends the test")]
impl Web {
    pub fn new(url: impl Into<String>) -> Web {
        let mut connector = HttpConnector::new();
        connector.set_nodelay(true);
        Web {
            url: url.into(),
            client: Client::builder(TokioExecutor::new()).build(connector),
            headers: Vec::new(),
            capabilities: json!({"elicitation": {}, "roots": {}, "sampling": {}}),
            session: Mutex::new(None),
            version: Mutex::new(None),
            next_id: AtomicU64::new(1),
            heard: Inbox::new(),
        }
    }

    /// Sends this header with every request, such as a token.
    #[must_use]
    pub fn with_header(mut self, name: &str, value: &str) -> Web {
        self.headers.push((name.to_owned(), value.to_owned()));
        self
    }

    /// Declares these capabilities in either era.
    #[must_use]
    pub fn with_capabilities(mut self, capabilities: Value) -> Web {
        self.capabilities = capabilities;
        self
    }

    /// Sends any method, headers and body; nothing is added but those of [`Web::with_header`].
    /// None when the connection broke.
    pub async fn send(
        &self,
        method: Method,
        headers: &[(&str, &str)],
        body: impl Into<Bytes>,
    ) -> Option<WebReply> {
        let mut request = Request::builder().method(method).uri(&self.url);
        for (name, value) in &self.headers {
            request = request.header(name, value);
        }
        for (name, value) in headers {
            request = request.header(*name, *value);
        }
        let request = request.body(Full::new(body.into())).expect("the headers are well formed");
        let response = guard(self.client.request(request), "a response").await.ok()?;
        let (head, body) = response.into_parts();
        Some(WebReply { status: head.status.as_u16(), headers: head.headers, body })
    }

    /// Posts any bytes as JSON, with `extra` headers beside those of a client and its session.
    pub async fn post(&self, body: impl Into<Bytes>, extra: &[(&str, &str)]) -> WebReply {
        let session = self.session();
        let version = lock(&self.version).clone();
        let mut headers = vec![
            ("accept", "application/json, text/event-stream"),
            ("content-type", "application/json"),
        ];
        let named = |name: &str| extra.iter().any(|(extra, _)| extra.eq_ignore_ascii_case(name));
        headers.retain(|(name, _)| !named(name));
        if let Some(session) = session.as_deref().filter(|_| !named("mcp-session-id")) {
            headers.push(("mcp-session-id", session));
        }
        if let Some(version) = version.as_deref().filter(|_| !named("mcp-protocol-version")) {
            headers.push(("mcp-protocol-version", version));
        }
        headers.extend_from_slice(extra);
        match self.send(Method::POST, &headers, body).await {
            Some(reply) => reply,
            None => panic!("`{}` does not answer", self.url),
        }
    }

    /// The session's id as the server gave it.
    pub fn session(&self) -> Option<String> {
        lock(&self.session).clone()
    }

    /// The whole response to `initialize`; later requests carry its session and version.
    pub async fn initialize(&self) -> Value {
        self.initialize_as(LEGACY_VERSION).await
    }

    pub async fn initialize_as(&self, version: &str) -> Value {
        let id = self.id();
        let params = wire::initialize_params(version, &self.capabilities);
        let reply = self.post(wire::request(&id, "initialize", &params), &[]).await;
        let session = reply.header("mcp-session-id").map(str::to_owned);
        *lock(&self.session) = session;
        let response = self.answer(reply, &id).await;
        let version = response["result"]["protocolVersion"].as_str().map(str::to_owned);
        *lock(&self.version) = version;
        response
    }

    /// The whole legacy handshake.
    pub async fn open(&self) -> Value {
        let response = self.initialize().await;
        self.notify("notifications/initialized", Value::Null).await;
        response
    }

    /// Posts a notification; the status.
    pub async fn notify(&self, method: &str, params: Value) -> u16 {
        self.post(wire::notification(method, &params), &[]).await.status
    }

    /// The whole response to one legacy request, by JSON or by events, resumed where they broke.
    pub async fn request(&self, method: &str, params: Value) -> Value {
        let id = self.id();
        let reply = self.post(wire::request(&id, method, &params), &[]).await;
        self.answer(reply, &id).await
    }

    pub async fn call(&self, name: &str, arguments: Value) -> Value {
        self.request("tools/call", wire::call_params(name, &arguments)).await
    }

    /// Starts one modern request, with the headers that belong to it.
    pub async fn modern_post(&self, id: &Value, method: &str, params: &Value) -> WebReply {
        let named = params["name"].as_str().or_else(|| params["uri"].as_str());
        let params = wire::modern_params(params, &self.capabilities);
        let mut headers = vec![("mcp-protocol-version", MODERN_VERSION), ("mcp-method", method)];
        headers.extend(named.map(|name| ("mcp-name", name)));
        self.post(wire::request(id, method, &params), &headers).await
    }

    /// The whole response to one modern request.
    pub async fn modern_request(&self, method: &str, params: Value) -> Value {
        let id = self.id();
        let reply = self.modern_post(&id, method, &params).await;
        self.answer(reply, &id).await
    }

    pub async fn modern_call(&self, name: &str, arguments: Value) -> Value {
        self.modern_request("tools/call", wire::call_params(name, &arguments)).await
    }

    /// Answers a request of the server; the status.
    pub async fn reply(&self, request: &Value, result: Value) -> u16 {
        let response = json!({"jsonrpc": "2.0", "id": request["id"], "result": result});
        self.post(response.to_string(), &[]).await.status
    }

    /// Opens the session's stream, or the rest of another after an event id.
    pub async fn get(&self, last_event_id: Option<&str>) -> WebReply {
        let session = self.session().unwrap_or_default();
        let mut headers =
            vec![("accept", "text/event-stream"), ("mcp-session-id", session.as_str())];
        headers.extend(last_event_id.map(|id| ("last-event-id", id)));
        match self.send(Method::GET, &headers, Bytes::new()).await {
            Some(reply) => reply,
            None => panic!("`{}` does not answer", self.url),
        }
    }

    /// Ends the session; the status.
    pub async fn delete(&self) -> u16 {
        let session = self.session().unwrap_or_default();
        let reply = self.send(Method::DELETE, &[("mcp-session-id", &session)], Bytes::new()).await;
        reply.map_or(0, |reply| reply.status)
    }

    /// The next message that came on a stream before its answer, such as a request of the server.
    pub async fn next_message(&self) -> Value {
        self.heard.next().await.unwrap_or_default()
    }

    /// The messages that came on streams before answers, without waiting for more.
    pub fn unread(&self) -> Vec<Value> {
        self.heard.drain()
    }

    /// Writes exactly these bytes to a connection of its own and reads until the server closes it.
    pub async fn raw(&self, bytes: &[u8]) -> Vec<u8> {
        let address = self.url.trim_start_matches("http://");
        let address = address.split('/').next().unwrap_or(address);
        let mut stream = TcpStream::connect(address).await.expect("the server listens");
        let mut answer = Vec::new();
        // A server may refuse and close before it has read everything.
        drop(stream.write_all(bytes).await);
        drop(guard(stream.read_to_end(&mut answer), "the end of a connection").await);
        answer
    }

    fn id(&self) -> Value {
        json!(self.next_id.fetch_add(1, Ordering::Relaxed))
    }

    async fn answer(&self, reply: WebReply, id: &Value) -> Value {
        if !reply.is_events() {
            return reply.json().await;
        }
        let mut events = reply.events();
        loop {
            let found = self.search(&mut events, id).await;
            if let Some(message) = found {
                return message;
            }
            let Some(last) = events.last_id.clone() else {
                panic!("the stream ended without an answer to {id}");
            };
            events = self.get(Some(&last)).await.events();
        }
    }

    /// The answer if this stream has it; what goes before it is kept for [`Web::next_message`].
    async fn search(&self, events: &mut Events, id: &Value) -> Option<Value> {
        loop {
            let event = events.next().await?;
            let message: Value = serde_json::from_str(&event.data).unwrap_or_default();
            if message["id"] == *id && message["method"].is_null() {
                return Some(message);
            }
            if !event.data.is_empty() {
                self.heard.push(message);
            }
        }
    }
}

/// One HTTP response whose body has not been read.
#[derive(Debug)]
pub struct WebReply {
    pub status: u16,
    pub headers: HeaderMap,
    body: Incoming,
}

impl WebReply {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn is_events(&self) -> bool {
        self.header("content-type").is_some_and(|kind| kind.starts_with("text/event-stream"))
    }

    /// The whole body; what a broken connection left of it.
    pub async fn bytes(mut self) -> Vec<u8> {
        let mut bytes = Vec::new();
        while let Some(Ok(frame)) = guard(self.body.frame(), "a body").await {
            bytes.extend_from_slice(frame.data_ref().unwrap_or(&Bytes::new()));
        }
        bytes
    }

    /// The body as JSON; null where it is none.
    pub async fn json(self) -> Value {
        serde_json::from_slice(&self.bytes().await).unwrap_or_default()
    }

    pub fn events(self) -> Events {
        Events { body: self.body, reader: EventReader::default(), last_id: None }
    }
}

/// The events of one response; dropping it closes the connection.
#[derive(Debug)]
pub struct Events {
    body: Incoming,
    reader: EventReader,
    /// The newest id seen, to come back with.
    pub last_id: Option<String>,
}

impl Events {
    /// The next event; none when the stream ended.
    pub async fn next(&mut self) -> Option<Event> {
        loop {
            if let Some(event) = self.reader.pull() {
                self.last_id = event.id.clone().or(self.last_id.take());
                return Some(event);
            }
            let frame = guard(self.body.frame(), "an event").await?.ok()?;
            self.reader.push(frame.data_ref().unwrap_or(&Bytes::new()));
        }
    }
}

//! Legacy HTTP: sessions, their streams, and coming back to them.

use std::collections::HashMap;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use hyper::header::HeaderValue;
use hyper::{HeaderMap, StatusCode};
use serde_json::{Value, json};

use super::reply::{self, Reply};
use super::stream::{Reading, Stream};
use super::text;
use crate::guard::lock;
use crate::sentinel::answer::Outlet;
use crate::sentinel::core::{Core, is_request};
use crate::sentinel::legacy::VERSIONS;
use crate::sentinel::session::Session;

const SESSION: &str = "mcp-session-id";
/// The session of everybody where no ids are given out.
const SHARED: &str = "";

#[derive(Clone)]
struct Open {
    session: Arc<Session>,
    general: Arc<Stream>,
    streams: Arc<Streams>,
}

/// Streams that a client may come back to, by number; the session's own is 0.
#[derive(Default)]
struct Streams {
    count: AtomicUsize,
    kept: Mutex<HashMap<usize, Arc<Stream>>>,
}

impl Open {
    fn new() -> Open {
        let general = Arc::new(Stream::new(0, false));
        Open { session: Arc::new(Session::new(general.clone())), general, streams: Arc::default() }
    }

    fn stream(&self, primed: bool) -> Arc<Stream> {
        let number = self.streams.count.fetch_add(1, Ordering::Relaxed) + 1;
        Arc::new(Stream::new(number, primed))
    }

    fn keep(&self, stream: &Arc<Stream>) {
        lock(&self.streams.kept).insert(stream.number, stream.clone());
    }

    fn find(&self, number: usize) -> Option<Arc<Stream>> {
        if number == 0 {
            Some(self.general.clone())
        } else {
            lock(&self.streams.kept).get(&number).cloned()
        }
    }

    fn close(&self) {
        self.general.close();
        lock(&self.streams.kept).values().for_each(|stream| stream.close());
    }
}

pub(crate) struct Sessions {
    open: Mutex<HashMap<String, Open>>,
}

impl Sessions {
    pub(crate) fn new() -> Sessions {
        Sessions { open: Mutex::new(HashMap::new()) }
    }

    pub(crate) async fn post(&self, core: &Arc<Core>, headers: &HeaderMap, json: &Value) -> Reply {
        let begins = json["method"] == "initialize";
        let open = if begins { Ok(self.begin(core)) } else { self.find(core, headers) };
        let open = match open {
            Ok(open) => open,
            Err(refusal) => return refusal.reply(),
        };
        let mut answer = answer(core, &open, json).await;
        if begins
            && !core.flags.sessionless
            && let Ok(id) = HeaderValue::from_str(&open.session.id)
        {
            answer.headers_mut().insert(SESSION, id);
        }
        answer
    }

    fn begin(&self, core: &Core) -> Open {
        let open = Open::new();
        let key = if core.flags.sessionless { SHARED.to_owned() } else { open.session.id.clone() };
        lock(&self.open).insert(key, open.clone());
        open
    }

    fn find(&self, core: &Core, headers: &HeaderMap) -> Result<Open, Refusal> {
        let id = if core.flags.sessionless { Some(SHARED) } else { text(headers, SESSION) };
        let Some(id) = id else {
            return Err(Refusal(
                StatusCode::BAD_REQUEST,
                -32000,
                "Bad Request: Server not initialized",
            ));
        };
        if let Some(version) = text(headers, "mcp-protocol-version")
            && !VERSIONS.contains(&version)
        {
            return Err(Refusal(
                StatusCode::BAD_REQUEST,
                -32000,
                "Bad Request: Unsupported protocol version",
            ));
        }
        let open = lock(&self.open).get(id).cloned();
        open.ok_or(Refusal(StatusCode::NOT_FOUND, -32001, "Session not found"))
    }

    /// A session whose own stream carries everything; its id and that stream.
    pub(crate) fn open_stream(&self) -> (String, Arc<Stream>) {
        let open = Open::new();
        let id = open.session.id.clone();
        let stream = open.general.clone();
        lock(&self.open).insert(id.clone(), open);
        (id, stream)
    }

    /// A session and its own stream.
    pub(crate) fn of(&self, id: &str) -> Option<(Arc<Session>, Arc<Stream>)> {
        let open = lock(&self.open).get(id).cloned()?;
        Some((open.session, open.general))
    }

    /// The session's own stream, or the rest of one that broke.
    pub(crate) fn get(&self, core: &Core, headers: &HeaderMap) -> Reply {
        if !core.flags.sessionless && text(headers, SESSION).is_none() {
            return reply::not_allowed();
        }
        let open = match self.find(core, headers) {
            Ok(open) => open,
            Err(refusal) => return refusal.reply(),
        };
        let (number, next) = match text(headers, "last-event-id").map(position) {
            None => (0, None),
            Some(Some((number, last))) => (number, Some(last + 1)),
            Some(None) => {
                return Refusal(StatusCode::BAD_REQUEST, -32000, "Bad Request: unknown event id")
                    .reply();
            }
        };
        let Some(stream) = open.find(number) else {
            return Refusal(StatusCode::BAD_REQUEST, -32000, "Bad Request: unknown event id")
                .reply();
        };
        let next = next.unwrap_or_else(|| stream.sent.load(Ordering::Relaxed));
        let reading = Reading { next, with_ids: true, ..Reading::new(stream) };
        reply::events(reading, core.flags.split_writes)
    }

    pub(crate) fn delete(&self, headers: &HeaderMap) -> Reply {
        let Some(id) = text(headers, SESSION) else {
            return reply::not_allowed();
        };
        match lock(&self.open).remove(id) {
            Some(open) => {
                open.close();
                reply::status(StatusCode::OK)
            }
            None => Refusal(StatusCode::NOT_FOUND, -32001, "Session not found").reply(),
        }
    }
}

async fn answer(core: &Arc<Core>, open: &Open, json: &Value) -> Reply {
    let flags = &core.flags;
    // Older clients do not know empty events.
    let primed = lock(&open.session.version).as_deref() == Some("2025-11-25");
    let stream = open.stream(primed);
    let outlet: Arc<dyn Outlet> = stream.clone();
    let owed =
        is_request(json) || json.as_array().is_some_and(|items| items.iter().any(is_request));
    match core.receive(&open.session, &outlet, json) {
        Some(answer) => stream.finish(answer),
        None if !owed => return reply::status(StatusCode::ACCEPTED),
        None => {}
    }
    if !flags.sse
        && let Some(said) = stream.first(primed).await
        && said.last
    {
        return reply::json(said.answer.text, StatusCode::OK, flags.split_writes);
    }
    open.keep(&stream);
    let left = flags.drop_sse_after_events;
    reply::events(Reading { left, with_ids: true, ..Reading::new(stream) }, flags.split_writes)
}

fn position(event_id: &str) -> Option<(usize, usize)> {
    let (number, last) = event_id.split_once('-')?;
    Some((number.parse().ok()?, last.parse().ok()?))
}

/// Status, error code, message.
struct Refusal(StatusCode, i64, &'static str);

impl Refusal {
    fn reply(&self) -> Reply {
        let error = json!({"code": self.1, "message": self.2});
        let text = json!({"jsonrpc": "2.0", "error": error, "id": null}).to_string();
        reply::json(text, self.0, false)
    }
}

//! POST: one message, or a batch of 2025-03-26; the answer is one JSON text or a stream of events.

use std::sync::{Arc, Weak};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt;
use hyper::body::{Body as _, Incoming};
use hyper::header::HeaderValue;
use hyper::{HeaderMap, Request, Response, StatusCode};
use tokio::sync::mpsc;
use toolgate_protocol::frame::{Event, event};
use toolgate_protocol::version::Version;
use toolgate_protocol::{Message, MessageKind, Side, answer, headers};

use crate::options::RunError;
use crate::outbox::{Answer, Inward, Mail, Outbox};
use crate::quota::Places;
use crate::request::{Ear, Work};
use crate::trace::heard;

use super::body::Body;
use super::entered::Entered;
use super::link::Link;
use super::respond::Rejection;
use super::sessions::Client;
use super::streams::Streams;
use super::{modern, respond};

pub(super) const SESSION_ID: &str = "mcp-session-id";

/// An answer that takes longer comes as events, with comments that keep the connection alive.
const QUIET: Duration = Duration::from_secs(15);

/// `places` are held as long as the request is in flight.
pub(super) async fn post(
    place: &Entered,
    request: Request<Incoming>,
    places: Places,
) -> Response<Body> {
    let (head, body) = request.into_parts();
    let text = match whole(body, place.message_bytes_max()).await {
        Ok(text) => text,
        Err(rejection) => return rejection.into(),
    };
    if text.trim_ascii_start().starts_with(b"[") {
        return match find(place, &head.headers) {
            Ok(client) => batch(place, (&client, &head.headers), &text, places).await,
            Err(rejection) => rejection.into(),
        };
    }
    let message = match Message::read(text, Side::Client) {
        Ok(message) => message,
        Err(refusal) => return respond::refusal(&refusal),
    };
    if modern::is_modern(&message, &head.headers) {
        return modern::post(place, &head.headers, message, places).await;
    }
    let Ok(version) = version(&head.headers) else {
        return respond::text(StatusCode::BAD_REQUEST, "unknown MCP-Protocol-Version");
    };
    if message.is_method("initialize") && message.kind() == MessageKind::Request {
        return initialize(place, &head.headers, message, places).await;
    }
    match find(place, &head.headers) {
        Ok(client) => one((&client, &head.headers), message, version, places).await,
        Err(rejection) => rejection.into(),
    }
}

/// How long a client may take to send its message: slower ones hold what others need.
const BODY_TIMEOUT: Duration = Duration::from_secs(30);
/// How long a message that is too long is listened to.
const DISCARD: Duration = Duration::from_secs(1);
/// What a client only announces is no reason to set more memory aside.
const RESERVED_MAX: usize = 256 << 10;

async fn whole(body: Incoming, bytes_max: usize) -> Result<Bytes, Rejection> {
    const SLOW: Rejection =
        Rejection(StatusCode::REQUEST_TIMEOUT, "the request took too long to arrive");
    tokio::time::timeout(BODY_TIMEOUT, read(body, bytes_max)).await.unwrap_or(Err(SLOW))
}

async fn read(mut body: Incoming, bytes_max: usize) -> Result<Bytes, Rejection> {
    let mut text = BytesMut::new();
    while let Some(frame) = body.frame().await {
        let broken = |_| Rejection(StatusCode::BAD_REQUEST, "the request ended early");
        let Ok(data) = frame.map_err(broken)?.into_data() else { continue };
        if text.len() + data.len() > bytes_max {
            discard(body).await;
            let text = "the message is longer than the limit";
            return Err(Rejection(StatusCode::PAYLOAD_TOO_LARGE, text));
        }
        // The usual body comes in one piece.
        if text.is_empty() && body.is_end_stream() {
            return Ok(data);
        }
        if text.is_empty() {
            let rest = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
            text.reserve(data.len() + rest.min(RESERVED_MAX));
        }
        text.extend_from_slice(&data);
    }
    Ok(text.freeze())
}

/// Whoever is still sending when the connection closes does not hear why: the rest is read and
/// thrown away, for a while.
async fn discard(mut body: Incoming) {
    let rest = async { while let Some(Ok(_)) = body.frame().await {} };
    let _ = tokio::time::timeout(DISCARD, rest).await;
}

/// MCP 2025-06-18: a version that we do not know is refused; none at all is an older one.
fn version(head: &HeaderMap) -> Result<Option<Version>, UnknownVersion> {
    let mut oldest = None;
    for version in head.get_all(headers::PROTOCOL_VERSION) {
        let version = version.to_str().ok().and_then(Version::parse).ok_or(UnknownVersion)?;
        oldest = Some(oldest.map_or(version, |oldest: Version| oldest.min(version)));
    }
    Ok(oldest)
}

struct UnknownVersion;

/// The session that a request names.
pub(super) fn find(place: &Entered, head: &HeaderMap) -> Result<Arc<Client>, Rejection> {
    let mut ids = head.get_all(SESSION_ID).iter();
    let id = ids.next().and_then(|id| id.to_str().ok());
    match (id, ids.next()) {
        (Some(id), None) => place
            .presence()
            .sessions
            .find(id)
            .ok_or(Rejection(StatusCode::NOT_FOUND, "the session is gone")),
        _ => Err(Rejection(StatusCode::BAD_REQUEST, "one Mcp-Session-Id is needed")),
    }
}

async fn initialize(
    place: &Entered,
    head: &HeaderMap,
    message: Message,
    places: Places,
) -> Response<Body> {
    let kept = match place.presence().session() {
        Ok(kept) => kept,
        Err(rejection) => return rejection.into(),
    };
    let client = match place.connect(kept).await {
        Ok(client) => client,
        Err(error) => return unreachable(&message, &error),
    };
    place.presence().sessions.keep(&client);
    let mut response = one((&client, head), message, None, places).await;
    if let Ok(id) = HeaderValue::from_str(&client.id) {
        response.headers_mut().insert(SESSION_ID, id);
    }
    response
}

async fn one(
    (client, head): (&Arc<Client>, &HeaderMap),
    message: Message,
    version: Option<Version>,
    places: Places,
) -> Response<Body> {
    let (outbox, mail) = Outbox::new();
    match client.session.take(message, outbox.holding(places).hearing(heard(head))).await {
        Some((request, work)) => Waiting::one(mail, request, work).respond(client, version).await,
        None => refused_or_accepted(mail).await,
    }
}

/// A message that was not taken as a request has an answer only if it was refused.
async fn refused_or_accepted(mut mail: Inward) -> Response<Body> {
    match mail.recv().await {
        Some(mail) => respond::json(StatusCode::OK, mail.bytes().clone()),
        None => respond::accepted(),
    }
}

async fn batch(
    place: &Entered,
    (client, head): (&Arc<Client>, &HeaderMap),
    text: &Bytes,
    places: Places,
) -> Response<Body> {
    let messages = match client.session.split(text) {
        Ok(messages) => messages,
        Err(refusal) => return respond::refusal(&refusal),
    };
    drop(places);
    let places = match place.presence().requests(messages.len()) {
        Ok(places) => places,
        Err(rejection) => return rejection.into(),
    };
    let (outbox, mail) = Outbox::new();
    let outbox = outbox.holding(places).hearing(heard(head));
    let (mut answers, mut batch) = (0, Vec::new());
    for text in messages {
        match Message::read(text, Side::Client) {
            Ok(message) => {
                let taken = client.session.take(message, outbox.clone()).await;
                answers += usize::from(taken.is_some());
                batch.extend(taken.map(|(request, _goes_on)| Arc::downgrade(&request)));
            }
            Err(refusal) => {
                outbox.answer(Answer::plain(refusal.to_bytes())).await;
                answers += 1;
            }
        }
    }
    drop(outbox);
    if answers == 0 {
        return respond::accepted();
    }
    let work = Work::default();
    Waiting { mail, answers, request: None, work, batch }.respond(client, None).await
}

/// The server behind us cannot be had.
pub(super) fn unreachable(message: &Message, error: &RunError) -> Response<Body> {
    let id = message.id().map(toolgate_json::Value::raw);
    let body = answer::error(id, answer::UPSTREAM_FAILED, &error.text, None);
    respond::json(StatusCode::BAD_GATEWAY, body)
}

/// Requests that were taken, and what comes back for them.
pub(super) struct Waiting {
    mail: Inward,
    /// How many answers are still to come.
    answers: usize,
    /// The one request, if it is one.
    request: Option<Arc<crate::request::Request>>,
    /// What is left to be done for it.
    work: Work,
    /// The requests of a batch.
    batch: Vec<Weak<crate::request::Request>>,
}

impl Waiting {
    pub(super) fn one(mail: Inward, request: Arc<crate::request::Request>, work: Work) -> Self {
        Self { mail, answers: 1, request: Some(request), work, batch: Vec::new() }
    }

    /// To a legacy client: an event stream can be resumed, so what it carries is kept.
    async fn respond(mut self, client: &Arc<Client>, version: Option<Version>) -> Response<Body> {
        let request = self.request.as_ref().map(Arc::downgrade);
        let first = match self.first().await {
            Ok(response) => return response,
            Err(first) => first,
        };
        let (number, events) = client.streams.open();
        for request in request.iter().chain(&self.batch).filter_map(Weak::upgrade) {
            let listener = Arc::downgrade(client);
            request.hear_through(Ear::Stream(listener, number));
        }
        // Older clients take an event without data for a broken message.
        if version.is_some_and(Version::has_priming) {
            client.streams.prime(number);
        }
        tokio::spawn(self.keep(Arc::clone(client), number, first));
        respond::events(Body::stream(events, None))
    }

    /// To a modern client: when the stream closes, the request is taken back.
    pub(super) async fn respond_once(mut self, link: Link) -> Response<Body> {
        let first = match self.first().await {
            Ok(response) => return response,
            Err(first) => first,
        };
        let (live, events) = mpsc::channel(16);
        tokio::spawn(self.pass(live, first, link.request()));
        respond::events(Body::stream(events, Some(link)))
    }

    /// The whole response if the first thing to come is the only answer; else what came first.
    /// A server that answers with events is not waited for: its client may come back for them.
    async fn first(&mut self) -> Result<Response<Body>, Option<Mail>> {
        // Then no longer held: when it ends, so does its mail.
        let request = self.request.take();
        let streamed = async {
            match &request {
                Some(request) => request.streamed().await,
                None => std::future::pending().await,
            }
        };
        let unanswered = async {
            match &request {
                Some(request) => request.unanswered().await,
                None => std::future::pending().await,
            }
        };
        // When this is over, what is left of it goes on by itself.
        let mut work = std::mem::take(&mut self.work);
        let elsewhere = work.is_none();
        let mail = tokio::select! {
            biased;
            answer = &mut work => return self.last(request.as_ref(), answer),
            () = streamed => return Err(None),
            () = unanswered, if elsewhere => return Ok(respond::accepted()),
            mail = tokio::time::timeout(QUIET, self.mail.recv()) => mail,
        };
        match mail {
            Ok(Some(Mail::Answer(answer))) if self.answers == 1 => Ok(whole_response(answer)),
            Ok(Some(mail)) => Err(Some(mail)),
            // The client took the request back: there is no answer.
            Ok(None) => Ok(respond::accepted()),
            Err(_) => Err(None),
        }
    }

    /// What was said before an answer stands in front of it, and an answer that came as an event
    /// stays one.
    fn last(
        &mut self,
        request: Option<&Arc<crate::request::Request>>,
        answer: Option<Answer>,
    ) -> Result<Response<Body>, Option<Mail>> {
        let before = self.mail.try_recv().ok();
        match request {
            Some(request) if before.is_some() || request.is_streamed() => {
                drop(Work::new(Arc::clone(request), std::future::ready(answer)));
                Err(before)
            }
            _ => Ok(answer.map_or_else(respond::accepted, whole_response)),
        }
    }

    async fn keep(mut self, client: Arc<Client>, number: u64, first: Option<Mail>) {
        let streams: &Streams = &client.streams;
        let mut next = first;
        loop {
            match next.take() {
                Some(mail) => {
                    self.answers -= usize::from(matches!(mail, Mail::Answer(_)));
                    streams.push(number, mail.bytes().clone());
                }
                None => streams.comment(number),
            }
            if self.answers == 0 {
                break;
            }
            match tokio::time::timeout(QUIET, self.mail.recv()).await {
                Ok(Some(mail)) => next = Some(mail),
                Ok(None) => break,
                Err(_) => {}
            }
        }
        streams.finish(number);
    }

    async fn pass(
        mut self,
        live: mpsc::Sender<Bytes>,
        first: Option<Mail>,
        request: Arc<crate::request::Request>,
    ) {
        let mut next = first;
        loop {
            let bytes = match &next {
                Some(mail) => {
                    let data = Some(mail.bytes().clone());
                    event(&Event { data, ..Event::default() })
                }
                None => Bytes::from_static(COMMENT),
            };
            let last = matches!(next, Some(Mail::Answer(_)));
            if live.send(bytes).await.is_err() || last {
                return;
            }
            let mail = tokio::select! {
                biased;
                mail = tokio::time::timeout(QUIET, self.mail.recv()) => mail,
                () = request.unanswered() => return,
            };
            match mail {
                Ok(Some(mail)) => next = Some(mail),
                Ok(None) => return,
                Err(_) => next = None,
            }
        }
    }
}

fn whole_response(Answer { bytes, status }: Answer) -> Response<Body> {
    let status = status.and_then(|status| StatusCode::from_u16(status).ok());
    respond::json(status.unwrap_or(StatusCode::OK), bytes)
}

/// Keeps a connection alive and means nothing.
pub(super) const COMMENT: &[u8] = b":\n\n";

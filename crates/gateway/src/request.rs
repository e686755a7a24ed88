//! One request of a client while it is in flight.

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Mutex, OnceLock, PoisonError, Weak};

use tokio::sync::{Notify, mpsc};
use toolgate_protocol::{Era, Id, Message, round};

use crate::outbox::{Answer, Outbox};
use crate::request::flag::Flag;
use crate::trace::Trace;
use crate::ways::Returned;

pub(crate) mod flag;
mod work;

pub(crate) use work::Work;

#[derive(Debug)]
pub(crate) struct Request {
    pub(crate) id: Id,
    /// The id as the client wrote it.
    pub(crate) id_raw: Vec<u8>,
    pub(crate) era: Era,
    pub(crate) is_initialize: bool,
    /// Where the answer goes, and what the server says about this request before it.
    pub(crate) replies: Outbox,
    cancelled: Flag,
    settled: AtomicBool,
    /// Some of it may have reached the server.
    sent: AtomicBool,
    abandoned: Notify,
    /// The server answers with events.
    events: AtomicBool,
    streamed: Notify,
    /// It has ended without an answer.
    unanswered: Notify,
    /// `Mcp-Param-*` as an HTTP client sent them; nothing for a client without headers.
    pub(crate) mirrored: Option<Vec<(String, Vec<u8>)>>,
    /// The same as the gate writes them from the body.
    written: Mutex<Vec<(String, String)>>,
    /// Nothing as long as its answer goes straight to the client.
    ear: OnceLock<Ear>,
    pub(crate) trace: Trace,
    /// Whether its answer may ask for another round.
    pub(crate) has_rounds: bool,
    /// What it brought back from the round before.
    pub(crate) returned: Option<Returned>,
}

/// Who listens for the answer of a request.
#[derive(Debug)]
pub(crate) enum Ear {
    /// Whoever listens for that of another one.
    Request(Weak<Request>),
    /// A client at one of its streams, to which it may come back.
    Stream(Weak<dyn Listener>, u64),
}

/// A client with streams that it may leave and come back to.
pub(crate) trait Listener: std::fmt::Debug + Send + Sync {
    fn is_listening(&self, stream: u64) -> bool;
}

impl Request {
    /// Nothing if the message is not a request.
    pub(crate) fn of(message: &Message, replies: Outbox) -> Option<Self> {
        let id = message.id_key()?;
        let id_raw = message.id()?.raw().to_vec();
        let [settled, sent, events] = [false; 3].map(AtomicBool::new);
        let [abandoned, streamed, unanswered] = [const { Notify::const_new() }; 3];
        Some(Self {
            id,
            id_raw,
            era: message.era(),
            is_initialize: message.is_method("initialize"),
            replies,
            cancelled: Flag::default(),
            settled,
            sent,
            abandoned,
            events,
            streamed,
            unanswered,
            mirrored: None,
            trace: Trace::default(),
            has_rounds: round::has_rounds(message),
            returned: None,
            written: Mutex::default(),
            ear: OnceLock::new(),
        })
    }

    pub(crate) fn with_mirrored(self, mirrored: Option<Vec<(String, Vec<u8>)>>) -> Self {
        Self { mirrored, ..self }
    }

    pub(crate) fn with_trace(self, trace: Trace) -> Self {
        Self { trace, ..self }
    }

    pub(crate) fn with_returned(self, returned: Option<Returned>) -> Self {
        Self { returned, ..self }
    }

    pub(crate) fn write_headers(&self, headers: Vec<(String, String)>) {
        *self.written.lock().unwrap_or_else(PoisonError::into_inner) = headers;
    }

    pub(crate) fn written_headers(&self) -> Vec<(String, String)> {
        self.written.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The client no longer waits: what has not been sent is not sent any more.
    pub(crate) fn cancel(&self) {
        self.cancelled.raise();
    }

    pub(crate) fn is_cancelled(&self) -> bool {
        self.cancelled.is_raised()
    }

    /// Resolves once the client no longer waits.
    pub(crate) async fn taken_back(&self) {
        self.cancelled.raised().await;
    }

    /// From now on its answer goes to whoever listens there.
    pub(crate) fn hear_through(&self, ear: Ear) {
        // The first to say so is right.
        let _ = self.ear.set(ear);
    }

    /// Whether somebody is there to hear an answer.
    pub(crate) fn is_heard(&self) -> bool {
        let there = match self.ear.get() {
            None => self.replies.is_open(),
            Some(Ear::Request(outer)) => outer.upgrade().is_some_and(|outer| outer.is_heard()),
            Some(Ear::Stream(client, number)) => {
                client.upgrade().is_some_and(|client| client.is_listening(*number))
            }
        };
        there && !self.is_cancelled()
    }

    pub(crate) fn note_sent(&self, sent: bool) {
        self.sent.store(sent, Ordering::Release);
    }

    pub(crate) fn is_sent(&self) -> bool {
        self.sent.load(Ordering::Acquire)
    }

    /// The client has left: nothing that is under way for it need go on.
    pub(crate) fn abandon(&self) {
        self.cancel();
        self.abandoned.notify_waiters();
    }

    /// Resolves once the client has left.
    pub(crate) async fn abandoned(&self) {
        let mut left = std::pin::pin!(self.abandoned.notified());
        left.as_mut().enable();
        if !self.is_cancelled() || self.era == Era::Legacy {
            left.await;
        }
    }

    pub(crate) fn note_streamed(&self) {
        self.events.store(true, Ordering::Release);
        self.streamed.notify_one();
    }

    /// Whether the server has begun to answer with events.
    pub(crate) fn is_streamed(&self) -> bool {
        self.events.load(Ordering::Acquire)
    }

    /// Resolves once the server has begun to answer with events.
    pub(crate) async fn streamed(&self) {
        self.streamed.notified().await;
    }

    /// Tells the client how it has ended.
    pub(crate) async fn end(&self, answer: Option<Answer>) {
        match answer {
            Some(answer) => self.replies.answer(answer).await,
            None => self.note_unanswered(),
        }
    }

    pub(crate) fn note_unanswered(&self) {
        self.unanswered.notify_one();
    }

    /// Resolves once it has ended without an answer.
    pub(crate) async fn unanswered(&self) {
        self.unanswered.notified().await;
    }

    /// It has its answer, or will have none.
    pub(crate) fn settle(&self) {
        self.settled.store(true, Ordering::Release);
    }

    pub(crate) fn is_settled(&self) -> bool {
        self.settled.load(Ordering::Acquire)
    }
}

/// Held by whatever still has something to send upstream; once the last one is dropped,
/// everything the client said has been passed on or refused.
/// Nothing over HTTP, where each request comes by itself.
pub(crate) type Sending = Option<mpsc::Sender<()>>;

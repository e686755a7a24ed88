//! An event stream that outlives its connection: what was sent stays and can be read again.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use hyper::body::{Body as HttpBody, Frame};
use serde_json::Value;

use crate::guard::lock;
use crate::sentinel::answer::{Answer, Outlet};
use crate::sentinel::core::Core;
use crate::sentinel::session::Session;

/// The events of one answer, or of a session's own stream.
pub(crate) struct Stream {
    /// Its number within the session; event ids are `number-position`.
    pub(crate) number: usize,
    /// How much of it has been sent to anybody.
    pub(crate) sent: AtomicUsize,
    log: Mutex<Log>,
}

#[derive(Default)]
struct Log {
    events: Vec<Said>,
    finished: bool,
    /// Whether the only reader went away for good.
    deaf: bool,
    wakers: Vec<Waker>,
}

#[derive(Clone)]
pub(crate) struct Said {
    pub(crate) answer: Answer,
    /// The response itself, not something that goes before it.
    pub(crate) last: bool,
}

impl Stream {
    /// A primed stream begins with an empty event, so that a reader has an id to come back with.
    pub(crate) fn new(number: usize, primed: bool) -> Stream {
        let stream = Stream { number, sent: AtomicUsize::new(0), log: Mutex::default() };
        if primed {
            stream.push(Answer { text: String::new(), error: None }, false);
        }
        stream
    }

    fn push(&self, answer: Answer, last: bool) -> bool {
        let mut log = lock(&self.log);
        log.events.push(Said { answer, last });
        log.finished |= last;
        log.wakers.drain(..).for_each(Waker::wake);
        !log.deaf
    }

    /// The event at a position, as soon as there is one; none when the stream ended before it.
    pub(crate) fn poll_at(&self, position: usize, cx: &Context<'_>) -> Poll<Option<Said>> {
        let mut log = lock(&self.log);
        if let Some(said) = log.events.get(position) {
            return Poll::Ready(Some(said.clone()));
        }
        if log.finished {
            return Poll::Ready(None);
        }
        log.wakers.push(cx.waker().clone());
        Poll::Pending
    }

    /// The first event that is not the priming one.
    pub(crate) async fn first(&self, primed: bool) -> Option<Said> {
        std::future::poll_fn(|cx| self.poll_at(usize::from(primed), cx)).await
    }

    pub(crate) fn is_finished(&self) -> bool {
        lock(&self.log).finished
    }

    pub(crate) fn close(&self) {
        let mut log = lock(&self.log);
        log.finished = true;
        log.wakers.drain(..).for_each(Waker::wake);
    }

    pub(crate) fn deafen(&self) {
        lock(&self.log).deaf = true;
    }
}

impl Outlet for Stream {
    fn send(&self, text: String) -> bool {
        self.push(Answer { text, error: None }, false)
    }

    fn finish(&self, answer: Answer) {
        self.push(answer, true);
    }

    fn abandon(&self) {
        self.close();
    }
}

/// One reading of a stream.
pub(crate) struct Reading {
    pub(crate) stream: Arc<Stream>,
    pub(crate) next: usize,
    /// End the connection after this many events.
    pub(crate) left: Option<usize>,
    /// Modern streams cannot be resumed and carry no ids.
    pub(crate) with_ids: bool,
    /// Said before anything of the stream.
    pub(crate) greeting: Option<String>,
    /// Held to notice a reader who leaves before the end.
    pub(crate) _watch: Option<Watch>,
}

impl HttpBody for Reading {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        if let Some(greeting) = self.greeting.take() {
            return Poll::Ready(Some(Ok(Frame::data(Bytes::from(greeting)))));
        }
        if self.left == Some(0) {
            return Poll::Ready(None);
        }
        match self.stream.poll_at(self.next, cx) {
            Poll::Pending => Poll::Pending,
            Poll::Ready(None) => Poll::Ready(None),
            Poll::Ready(Some(said)) => {
                let text = self.event(&said);
                self.next += 1;
                self.left = self.left.map(|left| left - 1);
                self.stream.sent.fetch_max(self.next, Ordering::Relaxed);
                Poll::Ready(Some(Ok(Frame::data(Bytes::from(text)))))
            }
        }
    }
}

impl Reading {
    /// All of a stream from its beginning, without ids.
    pub(crate) fn new(stream: Arc<Stream>) -> Reading {
        Reading { stream, next: 0, left: None, with_ids: false, greeting: None, _watch: None }
    }

    fn event(&self, said: &Said) -> String {
        let mut text = String::new();
        if self.with_ids {
            text = format!("id: {}-{}\n", self.stream.number, self.next);
        }
        if said.answer.text.is_empty() {
            text.push_str("retry: 10\n");
        }
        text + "event: message\ndata: " + &said.answer.text + "\n\n"
    }
}

/// Notices that a modern client left before its answer: that is how it cancels.
pub(crate) struct Watch {
    pub(crate) core: Arc<Core>,
    pub(crate) session: Arc<Session>,
    pub(crate) stream: Arc<Stream>,
    pub(crate) message: Value,
}

impl Drop for Watch {
    fn drop(&mut self) {
        if self.stream.is_finished() {
            return;
        }
        self.stream.deafen();
        let id = &self.message["id"];
        self.session.cancel(id);
        self.core.stop_listening(id);
        // A full disk is noticed by the next message.
        drop(self.core.recorder.event("abandoned", &self.message));
    }
}

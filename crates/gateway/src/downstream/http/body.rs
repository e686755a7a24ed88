//! What an HTTP response carries: one text, or events as they come.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::Frame;
use tokio::sync::mpsc;

use super::ends::Ends;
use super::link::Link;

#[derive(Debug)]
pub(crate) enum Body {
    Full(Option<Bytes>),
    Stream {
        events: mpsc::Receiver<Bytes>,
        /// Dropped with the body: the client has left, or everything is said.
        _link: Option<Link>,
        /// Of the right by which it was opened, should that have an end.
        ends: Option<Ends>,
    },
}

impl Body {
    pub(super) fn full(bytes: impl Into<Bytes>) -> Self {
        Self::Full(Some(bytes.into()))
    }

    pub(super) fn stream(events: mpsc::Receiver<Bytes>, link: Option<Link>) -> Self {
        Self::Stream { events, _link: link, ends: None }
    }

    /// What was said by then is said: only streams go on.
    pub(super) fn end_at(&mut self, at_ms: u64) {
        if let Self::Stream { ends, .. } = self {
            *ends = Some(Ends::at(at_ms));
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        match &mut *self {
            Self::Full(bytes) => Poll::Ready(bytes.take().map(|bytes| Ok(Frame::data(bytes)))),
            Self::Stream { events, ends, .. } => {
                if ends.as_mut().is_some_and(|ends| ends.poll(context).is_ready()) {
                    return Poll::Ready(None);
                }
                events.poll_recv(context).map(|event| event.map(|bytes| Ok(Frame::data(bytes))))
            }
        }
    }

    fn size_hint(&self) -> hyper::body::SizeHint {
        match self {
            Self::Full(bytes) => {
                let length = bytes.as_ref().map_or(0, Bytes::len);
                hyper::body::SizeHint::with_exact(u64::try_from(length).unwrap_or(u64::MAX))
            }
            Self::Stream { .. } => hyper::body::SizeHint::default(),
        }
    }

    fn is_end_stream(&self) -> bool {
        matches!(self, Self::Full(None))
    }
}

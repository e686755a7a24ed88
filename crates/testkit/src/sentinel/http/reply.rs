//! HTTP answers, whole or a few bytes at a time.

use std::convert::Infallible;
use std::pin::Pin;
use std::task::{Context, Poll};

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as HttpBody, Frame};
use hyper::header::{ALLOW, CACHE_CONTROL, CONTENT_TYPE, HeaderValue, LOCATION, WWW_AUTHENTICATE};
use hyper::{Response, StatusCode};
use serde_json::Value;

use super::Body;
use crate::sentinel::answer::{Answer, Fault};

pub(crate) type Reply = Response<Body>;

pub(crate) fn status(status: StatusCode) -> Reply {
    let mut reply = Response::new(Full::new(Bytes::new()).boxed_unsync());
    *reply.status_mut() = status;
    reply
}

pub(crate) fn not_allowed() -> Reply {
    let mut reply = status(StatusCode::METHOD_NOT_ALLOWED);
    reply.headers_mut().insert(ALLOW, HeaderValue::from_static("POST"));
    reply
}

pub(crate) fn unauthorized() -> Reply {
    let mut reply = status(StatusCode::UNAUTHORIZED);
    reply.headers_mut().insert(WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
    reply
}

pub(crate) fn redirect(url: &str) -> Reply {
    let mut reply = status(StatusCode::TEMPORARY_REDIRECT);
    if let Ok(url) = HeaderValue::from_str(url) {
        reply.headers_mut().insert(LOCATION, url);
    }
    reply
}

pub(crate) fn json(text: String, status: StatusCode, split: bool) -> Reply {
    let mut reply = Response::new(body(Full::new(Bytes::from(text)), split));
    *reply.status_mut() = status;
    reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    reply
}

/// An error about a message whose id is not known.
pub(crate) fn fault(fault: Fault, status: StatusCode) -> Reply {
    json(Answer::new(&Value::Null, Err(fault)).text, status, false)
}

pub(crate) fn events(
    stream: impl HttpBody<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
    split: bool,
) -> Reply {
    let mut reply = Response::new(body(stream, split));
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/event-stream"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-cache, no-transform"));
    headers.insert("x-accel-buffering", HeaderValue::from_static("no"));
    reply
}

fn body(
    inner: impl HttpBody<Data = Bytes, Error = Infallible> + Send + Unpin + 'static,
    split: bool,
) -> Body {
    if split {
        Dribble { inner, rest: Bytes::new(), pause: false }.boxed_unsync()
    } else {
        inner.boxed_unsync()
    }
}

/// A body that comes three bytes at a time, each in a write of its own.
struct Dribble<B> {
    inner: B,
    rest: Bytes,
    pause: bool,
}

impl<B: HttpBody<Data = Bytes, Error = Infallible> + Unpin> HttpBody for Dribble<B> {
    type Data = Bytes;
    type Error = Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        cx: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Infallible>>> {
        // The server flushes what it has when the body is not ready.
        if std::mem::take(&mut self.pause) {
            cx.waker().wake_by_ref();
            return Poll::Pending;
        }
        while self.rest.is_empty() {
            match Pin::new(&mut self.inner).poll_frame(cx) {
                Poll::Ready(Some(Ok(frame))) => self.rest = frame.into_data().unwrap_or_default(),
                other => return other,
            }
        }
        let size = self.rest.len().min(3);
        self.pause = true;
        Poll::Ready(Some(Ok(Frame::data(self.rest.split_to(size)))))
    }
}

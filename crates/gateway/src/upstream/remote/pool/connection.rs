//! One connection to a server. Nothing of it runs by itself: whoever waits for a response does
//! the reading and writing, so that no other task has to be woken for it.

use std::future::poll_fn;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::client::conn::http1::{self, SendRequest};
use hyper::{Request, Response};
use hyper_rustls::MaybeHttpsStream;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use tokio::task::coop::unconstrained;

use super::Unanswered;

pub(super) type Io = MaybeHttpsStream<TokioIo<TcpStream>>;

/// Nothing once it has come to its end.
#[derive(Default)]
pub(super) struct Connection(Option<Box<Ends>>);

struct Ends {
    requests: SendRequest<Full<Bytes>>,
    wire: http1::Connection<Io, Full<Bytes>>,
}

/// No response, and the request where no byte of it was sent.
pub(super) type Failed = (Unanswered, Option<Request<Full<Bytes>>>);

impl Connection {
    pub(super) async fn over(io: Io) -> hyper::Result<Self> {
        let (requests, wire) = http1::handshake(io).await?;
        Ok(Self(Some(Box::new(Ends { requests, wire }))))
    }

    pub(super) async fn send(
        &mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Incoming>, Failed> {
        let Some(ends) = &mut self.0 else {
            return Err((Unanswered::Unsent("the connection was closed".into()), Some(request)));
        };
        // Nobody but the wire brings the response, so nobody else need be woken for it.
        let mut response = pin!(unconstrained(ends.requests.try_send_request(request)));
        let response = poll_fn(|context| {
            self.drive(context);
            response.as_mut().poll(&mut Context::from_waker(Waker::noop()))
        });
        response.await.map_err(|mut error| match error.take_message() {
            Some(request) => (Unanswered::Unsent(error.into_error().into()), Some(request)),
            None => (Unanswered::Lost(error.into_error()), None),
        })
    }

    /// Reads and writes what can be read and written now.
    pub(super) fn drive(&mut self, context: &mut Context<'_>) {
        // What goes wrong is told to whoever waits for the response, or for its body.
        let ended = |ends: &mut Box<Ends>| Pin::new(&mut ends.wire).poll(context).is_ready();
        self.0.take_if(ended);
    }

    /// Whether it can carry another request: the last response was read to its end, and the
    /// server has not closed. Lets go of whoever waited for it last.
    pub(super) fn is_idle(&mut self) -> bool {
        let look = poll_fn(|context| {
            self.drive(context);
            Poll::Ready(())
        });
        let _ = pin!(unconstrained(look)).poll(&mut Context::from_waker(Waker::noop()));
        self.0.as_ref().is_some_and(|ends| ends.requests.is_ready())
    }
}

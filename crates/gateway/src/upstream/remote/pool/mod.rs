//! Connections to one server that are kept open between requests.
//!
//! A request goes out on a connection that nobody else uses. It goes out once more only if no
//! byte of it was sent: its connection was kept from before, and the server has closed it.

mod connection;
#[cfg(test)]
mod tests;

use std::error::Error;
use std::fmt;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::{Frame, Incoming, SizeHint};
use hyper::{Request, Response, Uri};
use hyper_rustls::{HttpsConnector, MaybeHttpsStream};
use hyper_util::client::legacy::connect::HttpConnector;
use tokio::runtime::Handle;
use tokio::time::{Instant, sleep};
use tower_service::Service;

use connection::{Connection, Failed, Io};

/// How a connection comes about. Certificates are read only where they are needed.
#[derive(Clone, Debug)]
pub(super) enum Dial {
    Plain(HttpConnector),
    Tls(HttpsConnector<HttpConnector>),
}

pub(super) struct Pool {
    dial: Dial,
    /// Scheme, host and port count.
    server: Uri,
    idle: Mutex<Idle>,
}

#[derive(Default)]
struct Idle {
    /// Since when they are; the longest first.
    connections: Vec<(Instant, Connection)>,
    /// Somebody looks after those that nobody comes for.
    watched: bool,
}

/// A connection while somebody has it. If it can be used again, the pool gets it back.
pub(super) struct Lease {
    connection: Connection,
    /// It was kept from before.
    used: bool,
    pool: Arc<Pool>,
}

/// What a server answers with. Once it is read to its end, the connection can be used again.
pub(in crate::upstream) struct Body {
    incoming: Incoming,
    lease: Lease,
}

/// Why there is no response.
#[derive(Debug)]
pub(in crate::upstream) enum Unanswered {
    /// Some of the request may have been sent.
    Lost(hyper::Error),
    /// Nothing of it was.
    Unsent(Box<dyn Error + Send + Sync>),
}

/// Servers close what nobody uses; better to close it first than to find it closed.
const IDLE_MAX: Duration = Duration::from_secs(90);

impl Pool {
    pub(super) fn new(dial: Dial, server: Uri) -> Arc<Self> {
        Arc::new(Self { dial, server, idle: Mutex::default() })
    }

    /// A connection that was kept from before, or a new one.
    pub(super) async fn take(self: &Arc<Self>) -> Result<Lease, Unanswered> {
        let (connection, used) = match self.kept() {
            Some(connection) => (connection, true),
            None => (self.dial.connect(&self.server).await.map_err(Unanswered::Unsent)?, false),
        };
        Ok(Lease { connection, used, pool: Arc::clone(self) })
    }

    /// The one that was used last: its server is the least likely to have closed it.
    fn kept(&self) -> Option<Connection> {
        loop {
            let (_, mut connection) = self.idle().connections.pop()?;
            if connection.is_idle() {
                return Some(connection);
            }
        }
    }

    fn keep(self: &Arc<Self>, connection: Connection) {
        let mut idle = self.idle();
        idle.connections.push((Instant::now(), connection));
        if !idle.watched
            && let Ok(runtime) = Handle::try_current()
        {
            idle.watched = true;
            runtime.spawn(watch(Arc::downgrade(self)));
        }
    }

    fn idle(&self) -> MutexGuard<'_, Idle> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Closes what nobody comes for, until nothing is left.
async fn watch(pool: Weak<Pool>) {
    loop {
        sleep(IDLE_MAX).await;
        let Some(pool) = pool.upgrade() else { return };
        let mut idle = pool.idle();
        let old = idle.connections.partition_point(|(since, _)| since.elapsed() >= IDLE_MAX);
        idle.connections.drain(..old);
        idle.watched = !idle.connections.is_empty();
        if !idle.watched {
            return;
        }
    }
}

impl Dial {
    async fn connect(&self, server: &Uri) -> Result<Connection, Box<dyn Error + Send + Sync>> {
        let io: Io = match self {
            Self::Plain(http) => MaybeHttpsStream::Http(http.clone().call(server.clone()).await?),
            Self::Tls(https) => https.clone().call(server.clone()).await?,
        };
        Ok(Connection::over(io).await?)
    }
}

impl Lease {
    /// Gives the request back only if it may go over another connection: over a new one it
    /// would fare no better.
    pub(super) async fn send(
        mut self,
        request: Request<Full<Bytes>>,
    ) -> Result<Response<Body>, Failed> {
        match self.connection.send(request).await {
            Ok(response) => Ok(response.map(|incoming| Body { incoming, lease: self })),
            Err((why, request)) => Err((why, request.filter(|_| self.used))),
        }
    }
}

impl Drop for Lease {
    fn drop(&mut self) {
        let mut connection = std::mem::take(&mut self.connection);
        if connection.is_idle() {
            self.pool.keep(connection);
        }
    }
}

impl hyper::body::Body for Body {
    type Data = Bytes;
    type Error = hyper::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<hyper::Result<Frame<Bytes>>>> {
        let Self { incoming, lease } = &mut *self;
        // Nobody but the connection brings more, so nobody else need be woken for it.
        let mut quiet = Context::from_waker(Waker::noop());
        let there = Pin::new(&mut *incoming).poll_frame(&mut quiet);
        if there.is_ready() {
            return there;
        }
        lease.connection.drive(context);
        Pin::new(incoming).poll_frame(&mut quiet)
    }

    fn is_end_stream(&self) -> bool {
        self.incoming.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.incoming.size_hint()
    }
}

impl fmt::Debug for Pool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pool").field("server", &self.server).finish_non_exhaustive()
    }
}

impl fmt::Display for Unanswered {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Lost(error) => error.fmt(f),
            Self::Unsent(error) => error.fmt(f),
        }
    }
}

impl Error for Unanswered {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        match self {
            Self::Lost(error) => error.source(),
            Self::Unsent(error) => error.source(),
        }
    }
}

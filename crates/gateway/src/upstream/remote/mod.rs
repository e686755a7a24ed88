//! A server over streamable HTTP.

mod answer;
mod authorized;
mod exchange;
mod pool;
mod standing;
mod stream;
mod target;

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use hyper::header::{HeaderMap, HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use tokio::sync::{RwLock, watch};
use toolgate_json::Document;
use toolgate_protocol::{Era, Id, Message, Side, headers};

use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::relay::{Outbound, Relay};
use crate::request::{Request, Sending};

use super::waiters::Waiters;
use super::{Failure, Pending, Sharing, wire};

pub(super) use answer::whole;
use authorized::Sent;
pub(super) use authorized::received;
pub(super) use pool::Body;
pub(crate) use target::{Target, resolve};

/// One connection in the sense of MCP: a legacy session, or all of a principal's modern requests.
#[derive(Debug)]
pub(crate) struct Remote {
    shared: Arc<Shared>,
    sharing: Sharing,
    next: AtomicI64,
}

#[derive(Debug)]
struct Shared {
    gate: Arc<Gate>,
    target: Target,
    inbox: Arc<Inbox>,
    waiters: Waiters,
    /// What the server said in answer to `initialize`. Held for writing while it is asked, so
    /// that nothing overtakes the handshake.
    session: Arc<RwLock<Handshake>>,
    ended: watch::Sender<bool>,
}

/// What a legacy session adds to every request.
#[derive(Clone, Debug, Default)]
struct Handshake {
    session_id: Option<HeaderValue>,
    version: Option<HeaderValue>,
}

const SESSION_ID: HeaderName = HeaderName::from_static("mcp-session-id");
const VERSION: HeaderName = HeaderName::from_static(headers::PROTOCOL_VERSION);
/// For what has no answer, so that a server which hangs does not stop the client's other words.
const TELL_TIMEOUT: Duration = Duration::from_secs(10);
const CLOSE_TIMEOUT: Duration = Duration::from_secs(2);

impl Remote {
    pub(crate) fn new(
        gate: &Arc<Gate>,
        target: Target,
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Self {
        let shared = Shared {
            gate: Arc::clone(gate),
            target,
            inbox,
            waiters: Waiters::default(),
            session: Arc::default(),
            ended: watch::channel(false).0,
        };
        Self { shared: Arc::new(shared), sharing, next: AtomicI64::new(1) }
    }

    pub(crate) async fn start(
        &self,
        outbound: Outbound,
        request: Arc<Request>,
        sending: Sending,
    ) -> Result<Pending, Failure> {
        // Each exchange is a connection of its own: the key need not be the id on the wire.
        let key = match self.sharing {
            Sharing::Own => request.id.clone(),
            Sharing::Shared => Id::Number(self.next.fetch_add(1, Ordering::Relaxed)),
        };
        let mut pending = self.shared.waiters.expect(key.clone(), Arc::clone(&request), None)?;
        let initialize =
            matches!(&outbound, Outbound::Relay(r) if r.message().is_method("initialize"));
        let handshake = if initialize {
            Some(Arc::clone(&self.shared.session).write_owned().await)
        } else {
            None
        };
        let exchange =
            exchange::Exchange { shared: Arc::clone(&self.shared), key, request, sending };
        pending.exchange = Some(Box::pin(exchange.run(outbound, handshake)));
        Ok(pending)
    }

    pub(crate) async fn tell(&self, relay: Relay) {
        let initialized = relay.message().is_method("notifications/initialized");
        let sent =
            tokio::time::timeout(TELL_TIMEOUT, self.shared.post(relay.message().document())).await;
        if initialized && matches!(sent, Ok(Ok(_))) {
            tokio::spawn(standing::listen(Arc::downgrade(&self.shared)));
        }
    }

    /// The client's own notice of it is on its way, or the stream is closed.
    pub(crate) fn withdraw(&self, request: &Request) {
        if let Some((_, waiter)) = self.shared.waiters.withdraw(request) {
            waiter.settle(Err(Failure::Left));
        }
    }

    /// Takes a request back that may have been sent. A modern server hears it by the stream that
    /// closes; to a legacy one that means nothing (MCP 2025-11-25, transports), so it is told.
    pub(crate) fn abandon(&self, request: &Request) {
        let Some((_, waiter)) = self.shared.waiters.withdraw(request) else { return };
        waiter.settle(Err(Failure::Left));
        if request.era != Era::Legacy || !request.is_sent() {
            return;
        }
        if let Some(relay) = wire::cancelled(&request.id, request) {
            let shared = Arc::clone(&self.shared);
            tokio::spawn(async move {
                let document = relay.message().document();
                let _ = tokio::time::timeout(TELL_TIMEOUT, shared.post(document)).await;
            });
        }
    }

    /// Ends the session at the server.
    pub(crate) async fn close(&self, patience: Duration) {
        self.shared.waiters.drained(patience).await;
        let headers = self.shared.session.read().await.headers();
        if headers.contains_key(SESSION_ID) {
            let deleted = self.shared.target.send(Method::DELETE, headers, Bytes::new());
            let _ = tokio::time::timeout(CLOSE_TIMEOUT, deleted).await;
        }
        self.shared.end("the session was closed");
    }

    pub(crate) fn ended(&self) -> watch::Receiver<bool> {
        self.shared.ended.subscribe()
    }
}

impl Shared {
    async fn post(&self, document: &Document) -> Sent {
        let extra = self.session.read().await.headers();
        self.target
            .send(Method::POST, with_standard(extra, document), document.bytes().clone())
            .await
    }

    fn result_bytes_max(&self) -> usize {
        super::result_bytes_max(&self.gate)
    }

    /// A status without a message. A session that the server forgot is over for the client too.
    fn explain(&self, status: StatusCode) -> String {
        if status == StatusCode::NOT_FOUND {
            self.ended.send_replace(true);
        }
        format!("the server answered {status} and no message")
    }

    fn end(&self, why: &str) {
        self.waiters.end(why);
        self.ended.send_replace(true);
    }
}

/// With the headers that a modern message says of itself, written from its body.
fn with_standard(mut headers: HeaderMap, document: &Document) -> HeaderMap {
    let message = Message::of(document.clone(), Side::Client).ok();
    if let Some(message) = message.filter(|message| message.era() == Era::Modern) {
        let own = headers::of(&message).into_iter().filter_map(|(name, value)| {
            Some((HeaderName::from_static(name), HeaderValue::try_from(value).ok()?))
        });
        // The body's version stands above the session's.
        own.for_each(|(name, value)| drop(headers.insert(name, value)));
    }
    headers
}

impl Handshake {
    fn headers(&self) -> HeaderMap {
        let mut headers = HeaderMap::with_capacity(8);
        if let Some(id) = &self.session_id {
            headers.insert(SESSION_ID, id.clone());
        }
        if let Some(version) = &self.version {
            headers.insert(VERSION, version.clone());
        }
        headers
    }
}

#[cfg(test)]
mod tests;

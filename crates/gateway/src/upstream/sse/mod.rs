//! A server over HTTP with SSE, as MCP 2024-11-05 has it: everything it says comes on one stream,
//! whose first event names the URL to post to.

mod endpoint;
mod post;
mod stream;

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, watch};
use tokio::time::timeout;

use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::relay::{Outbound, Relay};
use crate::request::{Request, Sending};

use super::incoming::Incoming;
use super::life::Life;
use super::remote::Target;
use super::waiters::Waiters;
use super::wire::{self, Wire};
use super::{Failure, Pending, Sharing, result_bytes_max};

use post::Post;

/// One session: one stream. It cannot be taken up again.
#[derive(Debug)]
pub(crate) struct Sse {
    shared: Arc<Shared>,
    wire: Wire,
}

#[derive(Debug)]
struct Shared {
    /// Of the stream.
    target: Target,
    event_bytes_max: usize,
    incoming: Incoming,
    /// Where to post, once the stream is open. Held while it is being opened.
    endpoint: Mutex<Option<Target>>,
    ended: watch::Sender<bool>,
}

/// As long as for what has no answer at other servers.
const TELL_TIMEOUT: Duration = Duration::from_secs(10);
/// Until the stream is open and has named the endpoint.
const OPEN_TIMEOUT: Duration = Duration::from_secs(20);

impl Sse {
    pub(super) fn new(
        gate: &Arc<Gate>,
        target: Target,
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Self {
        let waiters = Arc::new(Waiters::default());
        let incoming = Incoming { inbox, waiters, life: Arc::new(Life::new()), sharing };
        let shared = Shared {
            target,
            event_bytes_max: result_bytes_max(gate),
            incoming,
            endpoint: Mutex::default(),
            ended: watch::channel(false).0,
        };
        Self { shared: Arc::new(shared), wire: Wire::new(sharing) }
    }

    pub(super) fn start(
        &self,
        outbound: Outbound,
        request: Arc<Request>,
        sending: Sending,
    ) -> Result<Pending, Failure> {
        let progress = wire::progress_token(outbound.document());
        let (id, document) = self.wire.request(outbound.document(), &request)?;
        let waiters = &self.shared.incoming.waiters;
        let mut pending = waiters.expect(id.clone(), Arc::clone(&request), progress)?;
        let post = Post { shared: Arc::clone(&self.shared), id, request, sending };
        pending.exchange = Some(Box::pin(post.run(outbound, document)));
        Ok(pending)
    }

    pub(super) async fn tell(&self, relay: Relay) {
        let _ = timeout(TELL_TIMEOUT, self.shared.tell(&relay)).await;
    }

    /// The client's own notice of it is on its way.
    pub(super) fn withdraw(&self, request: &Request) {
        if request.is_sent()
            && let Some((_, waiter)) = self.shared.incoming.waiters.withdraw(request)
        {
            waiter.settle(Err(Failure::Left));
        }
    }

    /// Takes a request back that may have been sent, and tells the server.
    pub(super) fn abandon(&self, request: &Request) {
        let Some((id, waiter)) = self.shared.incoming.waiters.withdraw(request) else { return };
        waiter.settle(Err(Failure::Left));
        if let Some(relay) = wire::cancelled(&id, request).filter(|_| request.is_sent()) {
            self.shared.say_back(relay);
        }
    }

    pub(super) async fn close(&self, patience: Duration) {
        self.shared.incoming.waiters.drained(patience).await;
        self.shared.end("the session was closed");
    }

    pub(super) fn ended(&self) -> watch::Receiver<bool> {
        self.shared.ended.subscribe()
    }
}

/// The stream is closed with the session.
impl Drop for Sse {
    fn drop(&mut self) {
        self.shared.end("the session was closed");
    }
}

impl Shared {
    /// Where to post; opens the stream for the first message.
    async fn endpoint(self: &Arc<Self>) -> Result<Target, Failure> {
        let mut endpoint = self.endpoint.lock().await;
        if let Some(target) = &*endpoint {
            return Ok(target.clone());
        }
        let late = || Failure::Unsent(format!("the server named no endpoint in {OPEN_TIMEOUT:?}"));
        let opened = timeout(OPEN_TIMEOUT, stream::open(self)).await;
        let (target, stream) = opened.map_err(|_| late())?.map_err(Failure::Unsent)?;
        tokio::spawn(stream.listen(Arc::clone(self)));
        Ok(endpoint.insert(target).clone())
    }

    async fn tell(self: &Arc<Self>, relay: &Relay) -> Result<(), Failure> {
        let body = relay.message().document().bytes().clone();
        post::send(&self.endpoint().await?, body).await
    }

    /// In the background, so that whoever reads the stream goes on reading.
    fn say_back(self: &Arc<Self>, relay: Relay) {
        let shared = Arc::clone(self);
        tokio::spawn(async move { timeout(TELL_TIMEOUT, shared.tell(&relay)).await });
    }

    fn end(&self, why: &str) {
        self.incoming.waiters.end(why);
        self.ended.send_replace(true);
    }
}

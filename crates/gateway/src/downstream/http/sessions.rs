//! Legacy sessions: one client, one server connection, one id.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};
use std::time::Duration;

use hyper::StatusCode;
use tokio::sync::watch;

use crate::clock;
use crate::inbox::Inbox;
use crate::options::RunError;
use crate::outbox::{Inward, Outbox};
use crate::quota::Places;
use crate::random;
use crate::session::Session;
use crate::upstream::{Process, Sharing};

use super::respond::Rejection;
use super::room::Room;
use super::streams::{STANDING, Streams};

#[derive(Debug, Default)]
pub(super) struct Sessions {
    table: Mutex<HashMap<String, Arc<Client>>>,
}

/// One legacy client.
#[derive(Debug)]
pub(super) struct Client {
    /// `Mcp-Session-Id`
    pub(super) id: String,
    pub(super) session: Arc<Session>,
    pub(super) streams: Streams,
    process: Mutex<Option<Process>>,
    ended: watch::Receiver<bool>,
    used_ns: AtomicU64,
    /// In the quotas of the grant and of the gateway.
    _places: Places,
}

impl Sessions {
    /// Places for one more session, before anything is started for it.
    pub(super) fn places(room: &Room) -> Result<Places, Rejection> {
        const GRANT: Rejection = Rejection(
            StatusCode::TOO_MANY_REQUESTS,
            "too many sessions of this grant; end one with DELETE, or wait until one is idle",
        );
        const ALL: Rejection =
            Rejection(StatusCode::SERVICE_UNAVAILABLE, "too many sessions; try again in a while");
        let own = room.caps.sessions.take(1).ok_or(GRANT)?;
        Ok([own, room.caps.all_sessions.take(1).ok_or(ALL)?])
    }

    /// Opens a session with a server connection of its own; it can be found once it is kept.
    pub(super) fn connect(room: &Room, places: Places) -> Result<Arc<Client>, RunError> {
        let (outbox, mail) = Outbox::new();
        let inbox = Arc::new(Inbox::new(Arc::clone(&room.gate), outbox));
        let (upstream, process) =
            room.connector.connect(&room.gate, Arc::clone(&inbox), Sharing::Own)?;
        let ended = upstream.ended();
        let session = Session::new(Arc::clone(&room.gate), Arc::new(upstream), inbox);
        let client = Arc::new(Client {
            id: random::hex::<16>()?,
            session: Arc::new(session),
            streams: Streams::default(),
            process: Mutex::new(process),
            ended,
            used_ns: AtomicU64::new(clock::boot_ns()),
            _places: places,
        });
        tokio::spawn(unsolicited(Arc::downgrade(&client), mail));
        tokio::spawn(reap(Arc::downgrade(&client), client.ended.clone()));
        Ok(client)
    }

    pub(super) fn keep(&self, client: &Arc<Client>) {
        self.table().insert(client.id.clone(), Arc::clone(client));
    }

    /// Ends what was not used since then, and what has no server any more. True if nothing is
    /// left.
    pub(super) fn sweep(&self, before_ns: u64) -> bool {
        let mut table = self.table();
        table
            .extract_if(|_, client| client.is_over(before_ns))
            .for_each(|(_, client)| client.leave());
        table.is_empty()
    }

    /// Closes the streams of those that wait for no answer.
    pub(super) fn hang_up(&self) {
        for client in self.table().values() {
            client.streams.finish(STANDING);
        }
    }

    /// The session, if there is one and its server still runs.
    pub(super) fn find(&self, id: &str) -> Option<Arc<Client>> {
        let client = self.table().get(id).cloned()?;
        if *client.ended.borrow() {
            self.remove(id);
            return None;
        }
        client.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
        Some(client)
    }

    /// Ends a session; false if there is none.
    pub(super) fn remove(&self, id: &str) -> bool {
        let removed = self.table().remove(id);
        removed.map(Client::leave).is_some()
    }

    /// Ends every session and waits for the servers behind them.
    pub(super) async fn end(&self) {
        let clients: Vec<_> = self.table().drain().map(|(_, client)| client).collect();
        for client in &clients {
            client.session.upstream.close(Duration::ZERO).await;
        }
        for client in clients {
            client.finish().await;
        }
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Arc<Client>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// Whoever waits for an answer, or listens, uses a session.
    fn is_over(&self, before_ns: u64) -> bool {
        if *self.ended.borrow() {
            return true;
        }
        if self.used_ns.load(Ordering::Relaxed) >= before_ns {
            return false;
        }
        let in_use = self.streams.is_attached() || self.session.any_open().is_some();
        if in_use {
            self.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
            // So that a listener whose machine is gone is noticed.
            self.streams.comment(STANDING);
        }
        !in_use
    }

    /// Ends the session in the background.
    pub(super) fn leave(self: Arc<Self>) {
        tokio::spawn(async move {
            self.session.upstream.close(Duration::ZERO).await;
            self.finish().await;
        });
    }

    async fn finish(&self) {
        self.streams.end();
        self.finish_process().await;
    }

    async fn finish_process(&self) {
        let process = self.process.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(process) = process {
            process.finish().await;
        }
    }
}

/// A server that ended by itself is waited for, though its client may never come back.
async fn reap(client: Weak<Client>, mut ended: watch::Receiver<bool>) {
    if ended.wait_for(|ended| *ended).await.is_ok()
        && let Some(client) = client.upgrade()
    {
        client.finish_process().await;
    }
}

/// Brings what belongs to no request to the client: on the stream it opened for that, else on
/// one of a request in flight, else kept until it comes for it.
async fn unsolicited(client: Weak<Client>, mut mail: Inward) {
    while let Some(message) = mail.recv().await {
        let Some(client) = client.upgrade() else { return };
        let bytes = message.bytes().clone();
        let waiting = client.session.any_open().filter(|_| !client.streams.is_attached());
        match waiting {
            Some(request) => request.replies.aside(bytes).await,
            None => client.streams.push(STANDING, bytes),
        }
    }
}

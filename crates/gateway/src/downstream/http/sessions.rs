//! Legacy sessions: one client, one server connection, one id.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::sync::watch;
use tokio::task::JoinSet;

use crate::clock;
use crate::inbox::Inbox;
use crate::options::RunError;
use crate::outbox::{Inward, Outbox};
use crate::quota::Places;
use crate::random;
use crate::request::Listener;
use crate::session::{Guest, Session};
use crate::upstream::{Host, Process, Sharing};

use super::behind::Behind;
use super::gathered::{Gathered, Hall};
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
    pub(super) session: Behind,
    pub(super) streams: Streams,
    process: Mutex<Option<Process>>,
    ended: watch::Receiver<bool>,
    used_ns: AtomicU64,
    /// In the quotas of the grant and of the gateway.
    _places: Places,
}

impl Sessions {
    /// Opens a session with a server connection of its own; it can be found once it is kept.
    pub(super) async fn connect(room: &Room, places: Places) -> Result<Arc<Client>, RunError> {
        let (client, _, mail) = Self::open(room, places).await?;
        tokio::spawn(unsolicited(Arc::downgrade(&client), mail));
        Ok(client)
    }

    /// The same for whoever brings what belongs to no request to the client by other ways.
    pub(super) async fn open(
        room: &Room,
        places: Places,
    ) -> Result<(Arc<Client>, Outbox, Inward), RunError> {
        let (outbox, mail) = Outbox::new();
        if let Some(host) = room.connector.host() {
            let client = Self::guest(room, &host, &outbox, places).await?;
            return Ok((client, outbox, mail));
        }
        let inbox = Arc::new(Inbox::new(Arc::clone(&room.gate), outbox.clone()));
        let (upstream, process) =
            room.connector.connect(&room.gate, Arc::clone(&inbox), Sharing::Own).await?;
        let ended = upstream.ended();
        let session = Session::new(Arc::clone(&room.gate), Arc::new(upstream), inbox);
        let session = Behind::One(Arc::new(session));
        let has_process = process.is_some();
        let client = Arc::new(Client::new(session, (process, ended), places)?);
        if has_process {
            tokio::spawn(reap(Arc::downgrade(&client), client.ended.clone()));
        }
        Ok((client, outbox, mail))
    }

    /// At a connection that others use too.
    async fn guest(
        room: &Room,
        host: &Host,
        outbox: &Outbox,
        places: Places,
    ) -> Result<Arc<Client>, RunError> {
        let table = host.join(&room.connector, &room.gate).await?;
        let (upstream, inbox) = (Arc::clone(&table.upstream), Arc::clone(&table.inbox));
        let (ended, definitions) = (upstream.ended(), Arc::clone(&table.definitions));
        let session = Session::new(Arc::clone(&room.gate), upstream, inbox);
        let session = session.with_definitions(definitions);
        let session = session.with_guest(Guest::new(table, outbox.clone()));
        let session = Behind::One(Arc::new(session));
        Ok(Arc::new(Client::new(session, (None, ended), places)?))
    }

    /// Opens a session with all servers of a grant.
    pub(super) fn gather(hall: &Arc<Hall>, places: Places) -> Result<Arc<Client>, RunError> {
        let (outbox, mail) = Outbox::new();
        let gathered = Arc::new(Gathered::legacy(Arc::clone(hall), outbox));
        let ended = gathered.ended();
        let client = Arc::new(Client::new(Behind::All(gathered), (None, ended), places)?);
        tokio::spawn(unsolicited(Arc::downgrade(&client), mail));
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
            .extract_if(|_, client| client.is_due(before_ns))
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
        if client.is_over() {
            self.remove(id);
            return None;
        }
        client.touch();
        Some(client)
    }

    /// Ends a session; false if there is none.
    pub(super) fn remove(&self, id: &str) -> bool {
        let removed = self.table().remove(id);
        removed.map(Client::leave).is_some()
    }

    /// Ends every session and waits for the servers behind them, all at the same time.
    pub(super) async fn end(&self) {
        let mut ending = JoinSet::new();
        for (_, client) in self.table().drain() {
            ending.spawn(client.end());
        }
        ending.join_all().await;
    }

    fn table(&self) -> MutexGuard<'_, HashMap<String, Arc<Client>>> {
        self.table.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Listener for Client {
    fn is_listening(&self, stream: u64) -> bool {
        self.streams.is_read(stream)
    }
}

impl Client {
    /// Whether it has ended, or nobody used it since then. Whoever waits for an answer, or
    /// listens, uses a session.
    fn is_due(&self, before_ns: u64) -> bool {
        if self.is_over() {
            return true;
        }
        if self.used_ns.load(Ordering::Relaxed) >= before_ns {
            return false;
        }
        let in_use = self.streams.is_attached() || self.session.any_open().is_some();
        if in_use {
            self.touch();
            // So that a listener whose machine is gone is noticed.
            self.streams.comment(STANDING);
        }
        !in_use
    }

    fn new(
        session: Behind,
        (process, ended): (Option<Process>, watch::Receiver<bool>),
        places: Places,
    ) -> Result<Self, RunError> {
        Ok(Self {
            id: random::hex::<16>()?,
            session,
            streams: Streams::default(),
            process: Mutex::new(process),
            ended,
            used_ns: AtomicU64::new(clock::boot_ns()),
            _places: places,
        })
    }

    /// Somebody uses it.
    pub(super) fn touch(&self) {
        self.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
    }

    /// Whether the server has said its last word.
    pub(super) fn is_over(&self) -> bool {
        *self.ended.borrow()
    }

    /// Ends the session in the background.
    pub(super) fn leave(self: Arc<Self>) {
        tokio::spawn(self.end());
    }

    async fn end(self: Arc<Self>) {
        self.session.close().await;
        self.finish().await;
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

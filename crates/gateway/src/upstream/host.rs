//! One legacy connection to a server that many clients share, because the operator says they may.
//!
//! The handshake is the gateway's own, once: without capabilities, so that the server asks nothing
//! of a client, since nothing on the wire would say of which (MCP 2025-11-25, base protocol).

use std::sync::{Arc, Mutex as Lock, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::{Mutex, watch};
use toolgate_protocol::version::{self, Version};
use toolgate_protocol::{Era, Message, Side};

use crate::definitions::Definitions;
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::options::{RunError, RunErrorKind};
use crate::outbox::{Inward, Outbox, WeakOutbox};
use crate::relay::{Outbound, Relay};
use crate::request::Request;

use super::{Connector, Failure, Process, Sharing, Upstream};

/// A place for the connection: opened when somebody needs it, opened anew when it has ended.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host(Arc<Mutex<Option<Open>>>);

#[derive(Debug)]
struct Open {
    table: Table,
    process: Option<Process>,
    ended: watch::Receiver<bool>,
}

/// What every client of the connection has in common.
#[derive(Clone, Debug)]
pub(crate) struct Table {
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) definitions: Arc<Definitions>,
    pub(crate) inbox: Arc<Inbox>,
    /// The server's answer to our handshake.
    pub(crate) introduction: Arc<Message>,
    guests: Arc<Guests>,
}

/// Who hears what concerns all.
#[derive(Debug, Default)]
struct Guests(Lock<Vec<WeakOutbox>>);

const HANDSHAKE_WAIT: Duration = Duration::from_secs(30);
const HELLO: &str = concat!(
    r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","#,
    r#""capabilities":{},"clientInfo":{"name":"toolgate","version":""#,
    env!("CARGO_PKG_VERSION"),
    r#""}}}"#
);
const READY: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

impl Host {
    pub(crate) async fn join(
        &self,
        connector: &Connector,
        gate: &Arc<Gate>,
    ) -> Result<Table, RunError> {
        let (host, connector, gate) = (self.clone(), connector.clone(), Arc::clone(gate));
        // Others wait for the same handshake: it goes on though the first client leaves.
        let joined = tokio::spawn(async move { host.open(&connector, &gate).await }).await;
        let bug = |_| RunError::new(RunErrorKind::Unexpected, "a bug stopped the handshake");
        joined.map_err(bug)?
    }

    async fn open(&self, connector: &Connector, gate: &Arc<Gate>) -> Result<Table, RunError> {
        let mut slot = self.0.lock().await;
        let running = slot.take().filter(|open| !*open.ended.borrow());
        let open = match running {
            Some(open) => slot.insert(open),
            None => slot.insert(Open::connect(connector, gate).await?),
        };
        Ok(open.table.clone())
    }

    pub(crate) async fn end(&self) {
        let Some(open) = self.0.lock().await.take() else { return };
        end(&open.table.upstream, open.process).await;
    }
}

impl Table {
    /// From now on this client hears what concerns all.
    pub(crate) fn seat(&self, client: &Outbox) {
        self.guests.seats().push(client.weak());
    }
}

impl Open {
    async fn connect(connector: &Connector, gate: &Arc<Gate>) -> Result<Self, RunError> {
        let (outbox, mail) = Outbox::new();
        let guests = Arc::<Guests>::default();
        tokio::spawn(announce(Arc::clone(&guests), mail));
        let inbox = Arc::new(Inbox::new(Arc::clone(gate), outbox));
        let (upstream, process) =
            connector.connect(gate, Arc::clone(&inbox), Sharing::Shared).await?;
        let (ended, upstream) = (upstream.ended(), Arc::new(upstream));
        let met = tokio::time::timeout(HANDSHAKE_WAIT, shake(&upstream)).await;
        let late = || Err("it did not answer the handshake in time".to_owned());
        match met.unwrap_or_else(|_| late()) {
            Ok(introduction) => {
                let (definitions, introduction) = (Arc::default(), Arc::new(introduction));
                let table = Table { upstream, definitions, inbox, introduction, guests };
                Ok(Self { table, process, ended })
            }
            Err(why) => {
                end(&upstream, process).await;
                let text = format!("the shared server cannot be used: {why}");
                Err(RunError::new(RunErrorKind::Unreachable, text))
            }
        }
    }
}

impl Guests {
    fn seats(&self) -> std::sync::MutexGuard<'_, Vec<WeakOutbox>> {
        let mut seats = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        seats.retain(WeakOutbox::is_there);
        seats
    }
}

async fn end(upstream: &Upstream, process: Option<Process>) {
    upstream.close(Duration::ZERO).await;
    if let Some(process) = process {
        process.finish().await;
    }
}

async fn shake(upstream: &Upstream) -> Result<Message, String> {
    let ours =
        |text: &'static str| Message::read(Bytes::from_static(text.as_bytes()), Side::Client);
    let hello = ours(HELLO).map_err(|refusal| refusal.text.into_owned())?;
    let (nowhere, _) = Outbox::new();
    let request = Request::of(&hello, nowhere).ok_or("the handshake is no request")?;
    let relay = Relay::of(hello).map_err(|_| "the handshake may not pass")?;
    let started = upstream.start(Outbound::Relay(relay), Arc::new(request), None).await;
    let reply = crate::session::reply(started).await.map_err(Failure::why)?;
    let told = version::negotiated(&reply.message).unwrap_or_default().into_owned();
    if Version::parse(&told).is_none_or(|version| version.era() != Era::Legacy) {
        return Err(format!(
            "it answered the handshake without a version that both speak: `{told}`"
        ));
    }
    if let Some(relay) = ours(READY).ok().and_then(|ready| Relay::of(ready).ok()) {
        upstream.tell(relay).await;
    }
    Ok(reply.message)
}

/// Lists that have changed have changed for all. Whatever else belongs to no request may be about
/// anybody's, and is told nobody.
async fn announce(guests: Arc<Guests>, mut mail: Inward) {
    while let Some(mail) = mail.recv().await {
        let Ok(message) = Message::read(mail.bytes().clone(), Side::Server) else { continue };
        let changed = ["tools", "prompts", "resources"]
            .iter()
            .any(|what| message.is_method(&format!("notifications/{what}/list_changed")));
        if changed {
            guests.seats().iter().for_each(|seat| seat.aside(mail.bytes().clone()));
        }
    }
}

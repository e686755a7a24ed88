//! All rooms: made when somebody comes, closed when the right to be there ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard, Weak};
use std::time::Duration;

use hyper::StatusCode;
use tokio::sync::watch;
use tokio::task::JoinSet;
use toolgate_policy::Caller;
use toolgate_store::{Directory, DirectoryReader, Freezes, Grant, ReadError, Store};

use crate::approval::{Approvals, Hub};
use crate::clock;
use crate::downstream::http::{Bounds, Edge, Hall, Listener, Rejection, Room};
use crate::freeze;
use crate::gate::Gate;
use crate::identity::Issuers;
use crate::listing::Lists;
use crate::metrics::Metrics;
use crate::options::RunError;
use crate::otlp::Exporter;
use crate::pins::Pins;
use crate::quota::Quota;
use crate::report::report_seldom;
use crate::snapshot::Snapshot;
use crate::upstream::Connector;
use crate::upstream::auth::Vault;
use crate::ways::Ways;

use super::connectors::{Connectors, Way};
use super::gathering::{Gathering, is_same};
use super::health::Health;
use super::registry::{self, Holder, Registry};
use super::shares::Shares;
use super::{Limits, ServeOptions, ServerSpec};

pub(super) struct House {
    pub(super) edge: Edge,
    pub(super) bounds: Bounds,
    pub(super) store: Store,
    reader: Mutex<DirectoryReader>,
    pub(super) options: ServeOptions,
    own_id_prefix: String,
    vault: Vault,
    pub(super) approvals: Arc<Hub>,
    ways: Arc<Ways>,
    pub(super) issuers: Arc<Issuers>,
    pub(super) metrics: Metrics,
    pub(super) exporter: Exporter,
    pub(super) health: Health,
    pub(super) stopping: watch::Sender<bool>,
    freezes: watch::Sender<Arc<Freezes>>,
    state: RwLock<State>,
    connectors: Connectors,
    /// For halls, which come back for their rooms.
    own: Weak<House>,
}

pub(super) struct State {
    pub(super) registry: Registry,
    pub(super) rooms: HashMap<Caller, Occupied>,
    pub(super) halls: HashMap<Holder, Gathering>,
    pub(super) shares: Shares,
}

/// A room, and what it was opened on.
pub(super) struct Occupied {
    pub(super) room: Arc<Room>,
    grant: Grant,
    server: String,
    publish: watch::Sender<Arc<Snapshot>>,
}

/// How often a room is looked for whose server is set up anew all the time.
const ATTEMPTS_MAX: usize = 3;
/// How long a server's secrets may take to be read.
const SECRETS_WAIT: Duration = Duration::from_secs(10);

impl House {
    pub(super) fn new(
        listener: &Listener,
        (store, reader): (Store, DirectoryReader),
        options: ServeOptions,
        own_id_prefix: String,
    ) -> Result<Arc<Self>, RunError> {
        let (bound, secure) = (listener.bound(), listener.tls().is_some());
        let edge = Edge::new(bound, secure, &options.hosts, &options.origins);
        let connections = Quota::new(options.limits.connections);
        let Limits { headers_bytes, write_timeout, .. } = options.limits;
        let bounds = Bounds { connections, headers_bytes, write_timeout };
        let issuers = Arc::new(Issuers::new(&options.jwt)?);
        let otlp = options.telemetry.otlp.as_deref();
        let headers = &options.telemetry.headers;
        let exporter =
            otlp.map(|url| Exporter::start(url, headers)).transpose()?.unwrap_or_default();
        Ok(Arc::new_cyclic(|own| Self {
            edge,
            bounds,
            store,
            reader: Mutex::new(reader),
            own_id_prefix,
            vault: Vault::new(&options.state, None),
            approvals: Hub::new(&options.state),
            ways: Arc::new(Ways::new(&options.state, options.approval_url.as_deref())),
            issuers,
            metrics: Metrics::default(),
            exporter,
            health: Health::default(),
            stopping: watch::channel(false).0,
            freezes: watch::channel(Arc::default()).0,
            state: RwLock::new(State::new(&options.limits)),
            connectors: Connectors::default(),
            options,
            own: Weak::clone(own),
        }))
    }

    /// What the settings gave reason to say.
    pub(super) fn remarks(&self) -> String {
        match self.options.remarks.trim_end() {
            "" => String::new(),
            remarks => format!("{remarks}\n"),
        }
    }

    pub(super) fn report_freezes(&self) {
        freeze::report_all(&self.freezes.borrow());
    }

    /// Looks whether the directory has changed, and puts it in force if so.
    pub(super) fn look(&self) -> Result<(), ReadError> {
        let reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.seq()? != self.read().registry.directory.seq {
            self.enact(reader.read()?);
        }
        Ok(())
    }

    /// Policies at once; rooms whose grant or server is another one now are closed.
    fn enact(&self, directory: Directory) {
        let mut state = self.write();
        // The first line of all is the address.
        if state.registry.directory.seq == 0 {
            self.freezes.send_replace(Arc::new(directory.freezes.clone()));
        } else {
            freeze::tell(&self.freezes, directory.freezes.clone());
        }
        state.registry = Registry::new(directory, &state.registry);
        let State { registry, rooms, halls, .. } = &mut *state;
        self.connectors.keep(|server| registry.directory.servers.contains_key(server));
        halls.extract_if(|_, there| !there.stays(registry)).for_each(|(_, there)| there.close());
        let left = rooms.extract_if(|caller, there| !there.stays(caller, registry));
        left.for_each(|(_, there)| there.close());
        for there in rooms.values_mut() {
            there.renew(registry);
        }
    }

    /// Closes what has come to its end.
    pub(super) fn expire(&self) {
        let now = clock::wall_ms();
        let over = |there: &Occupied| !there.grant.is_live(now);
        let ended = |there: &Gathering| !there.grant.is_live(now);
        let any = {
            let state = self.read();
            state.rooms.values().any(over) || state.halls.values().any(ended)
        };
        if any {
            let mut state = self.write();
            state.halls.extract_if(|_, there| ended(there)).for_each(|(_, there)| there.close());
            state.rooms.extract_if(|_, there| over(there)).for_each(|(_, there)| there.close());
        }
    }

    pub(super) async fn end(&self) {
        let (rooms, halls) = {
            let mut state = self.write();
            let rooms: Vec<_> = state.rooms.drain().map(|(_, there)| there.room).collect();
            let halls: Vec<_> = state.halls.drain().map(|(_, there)| there.hall).collect();
            (rooms, halls)
        };
        let mut ending = JoinSet::new();
        for room in rooms {
            ending.spawn(async move { room.end().await });
        }
        for hall in halls {
            ending.spawn(async move { hall.end().await });
        }
        ending.join_all().await;
        let shared = self.connectors.shared();
        for connection in shared {
            connection.end_shared().await;
        }
    }

    /// The servers of a grant, as they are now.
    pub(super) fn servers(&self, grant: &str) -> Vec<String> {
        self.read().registry.servers(grant)
    }

    /// The hall of somebody who may be there.
    pub(super) fn hall(&self, holder: &Holder) -> Result<Arc<Hall>, Rejection> {
        if let Some(there) = self.read().halls.get(holder) {
            there.hall.presence.touch();
            return Ok(Arc::clone(&there.hall));
        }
        let mut state = self.write();
        let State { registry, halls, shares, .. } = &mut *state;
        let grant = registry.directory.grants.get(&holder.grant).ok_or(registry::NO_SERVER)?;
        let caps = shares.caps(holder);
        let there = halls.entry(holder.clone()).or_insert_with(|| {
            let bounds = (caps, self.options.limits.message_bytes);
            let own = Weak::clone(&self.own);
            Gathering::new(own, (grant, holder), bounds, &self.own_id_prefix)
        });
        Ok(Arc::clone(&there.hall))
    }

    /// The room of somebody who may be there, if there is one already.
    pub(super) fn room_now(&self, caller: &Caller) -> Option<Arc<Room>> {
        let room = self.read().rooms.get(caller).map(|there| Arc::clone(&there.room))?;
        room.presence.touch();
        Some(room)
    }

    /// The room of somebody who may be there. Nothing is locked while the server's secrets are
    /// read: others go on.
    pub(super) async fn room(&self, caller: Caller) -> Result<Arc<Room>, Rejection> {
        for _ in 0..ATTEMPTS_MAX {
            if let Some(room) = self.room_now(&caller) {
                return Ok(room);
            }
            let spec = {
                let state = self.read();
                let (_, spec) = state.registry.known(&caller).ok_or(registry::NO_SERVER)?;
                spec.to_owned()
            };
            let way = self.way(&caller.server, &spec).await?;
            if let Some(room) = self.open(&caller, &spec, way)? {
                return Ok(room);
            }
        }
        Err(Rejection(StatusCode::SERVICE_UNAVAILABLE, "the server is being set up anew"))
    }

    async fn way(&self, server: &str, spec: &str) -> Result<Way, Rejection> {
        let (read, vault) = (self.options.read_server.clone(), self.vault.clone());
        let (name, text) = (server.to_owned(), spec.to_owned());
        let make = move || {
            let ServerSpec { upstream, tools_changed } = (read.0)(&text)?;
            let connector = Connector::new(&name, &upstream, &vault).map_err(|error| error.text)?;
            Ok(Way { connector, tools_changed })
        };
        let patience = self.options.limits.request_timeout.min(SECRETS_WAIT);
        let way = self.connectors.of((server, spec), make, patience).await;
        way.map_err(|why| {
            report_seldom(&format!("server `{server}` cannot be used: {why}"));
            Rejection(StatusCode::SERVICE_UNAVAILABLE, "the server is not set up")
        })
    }

    /// Nothing if the server has been set up anew in the meantime.
    fn open(&self, caller: &Caller, spec: &str, way: Way) -> Result<Option<Arc<Room>>, Rejection> {
        let mut state = self.write();
        if let Some(there) = state.rooms.get(caller) {
            there.room.presence.touch();
            return Ok(Some(Arc::clone(&there.room)));
        }
        let State { registry, rooms, shares, .. } = &mut *state;
        let (grant, server) = registry.known(caller).ok_or(registry::NO_SERVER)?;
        if server != spec {
            return Ok(None);
        }
        let pinned = registry.pinned(&caller.server);
        let pins = Pins::new(&caller.server, way.tools_changed, &self.options.state, pinned);
        let snapshot = registry.snapshot(grant).with_pins(pins);
        let (publish, current) = watch::channel(Arc::new(snapshot));
        let gate = Arc::new(Gate {
            store: self.store.clone(),
            caller: Arc::new(caller.clone()),
            message_bytes_max: self.options.limits.message_bytes,
            current,
            freezes: self.freezes.subscribe(),
            own_id_prefix: self.own_id_prefix.clone(),
            request_timeout: Some(self.options.limits.request_timeout),
            meter: self.metrics.of(&caller.server),
            processes: shares.processes(&caller.principal),
            exporter: self.exporter.clone(),
            lists: Lists::default(),
            approvals: Approvals::new(Arc::clone(&self.approvals), false),
            ways: Arc::clone(&self.ways),
            stopping: self.stopping.subscribe(),
        });
        let caps = shares.caps(&Holder::of(caller));
        let room = Arc::new(Room::new(gate, way.connector, caps));
        let (grant, server) = (grant.clone(), server.to_owned());
        rooms.insert(caller.clone(), Occupied { room: Arc::clone(&room), grant, server, publish });
        Ok(Some(room))
    }

    pub(super) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(super) fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    fn new(limits: &Limits) -> Self {
        Self {
            registry: Registry::default(),
            rooms: HashMap::new(),
            halls: HashMap::new(),
            shares: Shares::new(limits),
        }
    }
}

impl Occupied {
    /// Whether it is still the same right to the same server.
    fn stays(&self, caller: &Caller, registry: &Registry) -> bool {
        let known = registry.known(caller);
        known.is_some_and(|(grant, server)| is_same(&self.grant, grant) && server == self.server)
    }

    fn renew(&mut self, registry: &Registry) {
        let Some(grant) = registry.directory.grants.get(&self.grant.name) else { return };
        self.grant = grant.clone();
        let (snapshot, before) = (registry.snapshot(grant), Arc::clone(&self.publish.borrow()));
        let snapshot = match &before.pins {
            Some(pins) => snapshot.with_pins(pins.renewed(registry.pinned(pins.server()))),
            None => snapshot,
        };
        self.publish.send_replace(Arc::new(snapshot));
    }

    /// Nothing is sent from here any more; whoever still listens is cut off.
    pub(super) fn close(self) {
        self.publish.send_replace(Arc::new(Snapshot::closed()));
        tokio::spawn(async move { self.room.end().await });
    }
}

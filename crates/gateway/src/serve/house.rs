//! All rooms: made when somebody comes, closed when the right to be there ends.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard};

use hyper::{HeaderMap, StatusCode};
use tokio::sync::watch;
use toolgate_policy::Caller;
use toolgate_store::{Directory, DirectoryReader, Grant, ReadError, Store};

use crate::clock;
use crate::downstream::http::{Door, Edge, Rejection, Room, bearer};
use crate::gate::Gate;
use crate::pins::Pins;
use crate::report::report;
use crate::snapshot::Snapshot;
use crate::upstream::auth::Vault;

use super::ServeOptions;
use super::connectors::Connectors;
use super::registry::{self, Registry};

pub(super) struct House {
    edge: Edge,
    store: Store,
    reader: Mutex<DirectoryReader>,
    options: ServeOptions,
    own_id_prefix: String,
    vault: Vault,
    state: RwLock<State>,
}

#[derive(Default)]
struct State {
    registry: Registry,
    connectors: Connectors,
    rooms: HashMap<Caller, Occupied>,
}

/// A room, and what it was opened on.
struct Occupied {
    room: Arc<Room>,
    grant: Grant,
    server: String,
    publish: watch::Sender<Arc<Snapshot>>,
}

impl House {
    pub(super) fn new(
        edge: Edge,
        (store, reader): (Store, DirectoryReader),
        options: ServeOptions,
        own_id_prefix: String,
    ) -> Self {
        let (reader, state) = (Mutex::new(reader), RwLock::default());
        let vault = Vault::new(&options.state, None);
        Self { edge, store, reader, options, own_id_prefix, vault, state }
    }

    /// What the settings gave reason to say.
    pub(super) fn remarks(&self) -> String {
        match self.options.remarks.trim_end() {
            "" => String::new(),
            remarks => format!("{remarks}\n"),
        }
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
        state.registry = Registry::new(directory, &state.registry);
        let State { registry, connectors, rooms } = &mut *state;
        connectors.keep(|server| registry.directory.servers.contains_key(server));
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
        if !self.read().rooms.values().any(over) {
            return;
        }
        let mut state = self.write();
        state.rooms.extract_if(|_, there| over(there)).for_each(|(_, there)| there.close());
    }

    pub(super) async fn end(&self) {
        let rooms: Vec<_> = self.write().rooms.drain().map(|(_, there)| there.room).collect();
        for room in rooms {
            room.end().await;
        }
        let shared = self.write().connectors.shared();
        for connection in shared {
            connection.end().await;
        }
    }

    fn open(&self, state: &mut State, caller: Caller) -> Result<Arc<Room>, Rejection> {
        let State { registry, connectors, rooms } = state;
        let (grant, server) = registry.known(&caller).ok_or(registry::NO_SERVER)?;
        let known = connectors.of(&caller.server, server, self.options.read_server, &self.vault);
        let (connector, tools_changed) = known.map_err(|why| {
            report(&format!("server `{}` cannot be used: {why}", caller.server));
            Rejection(StatusCode::SERVICE_UNAVAILABLE, "the server is not set up")
        })?;
        let pinned = registry.pinned(&caller.server);
        let pins = Pins::new(&caller.server, tools_changed, &self.options.state, pinned);
        let snapshot = registry.snapshot(grant).with_pins(pins);
        let (publish, current) = watch::channel(Arc::new(snapshot));
        let gate = Arc::new(Gate {
            store: self.store.clone(),
            caller: Arc::new(caller.clone()),
            message_bytes_max: self.options.message_bytes_max,
            current,
            own_id_prefix: self.own_id_prefix.clone(),
        });
        let room = Arc::new(Room::new(gate, connector, self.options.sessions_max));
        let (grant, server) = (grant.clone(), server.to_owned());
        rooms.insert(caller, Occupied { room: Arc::clone(&room), grant, server, publish });
        Ok(room)
    }

    fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read().unwrap_or_else(PoisonError::into_inner)
    }

    fn write(&self) -> RwLockWriteGuard<'_, State> {
        self.state.write().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Door for House {
    fn edge(&self) -> &Edge {
        &self.edge
    }

    fn enter(&self, path: &str, headers: &HeaderMap) -> Result<Arc<Room>, Rejection> {
        let token = bearer(headers).ok_or(Rejection::UNAUTHORIZED)?;
        let mut caller = self.read().registry.caller(path, token);
        // Whoever was let in a moment ago is not turned away.
        if caller.is_err() && self.look().is_ok() {
            caller = self.read().registry.caller(path, token);
        }
        let caller = caller?;
        if let Some(there) = self.read().rooms.get(&caller) {
            return Ok(Arc::clone(&there.room));
        }
        let mut state = self.write();
        if let Some(there) = state.rooms.get(&caller) {
            return Ok(Arc::clone(&there.room));
        }
        self.open(&mut state, caller)
    }
}

impl Occupied {
    /// Whether it is still the same right to the same server. A policy may change.
    fn stays(&self, caller: &Caller, registry: &Registry) -> bool {
        registry.known(caller).is_some_and(|(grant, server)| {
            let same = Grant {
                policy: self.grant.policy.clone(),
                servers: self.grant.servers.clone(),
                ..grant.clone()
            };
            same == self.grant && server == self.server
        })
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
    fn close(self) {
        self.publish.send_replace(Arc::new(registry::closed()));
        tokio::spawn(async move { self.room.end().await });
    }
}

//! What all requests share.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use toolgate_store::{ApprovalReader, DirectoryReader, Log, OpenError, ReadError, Store};

use crate::edge::Edge;
use crate::explained::Explain;
use crate::options::{Options, ReadSecret};
use crate::password::Attempts;
use crate::reply::Refusal;
use crate::servers::Servers;
use crate::session::Sessions;
use crate::slowdown::Slowdown;
use crate::watch::Pulse;
use crate::welcome::Welcome;

pub(crate) struct House {
    pub(crate) edge: Edge,
    pub(crate) sessions: Sessions,
    pub(crate) slowdown: Slowdown,
    pub(crate) attempts: Attempts,
    pub(crate) welcome: Welcome,
    pub(crate) store: Store,
    pub(crate) state: PathBuf,
    pub(crate) read_secret: ReadSecret,
    pub(crate) explain: Explain,
    /// Where clients reach the gateway, if that is known here.
    pub(crate) gateway: Option<String>,
    pub(crate) servers: Arc<dyn Servers>,
    pub(crate) pulse: Pulse,
    /// Held by a program's change from its condition to its end.
    pub(crate) changing: tokio::sync::Mutex<()>,
    readers: Mutex<Readers>,
}

/// They take no lock in the store, and see every change as soon as it is there.
pub(crate) struct Readers {
    pub(crate) approvals: ApprovalReader,
    pub(crate) directory: DirectoryReader,
}

impl House {
    pub(crate) fn new(edge: Edge, options: Options, store: Store) -> Result<Self, OpenError> {
        let Options { state, url: _, read_secret, explain, gateway, servers, tell: _ } = options;
        let (readers, pulse) = (Readers::open(&state)?, Pulse::new(&state));
        Ok(Self {
            edge,
            sessions: Sessions::default(),
            slowdown: Slowdown::default(),
            attempts: Attempts::default(),
            welcome: Welcome::default(),
            store,
            state,
            read_secret,
            explain,
            gateway,
            servers,
            pulse,
            changing: tokio::sync::Mutex::default(),
            readers: Mutex::new(readers),
        })
    }

    /// Looks something small up: one row, a short table.
    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&Readers) -> Result<T, ReadError>,
    ) -> Result<T, Refusal> {
        look(&lock(&self.readers)).map_err(|error| Refusal::unavailable(&error.to_string()))
    }

    /// Looks up what takes a while, with readers of its own, where nobody else waits for it.
    pub(crate) async fn apart<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Readers) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.aside(move |state| {
            let readers = Readers::open(state).map_err(|error| error.to_string())?;
            look(&readers).map_err(|error| error.to_string())
        })
        .await
    }

    /// The same, in the log.
    pub(crate) async fn in_log<T: Send + 'static>(
        &self,
        look: impl FnOnce(&Log) -> Result<T, ReadError> + Send + 'static,
    ) -> Result<T, Refusal> {
        self.aside(move |state| {
            let log = Log::open(state).map_err(|error| error.to_string())?;
            look(&log).map_err(|error| error.to_string())
        })
        .await
    }

    /// What takes a while and is given the state directory, where nobody else waits for it.
    pub(crate) async fn aside<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Path) -> Result<T, String> + Send + 'static,
    ) -> Result<T, Refusal> {
        let state = self.state.clone();
        let done = tokio::task::spawn_blocking(move || work(&state)).await;
        let done = done.unwrap_or_else(|_| Err("this could not be read".to_owned()));
        done.map_err(|why| Refusal::unavailable(&why))
    }
}

impl Readers {
    fn open(state: &Path) -> Result<Self, OpenError> {
        let approvals = ApprovalReader::open(state)?;
        Ok(Self { approvals, directory: DirectoryReader::open(state)? })
    }
}

fn lock(readers: &Mutex<Readers>) -> MutexGuard<'_, Readers> {
    readers.lock().unwrap_or_else(PoisonError::into_inner)
}

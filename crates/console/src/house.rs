//! What all requests share.

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use toolgate_store::{ApprovalReader, DirectoryReader, OpenError, ReadError, Store};

use crate::edge::Edge;
use crate::options::ReadSecret;
use crate::reply::Refusal;
use crate::session::Sessions;
use crate::slowdown::Slowdown;

pub(crate) struct House {
    pub(crate) edge: Edge,
    pub(crate) sessions: Sessions,
    pub(crate) slowdown: Slowdown,
    pub(crate) store: Store,
    pub(crate) read_secret: ReadSecret,
    readers: Mutex<Readers>,
}

/// They take no lock in the store, and see every change as soon as it is there.
pub(crate) struct Readers {
    pub(crate) approvals: ApprovalReader,
    pub(crate) directory: DirectoryReader,
}

impl House {
    pub(crate) fn new(
        edge: Edge,
        state: &Path,
        store: Store,
        read_secret: ReadSecret,
    ) -> Result<Self, OpenError> {
        let readers = Readers {
            approvals: ApprovalReader::open(state)?,
            directory: DirectoryReader::open(state)?,
        };
        let (sessions, slowdown) = (Sessions::default(), Slowdown::default());
        Ok(Self { edge, sessions, slowdown, store, read_secret, readers: Mutex::new(readers) })
    }

    /// Looks something up.
    pub(crate) fn read<T>(
        &self,
        look: impl FnOnce(&Readers) -> Result<T, ReadError>,
    ) -> Result<T, Refusal> {
        look(&self.readers()).map_err(|error| Refusal::unavailable(&error.to_string()))
    }

    fn readers(&self) -> MutexGuard<'_, Readers> {
        self.readers.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

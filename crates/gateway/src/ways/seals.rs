//! The key of the state directory, for what clients carry for us: opened at first use.

use std::path::PathBuf;
use std::sync::{Mutex, PoisonError};

use toolgate_store::{KeyRing, KeySource, SealError};

use crate::report::report_seldom;

#[derive(Debug)]
pub(crate) struct Seals {
    state: PathBuf,
    key_file: Option<PathBuf>,
    ring: Mutex<Option<KeyRing>>,
}

/// All values here are alike: what they are for sets them apart.
const NAME: &str = "client";

impl Seals {
    /// Nothing is opened yet, nor made.
    pub(crate) fn new(state: impl Into<PathBuf>, key_file: Option<PathBuf>) -> Self {
        Self { state: state.into(), key_file, ring: Mutex::default() }
    }

    /// Nothing where the key cannot be used; the operator hears of it.
    pub(super) fn seal(&self, purpose: &str, plain: &[u8]) -> Option<Vec<u8>> {
        let sealed = self.with(|ring| ring.seal(purpose, NAME, plain));
        sealed.inspect_err(|error| report_seldom(&error.to_string())).ok()
    }

    /// Nothing where it was not sealed here.
    pub(super) fn unseal(&self, purpose: &str, sealed: &[u8]) -> Option<Vec<u8>> {
        let opened = self.with(|ring| match ring.unseal(purpose, NAME, sealed) {
            // Another process may have put a new key in front.
            Err(SealError::UnknownKey { .. }) => {
                ring.reload()?;
                ring.unseal(purpose, NAME, sealed)
            }
            done => done,
        });
        opened.ok()
    }

    fn with<T>(
        &self,
        act: impl FnOnce(&mut KeyRing) -> Result<T, SealError>,
    ) -> Result<T, SealError> {
        let mut ring = self.ring.lock().unwrap_or_else(PoisonError::into_inner);
        match &mut *ring {
            Some(ring) => act(ring),
            none => {
                let source = KeySource::find(&self.state, self.key_file.as_deref());
                act(none.insert(KeyRing::open(source)?))
            }
        }
    }
}

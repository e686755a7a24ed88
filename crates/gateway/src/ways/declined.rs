//! Questions that somebody declined in a client: they stay open for others, and are not asked
//! there again with every call.

use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::Ways;

#[derive(Debug, Default)]
pub(super) struct Declined(Mutex<VecDeque<String>>);

/// Past that the oldest may be asked once more.
const KEPT_MAX: usize = 1024;

impl Ways {
    pub(super) fn note_declined(&self, id: &str) {
        let mut declined = self.declined.ids();
        if declined.len() >= KEPT_MAX {
            declined.pop_front();
        }
        declined.push_back(id.to_owned());
    }

    pub(super) fn has_declined(&self, id: &str) -> bool {
        self.declined.ids().iter().any(|known| known == id)
    }
}

impl Declined {
    fn ids(&self) -> MutexGuard<'_, VecDeque<String>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

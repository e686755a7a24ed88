//! Outcomes by the calls they close, as the log is read.

use std::collections::HashMap;

use toolgate_store::{Closed, Entry, Kind};

/// Reading backwards an outcome comes before its call; forwards, after it.
#[derive(Debug, Default)]
pub(crate) struct Outcomes(HashMap<u64, Entry>);

impl Outcomes {
    /// Keeps the entry if it is an outcome.
    pub(crate) fn note(&mut self, entry: &Entry) {
        if let Kind::Closed(closed) = &entry.kind {
            self.0.insert(closed.opened, entry.clone());
        }
    }

    /// The outcome of the call that entry `opened` let through, once.
    pub(crate) fn take(&mut self, opened: u64) -> Option<Entry> {
        self.0.remove(&opened)
    }
}

/// The outcome in an entry that is one.
pub(super) fn closed(entry: &Entry) -> Option<&Closed> {
    match &entry.kind {
        Kind::Closed(closed) => Some(closed),
        Kind::Answered(_)
        | Kind::Changed(_)
        | Kind::Denied(_)
        | Kind::Note(_)
        | Kind::Opened(_) => None,
    }
}

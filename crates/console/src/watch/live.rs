//! What is new, gathered so that a thousand decisions a second are a few messages.

use std::sync::Arc;

use tokio::sync::broadcast;
use toolgate_store::{Entry, Kind};

use crate::log::{End, Row};

/// What came since the last one.
#[derive(Debug, Default)]
pub(crate) struct Batch {
    /// Decisions that were told of before this one.
    pub(crate) before: u64,
    pub(crate) fresh: Vec<Fresh>,
    /// Ends of calls that earlier ones told of: which, and how.
    pub(crate) ends: Vec<(u64, End)>,
    /// The newest entry in it.
    pub(crate) seq: u64,
}

/// A new decision.
#[derive(Debug)]
pub(crate) struct Fresh {
    pub(crate) row: Row,
    pub(crate) entry: Entry,
}

/// More than these are told in two.
const FRESH_MAX: usize = 1000;

#[derive(Default)]
pub(super) struct Gathering {
    batch: Batch,
    told: u64,
}

impl Gathering {
    pub(super) fn take(&mut self, entries: Vec<Entry>, live: &broadcast::Sender<Arc<Batch>>) {
        for entry in entries {
            self.batch.seq = entry.seq;
            if let (Kind::Closed(closed), Some(end)) = (&entry.kind, End::of(&entry)) {
                self.end(closed.opened, end);
            }
            if let Some(row) = Row::of(&entry) {
                self.batch.fresh.push(Fresh { row, entry });
            }
        }
        if self.batch.fresh.len() >= FRESH_MAX {
            self.tell(live);
        }
    }

    fn end(&mut self, opened: u64, end: End) {
        let found = self.batch.fresh.binary_search_by_key(&opened, |fresh| fresh.row.seq);
        match found.ok().and_then(|at| self.batch.fresh.get_mut(at)) {
            Some(fresh) => fresh.row.end = Some(end),
            None => self.batch.ends.push((opened, end)),
        }
    }

    pub(super) fn tell(&mut self, live: &broadcast::Sender<Arc<Batch>>) {
        if self.batch.seq == 0 {
            return;
        }
        let batch = Batch { before: self.told, ..std::mem::take(&mut self.batch) };
        self.told += u64::try_from(batch.fresh.len()).unwrap_or(u64::MAX);
        // Nobody may look on any more.
        let _ = live.send(Arc::new(batch));
    }
}

//! Looks, for all calls that wait, whether an answer has come: from whichever process.

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::sync::watch;
use toolgate_store::{ApprovalReader, State};

use crate::approval::webhook::Webhooks;
use crate::quota::{Quota, Taken};

/// One for all gates of a state directory.
#[derive(Debug)]
pub(crate) struct Hub {
    state: PathBuf,
    /// Opened when it is first needed.
    reader: Mutex<Option<Reader>>,
    changed: watch::Sender<u64>,
    looking: AtomicBool,
    held: Arc<Quota>,
    pub(crate) webhooks: Webhooks,
}

struct Reader(ApprovalReader);

/// As soon as a revoked grant ends.
const LOOK_EVERY: Duration = Duration::from_millis(50);
/// Calls that are kept open at the same time, of everybody.
const HELD_MAX: usize = 512;

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader(…)")
    }
}

impl Hub {
    pub(crate) fn new(state: &Path) -> Arc<Self> {
        Arc::new(Self {
            state: state.to_owned(),
            reader: Mutex::default(),
            changed: watch::Sender::new(0),
            looking: AtomicBool::new(false),
            held: Quota::new(HELD_MAX),
            webhooks: Webhooks::default(),
        })
    }

    /// A place for one call that waits, if there is one.
    pub(super) fn place(&self) -> Option<Taken> {
        self.held.take(1)
    }

    /// Changes whenever some approval has; somebody looks as long as anybody listens.
    pub(super) fn changes(self: &Arc<Self>) -> watch::Receiver<u64> {
        let changes = self.changed.subscribe();
        if !self.looking.swap(true, Ordering::AcqRel) {
            tokio::spawn(look(Arc::clone(self)));
        }
        changes
    }

    /// Whether the question still waits for an answer. Nothing is known where it cannot be read.
    pub(super) fn is_open(&self, id: &str) -> bool {
        let state = self.read(|reader| reader.state(id).ok());
        matches!(state, None | Some(Some(State::Pending)))
    }

    fn read<T>(&self, read: impl FnOnce(&ApprovalReader) -> Option<T>) -> Option<T> {
        let mut reader = self.reader.lock().unwrap_or_else(PoisonError::into_inner);
        if reader.is_none() {
            *reader = ApprovalReader::open(&self.state).ok().map(Reader);
        }
        read(&reader.as_ref()?.0)
    }
}

async fn look(hub: Arc<Hub>) {
    loop {
        tokio::time::sleep(LOOK_EVERY).await;
        if hub.changed.receiver_count() == 0 {
            hub.looking.store(false, Ordering::Release);
            // Whoever came in between may have found somebody who looks.
            let nobody = hub.changed.receiver_count() == 0;
            if nobody || hub.looking.swap(true, Ordering::AcqRel) {
                return;
            }
        }
        if let Some(seq) = hub.read(|reader| reader.seq().ok()) {
            hub.changed.send_if_modified(|seen| std::mem::replace(seen, seq) != seq);
        }
    }
}

//! One connection, as those know it whose answers take long.

use std::sync::Arc;

use tokio::sync::watch;

#[derive(Clone, Debug)]
pub(crate) struct Line {
    leaving: watch::Receiver<bool>,
    long: Arc<()>,
}

/// Held while something is sent that has an end, and may take long until then.
#[derive(Debug)]
pub(crate) struct LongWork {
    _held: Arc<()>,
}

impl Line {
    /// With what is told once the connection is about to be closed.
    pub(crate) fn new() -> (Self, watch::Sender<bool>) {
        let (end, leaving) = watch::channel(false);
        (Self { leaving, long: Arc::new(()) }, end)
    }

    /// Becomes true once it is about to be closed.
    pub(crate) fn leaving(&self) -> watch::Receiver<bool> {
        self.leaving.clone()
    }

    pub(crate) fn long_work(&self) -> LongWork {
        LongWork { _held: Arc::clone(&self.long) }
    }

    /// Whoever asks has one copy of the line, whoever answers requests another.
    pub(crate) fn has_long_work(&self) -> bool {
        Arc::strong_count(&self.long) > 2
    }
}

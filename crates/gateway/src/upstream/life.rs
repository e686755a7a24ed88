//! How far a server has come, and how long nobody has used it.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

use crate::clock;

/// What is known of a running server, for whoever supervises it.
#[derive(Debug)]
pub(super) struct Life {
    stage: watch::Sender<Stage>,
    used_ns: AtomicU64,
    closing: AtomicBool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Stage {
    Started,
    /// It was sent a request.
    Asked,
    /// It has answered one.
    Answered,
}

impl Life {
    pub(super) fn new() -> Self {
        let stage = watch::channel(Stage::Started).0;
        let used_ns = AtomicU64::new(clock::boot_ns());
        Self { stage, used_ns, closing: AtomicBool::new(false) }
    }

    pub(super) fn note(&self, stage: Stage) {
        self.touch();
        if *self.stage.borrow() < stage {
            self.stage.send_if_modified(|now| {
                let later = stage > *now;
                *now = stage.max(*now);
                later
            });
        }
    }

    /// From now on it is our wish that it ends.
    pub(super) fn close(&self) {
        self.closing.store(true, Ordering::Release);
    }

    pub(super) fn is_closing(&self) -> bool {
        self.closing.load(Ordering::Acquire)
    }

    /// Somebody said something.
    pub(super) fn touch(&self) {
        self.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
    }

    pub(super) fn has_come_to(&self, stage: Stage) -> bool {
        *self.stage.borrow() >= stage
    }

    pub(super) async fn comes_to(&self, stage: Stage) {
        // It cannot close: we hold the sender.
        let _ = self.stage.subscribe().wait_for(|now| *now >= stage).await;
    }

    pub(super) fn idle(&self) -> Duration {
        let used_ns = self.used_ns.load(Ordering::Relaxed);
        Duration::from_nanos(clock::boot_ns().saturating_sub(used_ns))
    }
}

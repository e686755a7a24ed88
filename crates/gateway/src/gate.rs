//! What every connection of one gate shares.

use std::sync::Arc;
use std::time::Duration;

use tokio::sync::watch;
use toolgate_policy::Caller;
use toolgate_store::Store;

use crate::approval::Approvals;
use crate::freeze;
use crate::listing::Lists;
use crate::metrics::Meter;
use crate::otlp::Exporter;
use crate::quota::ProcessCaps;
use crate::snapshot::{Current, Snapshot};
use crate::ways::Ways;

pub(crate) struct Gate {
    pub(crate) store: Store,
    pub(crate) caller: Arc<Caller>,
    pub(crate) message_bytes_max: usize,
    pub(crate) current: Current,
    pub(crate) freezes: freeze::Known,
    /// Begins the ids of our own requests, so that no client can guess one.
    pub(crate) own_id_prefix: String,
    /// How long a server may take to answer; nothing where its client is the one to judge.
    pub(crate) request_timeout: Option<Duration>,
    pub(crate) meter: Arc<Meter>,
    pub(crate) processes: ProcessCaps,
    pub(crate) exporter: Exporter,
    pub(crate) lists: Lists,
    pub(crate) approvals: Approvals,
    pub(crate) ways: Arc<Ways>,
    /// Becomes true when the gateway is to stop.
    pub(crate) stopping: watch::Receiver<bool>,
}

/// The directory is looked at many times in this time.
const NEWER_WAIT: Duration = Duration::from_secs(1);
const REACH_WAIT: Duration = Duration::from_secs(5);

impl std::fmt::Debug for Gate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Gate").field("caller", &self.caller).finish_non_exhaustive()
    }
}

impl Gate {
    /// The policy in force now.
    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.current.borrow())
    }

    /// Waits until another snapshot than `seen` is in force: a moment, since it is on its way.
    pub(crate) async fn newer_than(&self, seen: &Arc<Snapshot>) {
        let mut current = self.current.clone();
        let newer = current.wait_for(|snapshot| !Arc::ptr_eq(snapshot, seen));
        let _ = tokio::time::timeout(NEWER_WAIT, newer).await;
    }

    /// Resolves once another snapshot than `seen` is in force.
    pub(crate) async fn other_than(&self, seen: &Arc<Snapshot>) {
        let mut current = self.current.clone();
        if current.wait_for(|snapshot| !Arc::ptr_eq(snapshot, seen)).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    /// Waits until what stands in entry `seq` of the log is in force here.
    pub(crate) async fn reach(&self, seq: u64) {
        let mut current = self.current.clone();
        let there = current.wait_for(|snapshot| snapshot.directory.is_none_or(|at| at >= seq));
        let _ = tokio::time::timeout(REACH_WAIT, there).await;
    }

    /// Resolves once nobody may be here any more.
    pub(crate) async fn closed(&self) {
        let mut current = self.current.clone();
        let closed = current.wait_for(|snapshot| snapshot.closed).await.is_ok();
        if !closed {
            // A gateway that stops: its servers' end is what its clients hear of.
            std::future::pending::<()>().await;
        }
    }

    /// Resolves once the gateway is to stop.
    pub(crate) async fn stopped(&self) {
        let mut stopping = self.stopping.clone();
        if stopping.wait_for(|stop| *stop).await.is_err() {
            std::future::pending::<()>().await;
        }
    }

    pub(crate) fn own_id(&self, number: u64) -> String {
        format!("{}-{number}", self.own_id_prefix)
    }
}

//! One grant at one server: everything its clients share, and nothing that anybody else has.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::StatusCode;

use crate::clock;
use crate::gate::Gate;
use crate::quota::{Places, Quota};
use crate::upstream::Connector;

use super::modern::Modern;
use super::respond::Rejection;
use super::sessions::Sessions;

#[derive(Debug)]
pub(crate) struct Room {
    pub(super) gate: Arc<Gate>,
    pub(super) connector: Connector,
    pub(super) caps: Caps,
    pub(super) sessions: Sessions,
    pub(super) modern: Modern,
    /// Requests in flight here.
    busy: Arc<Quota>,
    used_ns: AtomicU64,
}

/// How much may go on in a room. The grant's other rooms count with it.
#[derive(Clone, Debug)]
pub(crate) struct Caps {
    /// Requests of the grant.
    pub(crate) in_flight: Arc<Quota>,
    /// Legacy sessions of the grant.
    pub(crate) sessions: Arc<Quota>,
    /// Legacy sessions of everybody.
    pub(crate) all_sessions: Arc<Quota>,
    /// A session that nobody uses for so long ends.
    pub(crate) session_idle: Duration,
}

impl Room {
    pub(crate) fn new(gate: Arc<Gate>, connector: Connector, caps: Caps) -> Self {
        let (sessions, modern) = (Sessions::default(), Modern::new(&connector));
        let used_ns = AtomicU64::new(clock::boot_ns());
        Self { gate, connector, caps, sessions, modern, busy: Quota::new(usize::MAX), used_ns }
    }

    /// Somebody comes.
    pub(crate) fn touch(&self) {
        self.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
    }

    /// Places for as many requests.
    pub(super) fn take(&self, requests: usize) -> Result<Places, Rejection> {
        const FULL: Rejection = Rejection(
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests of this grant are in flight; try again in a moment",
        );
        let of_grant = self.caps.in_flight.take(requests).ok_or(FULL)?;
        Ok([of_grant, self.busy.take(requests).ok_or(FULL)?])
    }

    /// Ends the sessions that nobody uses. True if the room itself was not used for so long.
    pub(crate) fn sweep(&self) -> bool {
        let idle_ns = u64::try_from(self.caps.session_idle.as_nanos()).unwrap_or(u64::MAX);
        let before_ns = clock::boot_ns().saturating_sub(idle_ns);
        let empty = self.sessions.sweep(before_ns);
        if self.busy.used() > 0 {
            self.touch();
        }
        empty && self.used_ns.load(Ordering::Relaxed) < before_ns
    }

    /// The gateway stops: who only listens need not wait for it.
    pub(crate) fn hang_up(&self) {
        self.sessions.hang_up();
    }

    /// Ends every session and waits for the servers behind them.
    pub(crate) async fn end(&self) {
        self.sessions.end().await;
        self.modern.end().await;
    }
}

impl Caps {
    pub(crate) fn is_unused(&self) -> bool {
        self.in_flight.used() == 0 && self.sessions.used() == 0
    }

    /// For a gate that serves one client's programs.
    pub(super) fn of_one(sessions_max: usize) -> Self {
        Self {
            in_flight: Quota::new(usize::MAX),
            sessions: Quota::new(sessions_max),
            all_sessions: Quota::new(usize::MAX),
            session_idle: Duration::from_mins(30),
        }
    }
}

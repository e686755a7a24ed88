//! Who is in a room or a hall: legacy sessions, requests in flight, and when somebody last came.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use hyper::StatusCode;

use crate::clock;
use crate::quota::{Places, Quota};

use super::respond::Rejection;
use super::sessions::Sessions;

#[derive(Debug)]
pub(crate) struct Presence {
    caps: Caps,
    pub(super) sessions: Sessions,
    /// Requests in flight here.
    busy: Arc<Quota>,
    used_ns: AtomicU64,
}

/// How much may go on.
#[derive(Clone, Debug)]
pub(crate) struct Caps {
    /// All who have the grant, wherever they are.
    pub(crate) of_grant: Share,
    /// Whoever is here, by whatever grant.
    pub(crate) of_principal: Share,
    /// Legacy sessions of everybody.
    pub(crate) all_sessions: Arc<Quota>,
    /// A session that nobody uses for so long ends.
    pub(crate) session_idle: Duration,
}

/// What somebody may have at the same time.
#[derive(Clone, Debug)]
pub(crate) struct Share {
    /// Requests.
    pub(crate) in_flight: Arc<Quota>,
    /// Legacy sessions.
    pub(crate) sessions: Arc<Quota>,
}

impl Presence {
    pub(super) fn new(caps: Caps) -> Self {
        let used_ns = AtomicU64::new(clock::boot_ns());
        Self { caps, sessions: Sessions::default(), busy: Quota::new(usize::MAX), used_ns }
    }

    /// Somebody comes.
    pub(crate) fn touch(&self) {
        self.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
    }

    /// Places for as many requests.
    pub(super) fn requests(&self, count: usize) -> Result<Places, Rejection> {
        const GRANT: Rejection = Rejection(
            StatusCode::TOO_MANY_REQUESTS,
            "too many requests of this grant are in flight; try again in a moment",
        );
        const PRINCIPAL: Rejection = Rejection(
            StatusCode::TOO_MANY_REQUESTS,
            "too many of your requests are in flight; try again in a moment",
        );
        let of_grant = self.caps.of_grant.in_flight.take(count).ok_or(GRANT)?;
        let own = self.caps.of_principal.in_flight.take(count).ok_or(PRINCIPAL)?;
        Ok([of_grant, own, self.busy.take(count).ok_or(GRANT)?])
    }

    /// Places for one more session, before anything is started for it.
    pub(super) fn session(&self) -> Result<Places, Rejection> {
        const GRANT: Rejection = Rejection(
            StatusCode::TOO_MANY_REQUESTS,
            "too many sessions of this grant; end one with DELETE, or wait until one is idle",
        );
        const PRINCIPAL: Rejection = Rejection(
            StatusCode::TOO_MANY_REQUESTS,
            "too many sessions of yours; end one with DELETE, or wait until one is idle",
        );
        const ALL: Rejection =
            Rejection(StatusCode::SERVICE_UNAVAILABLE, "too many sessions; try again in a while");
        let of_grant = self.caps.of_grant.sessions.take(1).ok_or(GRANT)?;
        let own = self.caps.of_principal.sessions.take(1).ok_or(PRINCIPAL)?;
        Ok([of_grant, own, self.caps.all_sessions.take(1).ok_or(ALL)?])
    }

    /// Ends the sessions that nobody uses. True if nobody at all came for so long.
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
}

impl Caps {
    /// For a gate that serves one client's programs.
    pub(super) fn of_one(sessions_max: usize) -> Self {
        Self {
            of_grant: Share::new(usize::MAX, sessions_max),
            of_principal: Share::new(usize::MAX, sessions_max),
            all_sessions: Quota::new(usize::MAX),
            session_idle: Duration::from_mins(30),
        }
    }
}

impl Share {
    pub(crate) fn new(in_flight_max: usize, sessions_max: usize) -> Self {
        Self { in_flight: Quota::new(in_flight_max), sessions: Quota::new(sessions_max) }
    }

    pub(crate) fn is_unused(&self) -> bool {
        self.in_flight.used() == 0 && self.sessions.used() == 0
    }
}

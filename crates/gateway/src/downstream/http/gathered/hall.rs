//! What all clients of one grant at `/mcp` share.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::clock;
use crate::downstream::http::sessions::Sessions;
use crate::downstream::http::{Caps, Rejection, Room};
use crate::quota::{self, Quota};
use crate::report::report;

use super::places::Places;

/// The rooms of one grant, as they are now.
pub(crate) trait Rooms: Send + Sync + 'static {
    /// In the grant's order.
    fn servers(&self) -> Vec<String>;

    /// Why not, for a person.
    fn room(&self, server: &str) -> Result<Arc<Room>, String>;
}

pub(crate) struct Hall {
    pub(super) rooms: Box<dyn Rooms>,
    pub(in super::super) caps: Caps,
    /// Requests in flight here.
    busy: Arc<Quota>,
    used_ns: AtomicU64,
    pub(in super::super) sessions: Sessions,
    pub(in super::super) message_bytes_max: usize,
    /// Of modern clients: their requests stand alone.
    pub(super) places: Arc<Places>,
    grant: String,
    own_id_prefix: String,
    asked: AtomicU64,
    /// What the operator was told last of each server.
    troubles: Mutex<HashMap<String, String>>,
}

impl std::fmt::Debug for Hall {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Hall").field("grant", &self.grant).finish_non_exhaustive()
    }
}

impl Hall {
    pub(crate) fn new(
        grant: String,
        rooms: Box<dyn Rooms>,
        (caps, message_bytes_max): (Caps, usize),
        own_id_prefix: &str,
    ) -> Self {
        Self {
            rooms,
            caps,
            busy: Quota::new(usize::MAX),
            used_ns: AtomicU64::new(clock::boot_ns()),
            sessions: Sessions::default(),
            message_bytes_max,
            places: Arc::default(),
            grant,
            own_id_prefix: format!("{own_id_prefix}-all"),
            asked: AtomicU64::new(0),
            troubles: Mutex::default(),
        }
    }

    /// Somebody comes.
    pub(crate) fn touch(&self) {
        self.used_ns.store(clock::boot_ns(), Ordering::Relaxed);
    }

    /// Places for as many requests.
    pub(in super::super) fn take(&self, requests: usize) -> Result<quota::Places, Rejection> {
        self.caps.requests(requests, &self.busy)
    }

    /// Ends the sessions that nobody uses. True if the hall itself was not used for so long.
    pub(crate) fn sweep(&self) -> bool {
        let before_ns = self.caps.used_after_ns();
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

    /// Ends every session. Their servers end with the rooms.
    pub(crate) async fn end(&self) {
        self.sessions.end().await;
    }

    /// An id of our own that no client can guess.
    pub(super) fn own_id(&self) -> String {
        format!("{}-{}", self.own_id_prefix, self.asked.fetch_add(1, Ordering::Relaxed))
    }

    /// Tells the operator that a server is left out, once for each reason.
    pub(super) fn left_out(&self, server: &str, why: &str) {
        let before = self.troubles().insert(server.to_owned(), why.to_owned());
        if before.as_deref() != Some(why) {
            report(&format!(
                "grant `{}`: server `{server}` is left out of /mcp: {why}",
                self.grant
            ));
        }
    }

    pub(super) fn is_back(&self, server: &str) {
        if self.troubles().remove(server).is_some() {
            report(&format!("grant `{}`: server `{server}` is at /mcp again", self.grant));
        }
    }

    /// Tells the operator that names cannot be told apart, once.
    pub(super) fn confusable(&self, one: &str, other: &str) {
        let key = format!("{one} {other}");
        if self.troubles().insert(key, String::new()).is_none() {
            let names = format!("`{}` and `{}`", one.escape_debug(), other.escape_debug());
            report(&format!(
                "grant `{}`: the tools {names} look alike, so neither is at /mcp; rename a server",
                self.grant
            ));
        }
    }

    fn troubles(&self) -> MutexGuard<'_, HashMap<String, String>> {
        let mut troubles = self.troubles.lock().unwrap_or_else(PoisonError::into_inner);
        if troubles.len() >= TROUBLES_MAX {
            troubles.clear();
        }
        troubles
    }
}

/// Servers choose the names that look alike.
const TROUBLES_MAX: usize = 1024;

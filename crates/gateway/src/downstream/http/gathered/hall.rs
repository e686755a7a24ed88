//! What all clients of one grant at `/mcp` share.

use std::collections::HashMap;
use std::pin::Pin;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crate::downstream::http::presence::{Caps, Presence};
use crate::downstream::http::room::Room;
use crate::report::report;

use super::places::Places;

/// The rooms of one grant, as they are now.
pub(crate) trait Rooms: Send + Sync + 'static {
    /// In the grant's order.
    fn servers(&self) -> Vec<String>;

    /// If it is open already.
    fn room_now(&self, server: &str) -> Option<Arc<Room>>;

    /// Opened if need be, within a bounded time.
    fn room<'a>(&'a self, server: &'a str) -> Opening<'a>;
}

/// A room, or why not, for a person.
pub(crate) type Opening<'a> = Pin<Box<dyn Future<Output = Result<Arc<Room>, String>> + Send + 'a>>;

pub(crate) struct Hall {
    pub(super) rooms: Box<dyn Rooms>,
    pub(crate) presence: Presence,
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
            presence: Presence::new(caps),
            message_bytes_max,
            places: Arc::default(),
            grant,
            own_id_prefix: format!("{own_id_prefix}-all"),
            asked: AtomicU64::new(0),
            troubles: Mutex::default(),
        }
    }

    /// Ends every session. Their servers end with the rooms.
    pub(crate) async fn end(&self) {
        self.presence.sessions.end().await;
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

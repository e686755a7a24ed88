//! Names of two servers that look alike: neither is listed, neither can be called.

use std::collections::HashMap;
use std::sync::Arc;

use toolgate_catalog::skeleton;
use toolgate_protocol::Message;
use toolgate_protocol::gather::{ListKind, join};

use crate::denial::Denial;

use super::Gathered;
use super::hall::Hall;
use super::lists::Listed;

/// Takes out what looks like something of another server.
pub(super) fn part(hall: &Hall, listed: &mut [Listed]) {
    let mut seen: HashMap<String, (usize, String, bool)> = HashMap::new();
    for (place, one) in listed.iter().enumerate() {
        for entry in &one.entries {
            let first = || (place, entry.name.clone(), false);
            let (owner, name, twice) = seen.entry(skeleton(&entry.name)).or_insert_with(first);
            if *owner != place {
                *twice = true;
                hall.confusable(name, &entry.name);
            }
        }
    }
    if seen.values().any(|(_, _, twice)| *twice) {
        let alone = |name: &str| seen.get(&skeleton(name)).is_none_or(|(_, _, twice)| !twice);
        for one in listed {
            one.entries.retain(|entry| alone(&entry.name));
        }
    }
}

impl Gathered {
    /// The servers that could have a tool which looks like this one: by their names alone.
    pub(super) fn suspects(&self, server: &str, name: &str) -> Vec<String> {
        let mut others = self.hall.rooms.servers();
        others.retain(|other| other != server);
        if others.is_empty() {
            return others;
        }
        let whole = skeleton(name);
        others.retain(|other| whole.starts_with(&skeleton(&join(other, ""))));
        others
    }

    /// Why a call is denied whose tool looks like one of another server, or might.
    pub(super) async fn confused(
        self: &Arc<Self>,
        server: &str,
        name: &str,
        message: &Message,
    ) -> Option<Denial> {
        let suspects = self.suspects(server, name);
        if suspects.is_empty() {
            return None;
        }
        let found = self.gather_from(suspects, ListKind::Tools, message).await;
        if let Some(unknown) = found.left.first() {
            let text = format!(
                "`{name}` may be mistaken for a tool of `{unknown}`, which does not tell its tools"
            );
            return Some(Denial::new("confusable", text));
        }
        let whole = skeleton(name);
        let twin = found.listed.iter().flat_map(|one| &one.entries);
        let twin = twin.map(|entry| &entry.name).find(|twin| skeleton(twin) == whole)?;
        self.hall.confusable(name, twin);
        let text = format!("`{name}` looks like `{}` of another server", twin.escape_debug());
        Some(Denial::new("confusable", text))
    }
}

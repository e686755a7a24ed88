//! The rooms of one grant as its clients at `/mcp` find them.

use std::sync::{Arc, Weak};

use toolgate_store::Grant;

use crate::downstream::http::{Caps, Hall, Opening, Room, Rooms};

use super::house::House;
use super::registry::{Holder, Registry};

/// A hall, and the grant that it was opened for.
pub(super) struct Gathering {
    pub(super) hall: Arc<Hall>,
    pub(super) grant: Grant,
}

impl Gathering {
    pub(super) fn new(
        house: Weak<House>,
        (grant, holder): (&Grant, &Holder),
        bounds: (Caps, usize),
        prefix: &str,
    ) -> Self {
        let rooms = Box::new(GrantRooms { house, holder: holder.clone() });
        let hall = Hall::new(grant.name.clone(), rooms, bounds, prefix);
        Self { hall: Arc::new(hall), grant: grant.clone() }
    }

    /// Whether it is still the same right.
    pub(super) fn stays(&self, registry: &Registry) -> bool {
        let grant = registry.directory.grants.get(&self.grant.name);
        grant.is_some_and(|grant| grant.revoked_ms.is_none() && is_same(&self.grant, grant))
    }

    /// Cuts its clients off.
    pub(super) fn close(self) {
        tokio::spawn(async move { self.hall.end().await });
    }
}

/// Whether a grant is still the same right. Its policy and its servers may change.
pub(super) fn is_same(before: &Grant, now: &Grant) -> bool {
    let (policy, servers) = (before.policy.clone(), before.servers.clone());
    *before == Grant { policy, servers, ..now.clone() }
}

/// Finds its way back to the house.
struct GrantRooms {
    house: Weak<House>,
    holder: Holder,
}

impl Rooms for GrantRooms {
    fn servers(&self) -> Vec<String> {
        self.house.upgrade().map(|house| house.servers(&self.holder.grant)).unwrap_or_default()
    }

    fn room_now(&self, server: &str) -> Option<Arc<Room>> {
        self.house.upgrade()?.room_now(&self.holder.at(server))
    }

    fn room<'a>(&'a self, server: &'a str) -> Opening<'a> {
        Box::pin(async move {
            let house = self.house.upgrade().ok_or("the gateway is closing")?;
            let room = house.room(self.holder.at(server)).await;
            room.map_err(|rejection| rejection.1.to_owned())
        })
    }
}

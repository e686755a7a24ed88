//! How much everybody may have at the same time: each grant, each principal, all together.

use std::collections::HashMap;
use std::sync::Arc;

use toolgate_policy::Principal;

use crate::downstream::http::{Caps, Share};
use crate::quota::{ProcessCaps, Quota};

use super::Limits;
use super::registry::Holder;

pub(super) struct Shares {
    limits: Limits,
    /// Legacy sessions of everybody.
    pub(super) sessions: Arc<Quota>,
    /// Processes of servers.
    pub(super) processes: Arc<Quota>,
    grants: HashMap<String, Share>,
    principals: HashMap<Principal, Own>,
}

struct Own {
    share: Share,
    processes: Arc<Quota>,
}

impl Shares {
    pub(super) fn new(limits: &Limits) -> Self {
        Self {
            sessions: Quota::new(limits.sessions),
            processes: Quota::new(limits.processes),
            limits: limits.clone(),
            grants: HashMap::new(),
            principals: HashMap::new(),
        }
    }

    pub(super) fn caps(&mut self, holder: &Holder) -> Caps {
        let limits = &self.limits;
        let of_grant = self
            .grants
            .entry(holder.grant.clone())
            .or_insert_with(|| Share::new(limits.in_flight_per_grant, limits.sessions_per_grant));
        let (of_grant, session_idle) = (of_grant.clone(), limits.session_idle);
        let of_principal = self.own(&holder.principal).share.clone();
        let all_sessions = Arc::clone(&self.sessions);
        Caps { of_grant, of_principal, all_sessions, session_idle }
    }

    pub(super) fn processes(&mut self, principal: &Principal) -> ProcessCaps {
        let own = Arc::clone(&self.own(principal).processes);
        ProcessCaps { own, all: Arc::clone(&self.processes) }
    }

    /// Requests of everybody.
    pub(super) fn in_flight(&self) -> usize {
        self.grants.values().map(|share| share.in_flight.used()).sum()
    }

    /// Forgets who is not here and has nothing.
    pub(super) fn forget(&mut self, is_here: impl Fn(&Here<'_>) -> bool) {
        self.grants.retain(|grant, share| is_here(&Here::Grant(grant)) || !share.is_unused());
        self.principals.retain(|principal, own| {
            let unused = own.share.is_unused() && own.processes.used() == 0;
            is_here(&Here::Principal(principal)) || !unused
        });
    }

    fn own(&mut self, principal: &Principal) -> &Own {
        let limits = &self.limits;
        self.principals.entry(principal.clone()).or_insert_with(|| Own {
            share: Share::new(limits.in_flight_per_principal, limits.sessions_per_principal),
            processes: Quota::new(limits.processes_per_principal),
        })
    }
}

/// Who may be in a room or a hall.
pub(super) enum Here<'a> {
    Grant(&'a str),
    Principal(&'a Principal),
}

impl Here<'_> {
    pub(super) fn is(&self, grant: &str, principal: &Principal) -> bool {
        match self {
            Self::Grant(one) => *one == grant,
            Self::Principal(one) => *one == principal,
        }
    }
}

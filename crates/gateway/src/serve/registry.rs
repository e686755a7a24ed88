//! The directory as the gateway goes by it: policies read, grants found by their tokens.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use hyper::StatusCode;
use toolgate_catalog::visible;
use toolgate_policy::{Caller, Layers, Policy, Principal, document};
use toolgate_store::{Directory, Grant, Pin, PolicyText, TokenHash};

use crate::clock;
use crate::downstream::http::Rejection;
use crate::identity::Identity;
use crate::report::report;
use crate::snapshot::Snapshot;

use super::path::{self, Place};

#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) directory: Directory,
    by_token: HashMap<TokenHash, String>,
    policies: HashMap<String, Stored>,
}

/// Who somebody is, and the grant that makes them welcome.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Holder {
    pub(super) principal: Principal,
    pub(super) grant: String,
}

/// One revision of a policy, read. Nothing if it cannot be.
#[derive(Clone, Debug)]
struct Stored {
    revision: u64,
    policy: Option<Arc<Policy>>,
}

pub(super) const NO_SERVER: Rejection =
    Rejection(StatusCode::NOT_FOUND, "no such server for this grant");

const NOWHERE: Rejection =
    Rejection(StatusCode::NOT_FOUND, "the endpoints are /mcp and /mcp/<server>");

/// What a request asks for.
pub(super) enum Wanted {
    /// All servers of a grant.
    Hall(Holder),
    /// One server.
    Room(Caller),
}
/// Changed tools that are told by name.
const NAMED_MAX: usize = 8;

impl Registry {
    /// What `before` has read is not read again.
    pub(super) fn new(directory: Directory, before: &Self) -> Self {
        let by_token = directory.grants.values();
        let by_token = by_token.filter_map(|grant| Some((grant.token?, grant.name.clone())));
        let policies = directory.policies.values();
        let policies = policies.map(|text| (text.name.clone(), before.stored(text)));
        let registry =
            Self { by_token: by_token.collect(), policies: policies.collect(), directory };
        // The first line of all is the address.
        if before.directory.seq > 0 {
            registry.report_changes(before);
        }
        registry
    }

    fn stored(&self, text: &PolicyText) -> Stored {
        match self.policies.get(&text.name) {
            Some(stored) if stored.revision == text.revision => stored.clone(),
            _ => Stored { revision: text.revision, policy: read(text) },
        }
    }

    /// Whom one of our own tokens belongs to.
    pub(super) fn holder(&self, token: &str) -> Result<Holder, Rejection> {
        let grant = self.grant_of(token).ok_or(Rejection::INVALID_TOKEN)?;
        if !grant.is_live(clock::wall_ms()) {
            return Err(Rejection(StatusCode::UNAUTHORIZED, "the grant has expired"));
        }
        let principal = Principal { issuer: grant.issuer.clone(), subject: grant.subject.clone() };
        Ok(Holder { principal, grant: grant.name.clone() })
    }

    /// Whom an issuer vouches for, if what it gives is a grant that is live.
    pub(super) fn vouched(&self, identity: &Identity) -> Option<Holder> {
        let grant = self.directory.grants.get(&identity.grant)?;
        let live = grant.revoked_ms.is_none() && grant.is_live(clock::wall_ms());
        let principal = identity.principal.clone();
        live.then(|| Holder { principal, grant: grant.name.clone() })
    }

    /// The holder at what the path names.
    pub(super) fn wanted(&self, path: &str, holder: Holder) -> Result<Wanted, Rejection> {
        match path::read(path) {
            Some(Place::All) => Ok(Wanted::Hall(holder)),
            Some(Place::Server(server)) => {
                let caller = holder.at(server);
                self.known(&caller).ok_or(NO_SERVER)?;
                Ok(Wanted::Room(caller))
            }
            None => Err(NOWHERE),
        }
    }

    /// The servers of a grant that may be used, in its order.
    pub(super) fn servers(&self, grant: &str) -> Vec<String> {
        let grant = self.directory.grants.get(grant).filter(|grant| grant.revoked_ms.is_none());
        let servers = grant.map(|grant| grant.servers.clone()).unwrap_or_default();
        servers.into_iter().filter(|name| self.directory.servers.contains_key(name)).collect()
    }

    /// The grant and the settings of the server that a caller may use, as they are now.
    pub(super) fn known(&self, caller: &Caller) -> Option<(&Grant, &str)> {
        let grants = &self.directory.grants;
        let grant = grants.get(&caller.grant).filter(|grant| grant.revoked_ms.is_none())?;
        let server = self.directory.servers.get(&caller.server)?;
        grant.servers.contains(&server.name).then_some((grant, &*server.spec))
    }

    /// What is pinned of a server's tools.
    pub(super) fn pinned(&self, server: &str) -> Arc<BTreeMap<String, Pin>> {
        self.directory.pins.get(server).cloned().unwrap_or_default()
    }

    /// Tells the operator of tools that are no longer what they were before.
    fn report_changes(&self, before: &Self) {
        for (server, pins) in &self.directory.pins {
            let known = before.pinned(server);
            let news = |is_news: fn(&Pin, Option<&Pin>) -> bool| {
                named(pins.iter().filter(|(tool, pin)| is_news(pin, known.get(*tool))))
            };
            if let Some(tools) = news(|pin, known| {
                pin.changed.is_some() && known.is_none_or(|known| known.changed != pin.changed)
            }) {
                report(&format!(
                    "server `{server}` has changed {tools}; they are denied until somebody looks \
                     (`toolgate tools diff {server}`) and accepts"
                ));
            }
            if let Some(tools) = news(|pin, known| {
                pin.gone_ms.is_some() && known.is_none_or(|known| known.gone_ms.is_none())
            }) {
                report(&format!(
                    "server `{server}` no longer lists {tools}; they stay pinned until somebody \
                     lets them go (`toolgate tools accept {server} TOOL`)"
                ));
            }
        }
    }

    /// The grant that a token belongs to, whether or not it may be used still.
    fn grant_of(&self, token: &str) -> Option<&Grant> {
        let name = self.by_token.get(&TokenHash::of_candidate(token)?)?;
        self.directory.grants.get(name)
    }

    /// What is in force for a grant. Without a policy, or with one that cannot be read, nothing
    /// is allowed.
    pub(super) fn snapshot(&self, grant: &Grant) -> Snapshot {
        let seq = Some(self.directory.seq);
        let Some(own) = &grant.policy else { return nothing("none", seq) };
        let (mut layers, mut revisions) = (Vec::new(), Vec::new());
        for name in self.directory.organization.iter().chain([own]) {
            let stored = self.policies.get(name);
            let read = stored.and_then(|stored| Some((stored.revision, stored.policy.clone()?)));
            let Some((revision, policy)) = read else { return nothing("none", seq) };
            layers.push(policy);
            revisions.push(format!("{name}@{revision}"));
        }
        Snapshot::stored(Layers::new(layers), revisions.join(" ").into(), seq)
    }
}

impl Holder {
    pub(super) fn of(caller: &Caller) -> Self {
        Self { principal: caller.principal.clone(), grant: caller.grant.clone() }
    }

    pub(super) fn at(&self, server: &str) -> Caller {
        let (principal, grant) = (self.principal.clone(), self.grant.clone());
        Caller { principal, grant, server: server.to_owned() }
    }
}

/// Some of them by name and how many more; nothing if there are none.
fn named<'a>(tools: impl Iterator<Item = (&'a String, &'a Pin)>) -> Option<String> {
    let mut tools: Vec<String> = tools.map(|(tool, _)| format!("`{}`", visible(tool))).collect();
    let more = tools.len().saturating_sub(NAMED_MAX);
    tools.truncate(NAMED_MAX);
    tools.extend((more > 0).then(|| format!("{more} more")));
    (!tools.is_empty()).then(|| tools.join(", "))
}

fn nothing(revision: &str, directory: Option<u64>) -> Snapshot {
    Snapshot::stored(Layers::default(), revision.into(), directory)
}

fn read(text: &PolicyText) -> Option<Arc<Policy>> {
    let name = format!("{} revision {}", text.name, text.revision);
    match document::read(&name, &text.text) {
        Ok((policy, _)) => Some(Arc::new(policy)),
        Err(errors) => {
            let count = errors.len();
            report(&format!(
                "the policy {name} has {count} errors, so its grants allow nothing; put it anew"
            ));
            None
        }
    }
}

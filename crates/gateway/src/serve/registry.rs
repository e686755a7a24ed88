//! The directory as the gateway goes by it: policies read, grants found by their tokens.

use std::collections::HashMap;
use std::sync::{Arc, LazyLock};

use toolgate_policy::Policy;
use toolgate_policy::document;
use toolgate_store::{Directory, Grant, PolicyText, TokenHash};

use crate::report::report;
use crate::snapshot::Snapshot;

#[derive(Debug, Default)]
pub(super) struct Registry {
    pub(super) directory: Directory,
    by_token: HashMap<TokenHash, String>,
    policies: HashMap<String, Stored>,
}

/// One revision of a policy, read. Nothing if it cannot be.
#[derive(Clone, Debug)]
struct Stored {
    revision: u64,
    policy: Option<Arc<Policy>>,
}

/// Stands where there is no policy.
static NOTHING: LazyLock<Option<Arc<Policy>>> = LazyLock::new(|| {
    let (policy, _) = document::read("no policy", "version: \"1\"\ndefault: deny\n").ok()?;
    Some(Arc::new(policy))
});

impl Registry {
    /// What `before` has read is not read again.
    pub(super) fn new(directory: Directory, before: &Self) -> Self {
        let by_token = directory.grants.values();
        let by_token = by_token.filter_map(|grant| Some((grant.token?, grant.name.clone())));
        let policies = directory.policies.values();
        let policies = policies.map(|text| (text.name.clone(), before.stored(text)));
        Self { by_token: by_token.collect(), policies: policies.collect(), directory }
    }

    fn stored(&self, text: &PolicyText) -> Stored {
        match self.policies.get(&text.name) {
            Some(stored) if stored.revision == text.revision => stored.clone(),
            _ => Stored { revision: text.revision, policy: read(text) },
        }
    }

    /// The grant that a token belongs to, whether or not it may be used still.
    pub(super) fn grant_of(&self, token: &str) -> Option<&Grant> {
        let name = self.by_token.get(&TokenHash::of_candidate(token)?)?;
        self.directory.grants.get(name)
    }

    /// What is in force for a grant. Without a policy, or with one that cannot be read, nothing
    /// is allowed.
    pub(super) fn snapshot(&self, grant: &Grant) -> Option<Snapshot> {
        let name = grant.policy.as_deref();
        let stored = name.and_then(|name| Some((name, self.policies.get(name)?)));
        let read = stored.and_then(|(name, stored)| {
            Some((Arc::clone(stored.policy.as_ref()?), format!("{name}@{}", stored.revision)))
        });
        let seq = Some(self.directory.seq);
        match read {
            Some((policy, revision)) => Some(Snapshot::stored(policy, revision.into(), seq)),
            None => nothing("none", seq),
        }
    }
}

/// Nothing is allowed any more, whatever the directory comes to say.
pub(super) fn closed() -> Option<Snapshot> {
    nothing("closed", None)
}

fn nothing(revision: &str, directory: Option<u64>) -> Option<Snapshot> {
    let policy = Arc::clone(NOTHING.as_ref()?);
    Some(Snapshot::stored(policy, revision.into(), directory))
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

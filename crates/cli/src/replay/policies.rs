//! The policies that recorded calls are decided by again, and whether they are those of then.

use std::sync::Arc;

use toolgate_gateway::revision;
use toolgate_policy::{Layers, Policy, document};
use toolgate_store::DirectoryReader;

use crate::exit::{Exit, Failure};
use crate::policy_text;

pub(crate) struct Policies {
    pub(crate) layers: Layers,
    /// What the log calls each of them, wherever it stood.
    names: Vec<Vec<String>>,
    pub(crate) label: String,
}

impl Policies {
    /// Files, or names of stored policies, the outermost first.
    pub(crate) fn read(given: &[&str], reader: &DirectoryReader) -> Result<Self, Failure> {
        let (mut policies, mut names) = (Vec::new(), Vec::new());
        for given in given {
            let policy = one(given, reader)?;
            names.push(known_as(&policy, reader)?);
            policies.push(Arc::new(policy));
        }
        Ok(Self { layers: Layers::new(policies), names, label: given.join(" and ") })
    }

    /// Whether the log means these by the revision.
    pub(crate) fn are(&self, revision: &str) -> bool {
        let mut own = self.names.iter();
        let same = revision
            .split(' ')
            .all(|name| own.next().is_some_and(|names| names.iter().any(|known| known == name)));
        same && own.next().is_none()
    }
}

fn one(given: &str, reader: &DirectoryReader) -> Result<Policy, Failure> {
    let text = if policy_text::is_file(given) {
        policy_text::read(std::path::Path::new(given))?
    } else {
        let all = reader.revisions(given)?;
        let newest = all.into_iter().next_back().ok_or_else(|| {
            let text = format!(
                "there is no policy `{given}`, neither as a file nor stored; \
                 `toolgate policy list` has those that are stored"
            );
            Failure::new(Exit::Usage, text)
        })?;
        newest.text
    };
    document::read(given, &text).map(|(policy, _)| policy).map_err(|_| {
        let text = format!("the policy `{given}` has errors; `toolgate check` shows them");
        Failure::new(Exit::Policy, text)
    })
}

fn known_as(policy: &Policy, reader: &DirectoryReader) -> Result<Vec<String>, Failure> {
    let mut names = vec![revision(policy)];
    for name in reader.read()?.policies.keys() {
        for stored in reader.revisions(name)? {
            let read = document::read(name, &stored.text);
            if read.is_ok_and(|(read, _)| read.canonical() == policy.canonical()) {
                names.push(format!("{name}@{}", stored.revision));
            }
        }
    }
    Ok(names)
}

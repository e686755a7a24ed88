//! The policies that recorded calls are decided by again, and whether they are those of then.

use std::sync::Arc;

use toolgate_policy::{Layers, Policy, document};

use crate::directory::DirectoryReader;
use crate::error::ReadError;

/// The outermost first.
#[derive(Debug)]
pub struct Policies {
    pub(super) layers: Layers,
    /// What the log calls each of them, wherever it stood.
    names: Vec<Vec<String>>,
}

impl Policies {
    /// Each with the names that the log may have for it.
    pub fn new(all: Vec<(Arc<Policy>, Vec<String>)>) -> Self {
        let (policies, names) = all.into_iter().unzip();
        Self { layers: Layers::new(policies), names }
    }

    /// Whether the log means these by the revision.
    pub(super) fn are(&self, revision: &str) -> bool {
        let mut own = self.names.iter();
        let same = revision
            .split(' ')
            .all(|name| own.next().is_some_and(|names| names.iter().any(|known| known == name)));
        same && own.next().is_none()
    }
}

/// The stored revisions that say the same, as the log calls them.
pub fn stored_names(policy: &Policy, reader: &DirectoryReader) -> Result<Vec<String>, ReadError> {
    let mut names = Vec::new();
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

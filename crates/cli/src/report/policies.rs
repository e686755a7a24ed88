//! The policies whose rules are looked for.

use std::path::Path;

use toolgate_policy::Policy;
use toolgate_policy::document::{self, Colour};
use toolgate_store::{Directory, PolicyText};

use crate::exit::{Exit, Failure};
use crate::output;

/// A policy in force, under the name that records have for it.
#[derive(Debug)]
pub(crate) struct InForce {
    /// What people call it.
    pub(crate) name: String,
    /// `support@7`, or a digest.
    pub(crate) revision: String,
    pub(crate) policy: Policy,
}

/// The one in the file; else the organization's and those of grants that still are a right, or of
/// the one grant that is asked about.
pub(crate) fn in_force(
    file: Option<&Path>,
    directory: &Directory,
    grant: Option<&str>,
) -> Result<Vec<InForce>, Failure> {
    if let Some(path) = file {
        return Ok(vec![of_file(path)?]);
    }
    let grants = directory.grants.values();
    let grants =
        grants.filter(|one| grant.map_or(one.revoked_ms.is_none(), |name| name == one.name));
    let mut names: Vec<&String> = grants.filter_map(|grant| grant.policy.as_ref()).collect();
    names.sort();
    names.dedup();
    let above = directory.organization.as_ref().filter(|_| !names.is_empty());
    let texts = above.into_iter().chain(names).filter_map(|name| directory.policies.get(name));
    texts.map(of_store).collect()
}

fn of_file(path: &Path) -> Result<InForce, Failure> {
    let name = path.display().to_string();
    let text = std::fs::read_to_string(path).map_err(|error| {
        Failure::new(Exit::Policy, format!("cannot read the policy `{name}`: {error}"))
    })?;
    let policy = read(&name, &text)?;
    Ok(InForce { revision: toolgate_gateway::revision(&policy), name, policy })
}

fn of_store(text: &PolicyText) -> Result<InForce, Failure> {
    let policy = read(&text.name, &text.text)?;
    let revision = format!("{}@{}", text.name, text.revision);
    Ok(InForce { name: format!("{} revision {}", text.name, text.revision), revision, policy })
}

fn read(name: &str, text: &str) -> Result<Policy, Failure> {
    document::read(name, text).map(|(policy, _)| policy).map_err(|errors| {
        output::tell(document::render(&errors, text, Colour::Off).trim_end());
        Failure::new(Exit::Policy, format!("the policy `{name}` has errors"))
    })
}

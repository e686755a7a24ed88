//! The policies that recorded calls are decided by again.

use std::sync::Arc;

use toolgate_gateway::revision;
use toolgate_policy::{Policy, document};
use toolgate_store::DirectoryReader;
use toolgate_store::replay::{Policies, stored_names};

use crate::exit::{Exit, Failure};
use crate::policy_text;

/// Files, or names of stored policies, the outermost first; and what to call them together.
pub(crate) fn read(
    given: &[&str],
    reader: &DirectoryReader,
) -> Result<(Policies, String), Failure> {
    let mut named = Vec::new();
    for given in given {
        let policy = one(given, reader)?;
        let called =
            stored_names(&policy, reader)?.into_iter().chain([revision(&policy)]).collect();
        named.push((Arc::new(policy), called));
    }
    Ok((Policies::new(named), given.join(" and ")))
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

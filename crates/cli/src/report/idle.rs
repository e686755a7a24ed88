//! Rules that stopped nothing, and tools that nobody called.

use toolgate_policy::Amount;

use super::policies::InForce;
use super::tally::{Done, Tally};

/// One policy in force, and what of it did nothing.
#[derive(Debug)]
pub(crate) struct Idle {
    pub(crate) policy: String,
    pub(crate) revision: String,
    /// How many calls this very text decided.
    pub(crate) calls: u64,
    pub(crate) rules: Vec<IdleRule>,
    /// Names and patterns of `tools` that no call met.
    pub(crate) uncalled: Vec<String>,
}

#[derive(Debug)]
pub(crate) struct IdleRule {
    pub(crate) pointer: String,
    pub(crate) what: &'static str,
    pub(crate) is_shadow: bool,
    /// The most that was used of a limit, and the limit.
    pub(crate) peak: Option<(Amount, Amount)>,
}

/// Only calls that this very text decided count: in another, a place may be another rule's.
pub(crate) fn idle(policies: &[InForce], tally: &Tally) -> Vec<Idle> {
    let none = Done::default();
    policies
        .iter()
        .map(|one| of(one, tally.revisions.get(&one.revision).unwrap_or(&none)))
        .collect()
}

fn of(one: &InForce, done: &Done) -> Idle {
    let stated = one.policy.stated().filter(|rule| !done.hit.contains(rule.pointer()));
    let rules = stated.map(|rule| IdleRule {
        pointer: rule.pointer().to_owned(),
        what: rule.what(),
        is_shadow: rule.is_shadow(),
        peak: done.peaks.get(rule.pointer()).copied(),
    });
    let met = |key: &toolgate_policy::Listed<'_>| done.tools.iter().any(|tool| key.covers(tool));
    let uncalled = one.policy.listed().into_iter().filter(|key| !met(key));
    Idle {
        policy: one.name.clone(),
        revision: one.revision.clone(),
        calls: done.calls,
        rules: rules.collect(),
        uncalled: uncalled.map(|key| key.key().to_owned()).collect(),
    }
}

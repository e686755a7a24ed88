//! What is in shadow changes nothing, and says truly what it would have changed.

use std::sync::Arc;

use proptest::prelude::*;

use super::{Place, Rule, Said, approvals, call, placed, policy, posture, said};
use crate::decision::{Decision, Obligation};
use crate::limit::{Charge, Counter};
use crate::rule::{Policy, Posture, Test};
use crate::shadow::Stop;
use crate::{Layers, Scope};

/// A policy of which some checks are in shadow: those that say so in `shadows`, in order.
#[derive(Clone, Debug)]
struct Partly {
    default: Posture,
    rules: Vec<(Place, Rule)>,
    shadows: Vec<bool>,
    /// The document as a whole.
    shadow: bool,
}

fn partly() -> impl Strategy<Value = Partly> {
    let rules = prop::collection::vec(placed(), 0..5);
    let whole = prop::bool::weighted(0.2);
    (posture(), rules, prop::collection::vec(any::<bool>(), 5), whole)
        .prop_map(|(default, rules, shadows, shadow)| Partly { default, rules, shadows, shadow })
}

impl Partly {
    fn enforced(&self) -> Policy {
        policy(self.default, &self.rules)
    }

    fn made(&self) -> Policy {
        let mut policy = self.enforced();
        let checks = policy.tools.entries.iter_mut().flat_map(|entry| &mut entry.checks);
        for (check, shadow) in checks.zip(&self.shadows) {
            check.shadow = *shadow || self.shadow;
            if let (true, Test::Limit(limit)) = (check.shadow, &check.test) {
                policy.shadowed.push(limit.counter());
            }
        }
        policy.shadow = self.shadow;
        policy
    }

    /// Without its checks in shadow.
    fn rest(&self) -> Policy {
        let mut policy = self.made();
        for entry in &mut policy.tools.entries {
            entry.checks.retain(|check| !check.shadow);
        }
        policy.shadowed.clear();
        policy
    }
}

/// As the gateway has it: the definition is known only where some rule asks for it.
fn decide(policies: Vec<Policy>, said: &Said) -> Decision {
    let layers = Layers::new(policies.into_iter().map(Arc::new).collect());
    let is_known = said.is_known && layers.needs_definition("tool");
    layers.decide(call(said.arguments.as_deref(), is_known))
}

fn made(layers: &[Partly], how: fn(&Partly) -> Policy) -> Vec<Policy> {
    layers.iter().map(how).collect()
}

fn spent(obligations: &[Obligation]) -> Vec<Charge> {
    let charges = obligations.iter().filter_map(|one| match one {
        Obligation::Approve(_) => None,
        Obligation::Spend(charges) => Some(charges.clone()),
    });
    charges.flatten().collect()
}

fn layers() -> impl Strategy<Value = Vec<Partly>> {
    prop::collection::vec(partly(), 1..4)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, ..ProptestConfig::default() })]

    #[test]
    fn what_is_in_shadow_changes_no_decision(layers in layers(), said in said()) {
        let (with, without) = (
            decide(made(&layers, Partly::made), &said),
            decide(made(&layers, Partly::rest), &said),
        );
        match (with, without) {
            (Decision::Allow(with), Decision::Allow(without)) => {
                prop_assert_eq!(with.obligations(), without.obligations());
                prop_assert!(without.shadow().is_none_or(|shadow| shadow.charges.is_empty()));
            }
            (Decision::Deny(with), Decision::Deny(without)) => {
                prop_assert_eq!(with.reason, without.reason);
                prop_assert_eq!(with.layer, without.layer);
            }
            (with, without) => prop_assert!(false, "{with:?} in place of {without:?}"),
        }
    }

    #[test]
    fn a_shadow_says_what_enforcing_would_have_done(layers in layers(), said in said()) {
        let Decision::Allow(allowed) = decide(made(&layers, Partly::made), &said) else {
            return Ok(());
        };
        let shadow = allowed.shadow().cloned().unwrap_or_default();
        match (decide(made(&layers, Partly::enforced), &said), shadow.stop) {
            (Decision::Deny(denied), Some(Stop::Deny { layer, reason })) => {
                prop_assert_eq!(denied.reason, reason);
                prop_assert_eq!(denied.layer, layer);
            }
            (Decision::Allow(enforced), stop) => {
                let asked = approvals(enforced.obligations()) > approvals(allowed.obligations());
                prop_assert_eq!(asked, matches!(stop, Some(Stop::Approve(_))));
                let denied = matches!(stop, Some(Stop::Deny { .. }));
                prop_assert!(!denied);
                let all = spent(enforced.obligations());
                for charge in &shadow.charges {
                    let counted = |one: &&Charge| one.counter.in_shadow() == charge.counter;
                    let enforced = all.iter().find(counted);
                    prop_assert_eq!(enforced.map(|one| one.amount), Some(charge.amount));
                }
            }
            (enforced, stop) => prop_assert!(false, "{stop:?}, but enforced {enforced:?}"),
        }
    }

    #[test]
    fn real_and_shadow_counters_are_never_one(layers in layers(), said in said()) {
        if let Decision::Allow(allowed) = decide(made(&layers, Partly::made), &said) {
            let is_real = |counter: &Counter| !counter.unit.is_shadow();
            prop_assert!(spent(allowed.obligations()).iter().all(|one| is_real(&one.counter)));
            let shadow = allowed.shadow().cloned().unwrap_or_default();
            prop_assert!(!shadow.charges.iter().any(|one| is_real(&one.counter)));
        }
    }
}

/// A limit in shadow shares its counter with one that is enforced on another tool.
#[test]
fn what_is_spent_for_real_counts_for_a_limit_in_shadow_of_the_same_counter() {
    let limit = || Rule::Limit(None, Scope::Grant);
    let partly = Partly {
        default: Posture::Deny,
        rules: vec![(Place::Exact, limit()), (Place::Other, limit())],
        shadows: vec![false, true],
        shadow: false,
    };
    let said = Said { arguments: None, is_known: false };
    let Decision::Allow(allowed) = decide(vec![partly.made()], &said) else { panic!("denied") };
    let charges = &allowed.shadow().unwrap().charges;
    assert_eq!(charges.len(), 1);
    assert!(charges[0].counter.unit.is_shadow());
    assert!(charges[0].bounds.is_empty(), "only the limit in shadow bounds it");
}

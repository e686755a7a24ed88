//! A layer only narrows.

use std::sync::Arc;

use proptest::prelude::*;

use super::Layers;
use crate::call::Subject;
use crate::decide::tests::{Place, Rule, Said, call, placed, policy, posture, said};
use crate::decision::{Decision, Obligation};
use crate::limit::Charge;
use crate::rule::{Posture, Results};

type Layer = (Posture, Vec<(Place, Rule)>);

fn layer() -> impl Strategy<Value = Layer> {
    (posture(), prop::collection::vec(placed(), 0..4))
}

fn decide(layers: &[Layer], said: &Said) -> Decision {
    let policies = layers.iter().map(|(default, rules)| Arc::new(policy(*default, rules)));
    Layers::new(policies.collect()).decide(call(said.arguments.as_deref(), said.is_known))
}

/// What is owed if the call is allowed.
fn owed(layers: &[Layer], said: &Said) -> Option<Vec<Obligation>> {
    match decide(layers, said) {
        Decision::Allow(allowed) => Some(allowed.obligations().to_vec()),
        Decision::Deny(_) => None,
    }
}

fn approvals(obligations: &[Obligation]) -> usize {
    obligations.iter().filter(|one| matches!(one, Obligation::Approve(_))).count()
}

fn charges(obligations: &[Obligation]) -> impl Iterator<Item = &Charge> {
    obligations.iter().flat_map(|one| match one {
        Obligation::Approve(_) => &[],
        Obligation::Spend(charges) => &charges[..],
    })
}

/// Whether `all` has every charge of `some`: no smaller, and within no fewer bounds.
fn includes(all: &[Obligation], some: &[Obligation]) -> bool {
    charges(some).all(|charge| {
        let found = charges(all).find(|other| other.counter == charge.counter);
        found.is_some_and(|found| {
            found.amount >= charge.amount && found.bounds.len() >= charge.bounds.len()
        })
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 2000, ..ProptestConfig::default() })]

    #[test]
    fn adding_a_layer_never_allows_more(
        layers in prop::collection::vec(layer(), 1..4),
        added in layer(),
        at in any::<prop::sample::Index>(),
        said in said(),
    ) {
        let before = owed(&layers, &said);
        let mut layers = layers;
        layers.insert(at.index(layers.len() + 1), added);
        if let Some(after) = owed(&layers, &said) {
            let before = before.expect("a layer turned a denial into an allowance");
            prop_assert!(approvals(&after) >= approvals(&before));
            prop_assert!(includes(&after, &before));
        }
    }

    #[test]
    fn layers_allow_what_each_of_them_allows_and_no_more(
        layers in prop::collection::vec(layer(), 1..4),
        said in said(),
    ) {
        let each = |layer: &Layer| owed(std::slice::from_ref(layer), &said).is_some();
        prop_assert_eq!(owed(&layers, &said).is_some(), layers.iter().all(each));
    }

    #[test]
    fn the_outermost_denial_is_the_one_that_counts(
        layers in prop::collection::vec(layer(), 1..4),
        said in said(),
    ) {
        if let Decision::Deny(denied) = decide(&layers, &said) {
            prop_assert!(owed(&layers[..denied.layer], &said).is_some() || denied.layer == 0);
            let alone = decide(&layers[denied.layer..=denied.layer], &said);
            let Decision::Deny(alone) = alone else { panic!("that layer denies nothing") };
            prop_assert_eq!(alone.reason, denied.reason);
        }
    }

    #[test]
    fn a_counter_that_several_layers_name_is_spent_once(
        layers in prop::collection::vec(layer(), 1..4),
        said in said(),
    ) {
        let owed = owed(&layers, &said).unwrap_or_default();
        let mut counters: Vec<_> = charges(&owed).map(|charge| charge.counter.clone()).collect();
        counters.sort();
        let count = counters.len();
        counters.dedup();
        prop_assert_eq!(counters.len(), count);
    }
}

#[test]
fn without_any_policy_nothing_is_allowed_or_shown() {
    let none = Layers::default();
    let Decision::Deny(denied) = none.decide(call(None, false)) else { panic!("allowed") };
    assert_eq!(denied.reason.code.as_str(), "no_policy");
    assert!(none.decides(Subject::Resource));
    assert!(none.omits_any(Subject::Prompt));
    assert!(none.omits(Subject::Prompt, "any"));
    assert!(none.omits_template("file:///{path}"));
    assert!(!none.omits(Subject::Tool, "tool"));
}

#[test]
fn the_strictest_layer_says_what_happens_to_results() {
    let policy = |text: &str| {
        let (policy, _) = crate::document::read("test", text).unwrap();
        Arc::new(policy)
    };
    let outer = policy("default: allow\nresults: strip\ntools: {a: {results: flag}}\n");
    let inner = policy("default: allow\ntools: {a: {}, b: {results: block}, c: {results: flag}}\n");
    let silent = policy("default: allow\ntools: {a: {}}\n");
    let layers = Layers::new(vec![outer, inner]);
    assert_eq!(layers.results("a"), Some(Results::Flag));
    assert_eq!(layers.results("b"), Some(Results::Block));
    assert_eq!(layers.results("c"), Some(Results::Strip));
    assert_eq!(Layers::new(vec![silent]).results("a"), None);
}

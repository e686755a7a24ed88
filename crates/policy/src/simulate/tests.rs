//! What a simulation answers; `crates/store` holds it to the store itself.

use std::num::NonZeroU64;

use super::{Admitted, Simulated};
use crate::{
    Align, Amount, Bound, Caller, Charge, Counter, Principal, Refund, Scope, Unit, Window,
};

const SECOND_NS: u64 = 1_000_000_000;

fn caller(grant: &str) -> Caller {
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    Caller { principal, grant: grant.to_owned(), server: "shop".to_owned() }
}

fn charge(max: u128, length_s: u64, scope: Scope) -> Charge {
    let window = Window { length_s: NonZeroU64::new(length_s).unwrap(), align: Align::Sliding };
    let max = Amount::from_units(Amount::ONE.units() * max);
    let (pointer, refund) = ("/tools/pay".into(), Refund::NotSent);
    let bound = Bound { scope, window, max, pointer, layer: 0, on_deny: None, refund };
    let counter = Counter { name: "pay".into(), unit: Unit::Calls };
    Charge { counter, amount: Amount::ONE, bounds: vec![bound] }
}

fn retry(admitted: &Admitted) -> Option<u64> {
    match admitted {
        Admitted::Fits(_) => None,
        Admitted::Over { retry_after_ms, .. } => *retry_after_ms,
    }
}

#[test]
fn a_limit_is_over_until_the_window_has_passed() {
    let (mut all, caller) = (Simulated::new(), caller("g"));
    let charges = [charge(2, 60, Scope::Grant)];
    for time_s in [0, 10] {
        assert_eq!(retry(&all.admit(&caller, &charges, time_s * SECOND_NS)), None);
    }
    assert_eq!(retry(&all.admit(&caller, &charges, 20 * SECOND_NS)), Some(40_000));
    assert_eq!(retry(&all.admit(&caller, &charges, 60 * SECOND_NS - 1)), Some(1));
    assert_eq!(retry(&all.admit(&caller, &charges, 60 * SECOND_NS)), None);
}

#[test]
fn what_is_given_back_can_be_spent_again_but_only_once() {
    let (mut all, caller) = (Simulated::new(), caller("g"));
    let charges = [charge(1, 60, Scope::Grant)];
    let Admitted::Fits(ticket) = all.admit(&caller, &charges, 0) else { panic!("it is the first") };
    all.refund(&ticket);
    assert!(matches!(all.admit(&caller, &charges, 1), Admitted::Fits(_)));
    all.refund(&ticket);
    assert!(matches!(all.admit(&caller, &charges, 2), Admitted::Over { .. }));
}

#[test]
fn a_window_that_nobody_asked_for_before_counts_what_was_spent_before() {
    let (mut all, caller) = (Simulated::new(), caller("g"));
    for time_s in 0..5 {
        all.spend(&caller, &[charge(1000, 1, Scope::Grant)], time_s * SECOND_NS);
    }
    assert!(retry(&all.admit(&caller, &[charge(5, 3600, Scope::Grant)], 5 * SECOND_NS)).is_some());
    assert!(retry(&all.admit(&caller, &[charge(5, 3600, Scope::Global)], 5 * SECOND_NS)).is_some());
}

#[test]
fn other_grants_have_counters_of_their_own() {
    let mut all = Simulated::new();
    let charges = [charge(1, 60, Scope::Grant)];
    for grant in ["one", "other"] {
        assert!(matches!(all.admit(&caller(grant), &charges, 0), Admitted::Fits(_)));
    }
    let shared = [charge(2, 60, Scope::Server)];
    assert!(matches!(all.admit(&caller("third"), &shared, 0), Admitted::Over { .. }));
}

#[test]
fn time_that_runs_backwards_opens_nothing() {
    let (mut all, caller) = (Simulated::new(), caller("g"));
    let charges = [charge(1, 60, Scope::Grant)];
    assert!(matches!(all.admit(&caller, &charges, 100 * SECOND_NS), Admitted::Fits(_)));
    assert_eq!(retry(&all.admit(&caller, &charges, 0)), Some(60_000));
}

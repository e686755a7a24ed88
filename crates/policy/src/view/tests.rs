//! A view against the plain list of what was spent.

use std::num::NonZeroU64;

use proptest::prelude::*;

use super::{Room, SECOND_NS, SPANS_MAX, View};
use crate::{Align, Amount, Window};

const LENGTH_NS: u64 = 7 * SECOND_NS;
/// A seventh of a second does not divide evenly: slices are rounded up.
const SLICE_NS: u64 = LENGTH_NS.div_ceil(60);

fn new(align: Align) -> View {
    let length_s = NonZeroU64::new(LENGTH_NS / SECOND_NS).unwrap();
    View::new(Window { length_s, align })
}

fn units(amount: Option<Amount>) -> u128 {
    amount.unwrap().units()
}

fn within(spent: &[(u64, u128)], after_ns: u64) -> u128 {
    spent.iter().filter(|(then_ns, _)| *then_ns > after_ns).map(|(_, amount)| amount).sum()
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 256, ..ProptestConfig::default() })]

    /// Gaps short enough that hundreds of moments fall into one window, to the nanosecond.
    #[test]
    fn never_too_low_and_at_most_one_slice_too_high(
        gaps_ns in prop::collection::vec(
            prop_oneof![100 => 0..2 * LENGTH_NS / 400, 1 => 0..LENGTH_NS + 2], 300..1500),
        refunds in prop::collection::vec(any::<prop::sample::Index>(), 1500),
    ) {
        let mut view = new(Align::Sliding);
        let mut spent: Vec<(u64, u128)> = Vec::new();
        let mut now_ns = 1_700_000_000 * SECOND_NS;
        for (i, gap_ns) in gaps_ns.into_iter().enumerate() {
            now_ns += gap_ns;
            let amount = 1 + (i as u128 % 3);
            view.add(now_ns, Amount::from_units(amount));
            spent.push((now_ns, amount));
            if i % 4 == 0 {
                let (then_ns, amount) = spent.remove(refunds[i].index(spent.len()));
                view.refund(then_ns, Amount::from_units(amount));
            }
            let held = units(view.sum());
            let exact = within(&spent, now_ns - LENGTH_NS);
            prop_assert!(held >= exact, "{held} is too low, {exact} were spent");
            prop_assert!(held <= within(&spent, now_ns - LENGTH_NS - SLICE_NS), "too strict");
            prop_assert!(view.coarse || held == exact);
            prop_assert!(view.spans.len() <= SPANS_MAX);
            // What it says of the future holds if nothing else comes.
            let (more, max) = (Amount::from_units(2), Amount::from_units(held / 2 + 2));
            if let Room::At(at_ns) = view.room(more, max) {
                for (then_ns, fits) in [(at_ns - 1, false), (at_ns, true)] {
                    let mut then = view.clone();
                    then.expire(then_ns);
                    prop_assert_eq!(then.room(more, max) == Room::Now, fits);
                }
            }
        }
    }
}

#[test]
fn many_moments_become_slices_and_few_are_exact_again() {
    let mut view = new(Align::Sliding);
    let count = u64::try_from(SPANS_MAX).unwrap();
    let step_ns = LENGTH_NS / (2 * count);
    for n in 0..count {
        view.add(n * step_ns, Amount::STEP);
    }
    assert!(!view.coarse);
    view.add(count * step_ns, Amount::STEP);
    assert!(view.coarse);
    assert!(view.spans.len() <= 32, "half a window is half the slices: {}", view.spans.len());
    assert_eq!(units(view.sum()), u128::from(count) + 1);
    view.expire(count * step_ns + LENGTH_NS);
    assert!(!view.coarse && view.spans.is_empty());
}

#[test]
fn a_calendar_window_is_one_span() {
    let mut view = new(Align::Calendar);
    for n in 0..2000 {
        view.add(LENGTH_NS + n, Amount::STEP);
    }
    assert_eq!((view.spans.len(), units(view.sum())), (1, 2000));
    view.refund(LENGTH_NS - 1, Amount::STEP);
    assert_eq!(units(view.sum()), 2000, "that was another window");
    view.refund(LENGTH_NS + 7, Amount::STEP);
    assert_eq!(units(view.sum()), 1999);
    view.expire(2 * LENGTH_NS - 1);
    assert_eq!(units(view.sum()), 1999);
    view.expire(2 * LENGTH_NS);
    assert_eq!(units(view.sum()), 0);
}

#[test]
fn what_does_not_fit_into_a_number_is_full_until_it_expires() {
    let mut view = new(Align::Sliding);
    let most = Amount::from_units(u128::MAX);
    view.add(1, most);
    view.add(1, Amount::STEP);
    view.refund(1, most);
    assert_eq!(view.room(Amount::STEP, most), Room::At(1 + LENGTH_NS));
    view.add(2, most);
    assert_eq!(view.sum(), None);
    assert_eq!(view.room(Amount::STEP, most), Room::At(2 + LENGTH_NS));
}

#[test]
fn the_longest_window_never_ends() {
    let mut view = View::new(Window { length_s: NonZeroU64::MAX, align: Align::Sliding });
    view.add(5, Amount::STEP);
    view.expire(u64::MAX - 1);
    assert_eq!(units(view.sum()), 1);
}

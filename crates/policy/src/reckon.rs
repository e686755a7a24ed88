//! Whether what a call owes fits: the reckoning that the store and a simulation share.

use crate::amount::Amount;
use crate::limit::{Bound, Charge, Counter};
use crate::view::{Room, View};

/// What a call wants of one counter: all its charges to it hold together or not at all.
#[derive(Clone, Copy, Debug)]
pub struct Demand {
    earlier: Option<Amount>,
    all: Option<Amount>,
}

/// How much of a bound is used, for a caller at some moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Weight {
    pub counter: Counter,
    pub bound: Bound,
    /// Spent in the bound's window, as far as it is known: never too little.
    pub used: Amount,
    /// When nothing of that counts any more; nothing if nothing does now.
    pub reset_in_ms: Option<u64>,
    /// When a call like this one fits, if it does not fit now but will.
    pub retry_in_ms: Option<u64>,
}

impl Demand {
    /// Of the charge at `at`, which may stand behind others to the same counter.
    pub fn of(charges: &[Charge], at: usize) -> Option<Self> {
        let counter = &charges.get(at)?.counter;
        Some(Self { earlier: total(&charges[..at], counter), all: total(charges, counter) })
    }

    /// What the window holds, earlier charges of the same call included, and when all of the call
    /// stays within `max`.
    pub fn meet(self, view: &View, max: Amount) -> (Amount, Room) {
        let held = view.sum().and_then(|sum| sum.checked_add(self.earlier?));
        let room = self.all.map_or(Room::Never, |all| view.room(all, max));
        (held.unwrap_or(Amount::from_units(u128::MAX)), room)
    }
}

impl Weight {
    /// Of one charge by itself.
    pub fn of(charge: &Charge, bound: &Bound, view: &View, now_ns: u64) -> Self {
        let in_ms = |at_ns: u64| at_ns.saturating_sub(now_ns).div_ceil(1_000_000);
        Self {
            counter: charge.counter.clone(),
            bound: bound.clone(),
            used: view.sum().unwrap_or(Amount::from_units(u128::MAX)),
            reset_in_ms: view.reset_ns().map(in_ms),
            retry_in_ms: match view.room(charge.amount, bound.max) {
                Room::At(at_ns) => Some(in_ms(at_ns)),
                Room::Never | Room::Now => None,
            },
        }
    }
}

/// The first bound that does not hold now, and when all of them do.
pub fn first_over<'a>(
    met: impl Iterator<Item = (&'a Bound, Room)> + Clone,
) -> Option<(&'a Bound, Room)> {
    let (bound, _) = met.clone().find(|(_, room)| *room > Room::Now)?;
    let room = met.map(|(_, room)| room).max()?;
    Some((bound, room))
}

/// What all charges to one counter add up to; nothing if more than an [`Amount`] holds.
fn total(charges: &[Charge], counter: &Counter) -> Option<Amount> {
    let same = charges.iter().filter(|charge| charge.counter == *counter);
    same.map(|charge| charge.amount).try_fold(Amount::ZERO, Amount::checked_add)
}

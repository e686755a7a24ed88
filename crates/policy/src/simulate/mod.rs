//! Limits in memory, on whatever clock the caller keeps: what the store would answer, without one.
//!
//! For tests in documents and for recorded calls that are run again. Windows, keys and the
//! reckoning are those of the store; only what the store reads back from its log is kept here.

mod ledger;

use crate::call::Caller;
use crate::counter_key::CounterKey;
use crate::limit::{Bound, Charge, Scope};
use crate::reckon::{Demand, Weight, first_over};
use crate::view::Room;
use ledger::Ledger;

/// All counters of a simulation. Time does not run backwards in it: an earlier time is taken for
/// the latest one.
#[derive(Clone, Debug, Default)]
pub struct Simulated {
    ledger: Ledger,
    newest_ns: u64,
}

/// What becomes of a call's charges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Admitted {
    /// All are spent.
    Fits(Ticket),
    /// None is: the first bound that does not hold, and when all of them do, if ever.
    Over { bound: Box<Bound>, retry_after_ms: Option<u64> },
}

/// What was spent at once, so that it can be given back.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Ticket {
    first: usize,
    charges: usize,
}

/// How one charge stands: what each bound's window holds, and when it fits.
struct Standing {
    counters: [u32; 4],
    rooms: Vec<Room>,
}

impl Simulated {
    pub fn new() -> Self {
        Self::default()
    }

    /// Spends all charges at `time_ns`, or none.
    pub fn admit(&mut self, caller: &Caller, charges: &[Charge], time_ns: u64) -> Admitted {
        let now_ns = self.now(time_ns);
        let standings: Vec<Standing> =
            (0..charges.len()).map(|at| self.measure(caller, charges, at, now_ns)).collect();
        let rooms = charges.iter().zip(&standings).flat_map(|(charge, standing)| {
            charge.bounds.iter().zip(standing.rooms.iter().copied())
        });
        if let Some((bound, room)) = first_over(rooms) {
            let retry_after_ms = match room {
                Room::At(at_ns) => Some(at_ns.saturating_sub(now_ns).div_ceil(1_000_000)),
                Room::Never | Room::Now => None,
            };
            return Admitted::Over { bound: Box::new(bound.clone()), retry_after_ms };
        }
        let ticket = Ticket { first: self.ledger.len(), charges: charges.len() };
        for (charge, standing) in charges.iter().zip(&standings) {
            self.ledger.spend(standing.counters, charge.amount, now_ns);
        }
        Admitted::Fits(ticket)
    }

    /// Spends all charges whether they fit or not: what has happened has happened.
    pub fn spend(&mut self, caller: &Caller, charges: &[Charge], time_ns: u64) -> Ticket {
        let now_ns = self.now(time_ns);
        let ticket = Ticket { first: self.ledger.len(), charges: charges.len() };
        for charge in charges {
            let counters = self.ledger.counters(&CounterKey::all(caller, &charge.counter));
            self.ledger.spend(counters, charge.amount, now_ns);
        }
        ticket
    }

    /// Gives back what was spent, once.
    pub fn refund(&mut self, ticket: &Ticket) {
        for at in ticket.first..ticket.first.saturating_add(ticket.charges) {
            self.ledger.refund(at);
        }
    }

    /// How much of each bound is used at `time_ns`, one charge at a time. Spends nothing.
    pub fn weigh(&mut self, caller: &Caller, charges: &[Charge], time_ns: u64) -> Vec<Weight> {
        let now_ns = self.now(time_ns);
        let mut weights = Vec::new();
        for charge in charges {
            let counters = self.ledger.counters(&CounterKey::all(caller, &charge.counter));
            for bound in &charge.bounds {
                let view = self.ledger.view(counters[place(bound.scope)], bound.window, now_ns);
                weights.push(Weight::of(charge, bound, view, now_ns));
            }
        }
        weights
    }

    fn measure(&mut self, caller: &Caller, charges: &[Charge], at: usize, now_ns: u64) -> Standing {
        let charge = &charges[at];
        let counters = self.ledger.counters(&CounterKey::all(caller, &charge.counter));
        let demand = Demand::of(charges, at);
        let mut rooms = Vec::with_capacity(charge.bounds.len());
        for bound in &charge.bounds {
            let view = self.ledger.view(counters[place(bound.scope)], bound.window, now_ns);
            rooms.push(demand.map_or(Room::Never, |demand| demand.meet(view, bound.max).1));
        }
        Standing { counters, rooms }
    }

    fn now(&mut self, time_ns: u64) -> u64 {
        self.newest_ns = self.newest_ns.max(time_ns);
        self.newest_ns
    }
}

/// Where the scope stands in [`Scope::ALL`].
fn place(scope: Scope) -> usize {
    Scope::ALL.iter().position(|other| *other == scope).unwrap_or_default()
}

#[cfg(test)]
mod tests;

//! Counters of a replay, between two bounds: with and without the calls that cannot be judged.

use toolgate_policy::simulate::{Admitted, Simulated, Ticket};
use toolgate_policy::{Amount, Bound, Caller, Charge, Counter};

#[derive(Debug, Default)]
pub(super) struct Budget {
    /// Without the calls that may have been counted.
    least: Simulated,
    /// With all of them; nothing as long as there are none.
    most: Option<Simulated>,
}

/// What was spent, under both bounds.
#[derive(Debug)]
pub(super) struct Spent {
    least: Option<Ticket>,
    most: Option<Ticket>,
}

pub(super) enum Room {
    Fits(Spent),
    Over(Box<Bound>),
    /// It depends on calls that cannot be judged.
    Unsure(Box<Bound>, Spent),
}

impl Budget {
    /// Spends all charges if they fit.
    pub(super) fn admit(&mut self, caller: &Caller, charges: &[Charge], time_ns: u64) -> Room {
        let least = self.least.admit(caller, charges, time_ns);
        let most = self.most.as_mut().map(|most| most.admit(caller, charges, time_ns));
        match (least, most) {
            (Admitted::Over { bound, .. }, _) => Room::Over(bound),
            (Admitted::Fits(least), None) => Room::Fits(Spent { least: Some(least), most: None }),
            (Admitted::Fits(least), Some(Admitted::Fits(most))) => {
                Room::Fits(Spent { least: Some(least), most: Some(most) })
            }
            (Admitted::Fits(least), Some(Admitted::Over { bound, .. })) => {
                self.least.refund(&least);
                let most = self.most.as_mut().map(|most| most.spend(caller, charges, time_ns));
                Room::Unsure(bound, Spent { least: None, most })
            }
        }
    }

    /// Spends what was spent, whether it fits or not.
    pub(super) fn spend(&mut self, caller: &Caller, charges: &[Charge], time_ns: u64) -> Spent {
        let most = self.most.as_mut().map(|most| most.spend(caller, charges, time_ns));
        Spent { least: Some(self.least.spend(caller, charges, time_ns)), most }
    }

    /// Spends what may have been spent. Nobody knows how much of `unmeasured` that is.
    pub(super) fn may_spend(
        &mut self,
        caller: &Caller,
        mut charges: Vec<Charge>,
        unmeasured: &[Counter],
        time_ns: u64,
    ) -> Spent {
        // More than any bound, and so little that some of them add up.
        let all = Amount::from_units(u128::MAX >> 16);
        for charge in charges.iter_mut().filter(|charge| unmeasured.contains(&charge.counter)) {
            charge.amount = all;
        }
        if charges.is_empty() {
            return Spent { least: None, most: None };
        }
        let most = self.most.get_or_insert_with(|| self.least.clone());
        Spent { least: None, most: Some(most.spend(caller, &charges, time_ns)) }
    }

    pub(super) fn refund(&mut self, spent: &Spent) {
        if let Some(ticket) = &spent.least {
            self.least.refund(ticket);
        }
        if let (Some(most), Some(ticket)) = (&mut self.most, &spent.most) {
            most.refund(ticket);
        }
    }
}

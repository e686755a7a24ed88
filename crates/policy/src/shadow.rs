//! What rules in shadow would have made of a call: told beside the decision, never part of it.

use crate::decision::{Approval, Reason};
use crate::limit::{Charge, Counter};

/// What would have become of an allowed call, had the rules in shadow been enforced.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Shadow {
    /// What would have stopped it, limits aside.
    pub stop: Option<Stop>,
    /// What its limits would have counted, apart from all that counts for real. Where something
    /// stops the call, nothing of this is spent.
    pub charges: Vec<Charge>,
}

/// A denial, or a question to a person.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stop {
    Approve(Approval),
    Deny {
        /// Which policy would have denied, where several decide: 0 is the outermost.
        layer: usize,
        reason: Reason,
    },
}

impl Shadow {
    /// The first denial counts, as it does among rules that are enforced.
    pub(crate) fn deny(&mut self, layer: usize, reason: Reason) {
        if !matches!(self.stop, Some(Stop::Deny { .. })) {
            self.stop = Some(Stop::Deny { layer, reason });
        }
    }

    /// A person is asked only about what nothing denies.
    pub(crate) fn ask(&mut self, approval: Approval) {
        self.stop.get_or_insert(Stop::Approve(approval));
    }

    /// What is spent for real of a counter that limits in shadow name, they count as well. Only
    /// they bound it.
    pub(crate) fn count(&mut self, counter: &Counter, real: &Charge) {
        let counter = counter.in_shadow();
        spend(&mut self.charges, Charge { counter, amount: real.amount, bounds: Vec::new() });
    }

    pub(crate) fn spend(&mut self, charge: Charge) {
        spend(&mut self.charges, Charge { counter: charge.counter.in_shadow(), ..charge });
    }
}

/// Several limits on one counter count a call once: by the greatest amount any of them says.
pub(crate) fn spend(charges: &mut Vec<Charge>, charge: Charge) {
    match charges.iter_mut().find(|known| known.counter == charge.counter) {
        Some(known) => {
            known.amount = known.amount.max(charge.amount);
            known.bounds.extend(charge.bounds);
        }
        None => charges.push(charge),
    }
}

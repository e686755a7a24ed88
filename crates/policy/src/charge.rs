//! What a call owes: approvals, and what limits count.

use std::sync::Arc;

use toolgate_json::{Decimal, Value};

use crate::amount::Amount;
use crate::call::Call;
use crate::decision::{Approval, Code, Obligation, Reason};
use crate::limit::{Bound, Charge, Counter, Unit};
use crate::path::{Doubt, Lookup, Path};
use crate::reason;
use crate::rule::{Ask, Check, Increment, Limit};

/// The obligations of one call, as its checks add them up.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    approvals: Vec<Obligation>,
    charges: Vec<Charge>,
    layer: usize,
}

impl Owed {
    /// What comes now is owed to this policy.
    pub(crate) fn enter(&mut self, layer: usize) {
        self.layer = layer;
    }

    pub(crate) fn approve(&mut self, check: &Check, ask: &Ask) {
        self.approvals.push(Obligation::Approve(Approval {
            pointer: check.pointer.clone(),
            layer: self.layer,
            on_deny: check.on_deny.clone(),
            terms: ask.terms.clone(),
        }));
    }

    /// Several limits on one counter count a call once: by the greatest amount any of them says.
    pub(crate) fn spend(&mut self, mut charge: Charge) {
        for bound in &mut charge.bounds {
            bound.layer = self.layer;
        }
        match self.charges.iter_mut().find(|known| known.counter == charge.counter) {
            Some(known) => {
                known.amount = known.amount.max(charge.amount);
                known.bounds.extend(charge.bounds);
            }
            None => self.charges.push(charge),
        }
    }

    /// Ask first, spend last.
    pub(crate) fn into_obligations(self) -> Vec<Obligation> {
        let mut obligations = self.approvals;
        if !self.charges.is_empty() {
            obligations.push(Obligation::Spend(self.charges));
        }
        obligations
    }
}

/// What one limit adds up for this call.
pub(crate) fn of(check: &Check, limit: &Limit, call: &Call) -> Result<Charge, Reason> {
    let amount = match &limit.increment {
        Increment::Argument(path) => argument(check, path, call.arguments())?,
        Increment::Fixed(amount) => *amount,
    };
    Ok(counted(check, limit, amount))
}

/// What one limit adds up for a call that has this amount.
pub(crate) fn counted(check: &Check, limit: &Limit, amount: Amount) -> Charge {
    let unit = match &limit.increment {
        Increment::Argument(_) => Unit::Amount,
        Increment::Fixed(_) => Unit::Calls,
    };
    let bound = Bound {
        scope: limit.scope,
        window: limit.window,
        max: limit.max,
        pointer: Arc::clone(&check.pointer),
        layer: 0,
        on_deny: check.on_deny.clone(),
        refund: limit.refund,
    };
    let counter = Counter { name: Arc::clone(&limit.counter), unit };
    Charge { counter, amount, bounds: vec![bound] }
}

fn argument(check: &Check, path: &Path, arguments: Option<Value<'_>>) -> Result<Amount, Reason> {
    let invalid = |why: &str| {
        let what = format!("argument `{}` is counted: {why}", path.argument());
        reason::checked(check, Code::AmountInvalid, &what)
    };
    let value = match path.find(arguments) {
        Lookup::Absent => return Err(invalid("it must be given")),
        Lookup::Doubt(Doubt::Twins(key)) => return Err(reason::twins(check, path, key)),
        Lookup::Doubt(doubt) => return Err(invalid(&reason::doubt_words(doubt))),
        Lookup::Found(value) => value,
    };
    let literal = value.as_number().ok_or_else(|| invalid("it must be a number"))?;
    let number = Decimal::known(literal)
        .ok_or_else(|| invalid("programs read the number differently; write fewer digits"))?;
    if number.is_negative() {
        return Err(invalid("it must not be negative"));
    }
    Amount::new(&number)
        .ok_or_else(|| invalid("it must be below 3.4e20, with at most 18 decimal places"))
}

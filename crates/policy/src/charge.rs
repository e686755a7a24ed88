//! What a call owes: approvals, and what limits count.

use std::sync::Arc;

use toolgate_json::{Decimal, Value};

use crate::amount::Amount;
use crate::call::Call;
use crate::decision::{Approval, Code, Obligation, Reason};
use crate::limit::{Bound, Charge, Counter};
use crate::path::{Doubt, Lookup, Path};
use crate::reason;
use crate::rule::{Ask, Check, Increment, Limit};
use crate::shadow::{self, Shadow};

/// The obligations of one call, as its checks add them up.
#[derive(Debug, Default)]
pub(crate) struct Owed {
    approvals: Vec<Obligation>,
    charges: Vec<Charge>,
    layer: usize,
    /// Whether what comes now is in shadow.
    aside: bool,
    /// Made when the first rule in shadow has something to say.
    shadow: Option<Box<Shadow>>,
}

impl Owed {
    /// What comes now is owed to this policy.
    pub(crate) fn enter(&mut self, layer: usize) {
        self.layer = layer;
    }

    /// What comes now is owed, or would be if the rule were not in shadow.
    pub(crate) fn set_aside(&mut self, in_shadow: bool) {
        self.aside = in_shadow;
    }

    pub(crate) fn approve(&mut self, check: &Check, ask: &Ask) {
        let approval = Approval {
            pointer: check.pointer.clone(),
            layer: self.layer,
            on_deny: check.on_deny.clone(),
            terms: ask.terms.clone(),
        };
        if self.aside {
            self.shadow().ask(approval);
        } else {
            self.approvals.push(Obligation::Approve(approval));
        }
    }

    pub(crate) fn spend(&mut self, mut charge: Charge) {
        for bound in &mut charge.bounds {
            bound.layer = self.layer;
        }
        if self.aside {
            self.shadow().spend(charge);
        } else {
            shadow::spend(&mut self.charges, charge);
        }
    }

    /// A denial in shadow is noted; any other is one.
    pub(crate) fn deny(&mut self, in_shadow: bool, reason: Reason) -> Result<(), Reason> {
        if !in_shadow {
            return Err(reason);
        }
        let layer = self.layer;
        self.shadow().deny(layer, reason);
        Ok(())
    }

    /// Counts for limits in shadow what was spent for real of the counters that they name.
    pub(crate) fn count(&mut self, shadowed: &[Counter]) {
        for counter in shadowed {
            let real = self.charges.iter().find(|charge| charge.counter == *counter);
            if let Some(real) = real.cloned() {
                self.shadow().count(counter, &real);
            }
        }
    }

    pub(crate) fn take_shadow(&mut self) -> Option<Box<Shadow>> {
        self.shadow.take()
    }

    fn shadow(&mut self) -> &mut Shadow {
        self.shadow.get_or_insert_default()
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
    let bound = Bound {
        scope: limit.scope,
        window: limit.window,
        max: limit.max,
        pointer: Arc::clone(&check.pointer),
        layer: 0,
        on_deny: check.on_deny.clone(),
        refund: limit.refund,
    };
    Charge { counter: limit.counter(), amount, bounds: vec![bound] }
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

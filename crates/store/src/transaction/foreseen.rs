//! What rules in shadow would have made of a call that is let through.

use toolgate_policy::{Charge, CounterKey, Shadow, Stop};

use super::Page;
use crate::counters::{Over, Reckoning, Standing};
use crate::facts::{Effect, Facts};
use crate::failure::Failure;

/// As it is recorded with the call.
#[derive(Debug)]
pub(crate) struct Foreseen<'a> {
    /// Nothing if it would have been let through as well: then the charges count.
    pub(crate) stop: Option<Stopped>,
    /// What limits in shadow wanted to count, unless something else stops the call.
    pub(crate) charges: &'a [Charge],
    pub(crate) keys: Vec<[CounterKey; 4]>,
    pub(crate) standings: Vec<Standing>,
}

#[derive(Debug)]
pub(crate) struct Stopped {
    pub(crate) effect: Effect,
    pub(crate) code: &'static str,
    pub(crate) pointer: String,
    pub(crate) layer: usize,
}

/// The effect on a call that nothing would have stopped.
pub(crate) const PASSES: &str = "allow";
/// What a question to a person is called.
const ASKS: &str = "require_approval";

impl Foreseen<'_> {
    /// Whether its charges count.
    pub(crate) fn counts(&self) -> bool {
        self.stop.is_none()
    }
}

impl Page<'_> {
    /// What would have become of a call that goes through. Limits are asked only where nothing
    /// else stops it, as they are where they are enforced.
    pub(super) fn foresee<'a>(
        &mut self,
        facts: &Facts,
        shadow: &'a Shadow,
    ) -> Result<Foreseen<'a>, Failure> {
        if let Some(stop) = &shadow.stop {
            let stop = Some(stopped(stop));
            return Ok(Foreseen { stop, charges: &[], keys: Vec::new(), standings: Vec::new() });
        }
        let charges = &shadow.charges[..];
        let named = charges.iter().map(|charge| &charge.counter);
        let keys: Vec<_> = named.map(|name| CounterKey::all(&facts.caller, name)).collect();
        let (counters, time_ns) = (&mut self.ledger.counters, self.stamp.time_ns);
        Ok(match counters.reckon_apart(self.database, charges, &keys, time_ns)? {
            Reckoning::Fits(standings) => Foreseen { stop: None, charges, keys, standings },
            Reckoning::Over(over) => {
                let stop = Some(limited(&over));
                Foreseen { stop, charges, keys, standings: over.standings }
            }
        })
    }

    pub(super) fn spend_all(
        &mut self,
        seq: u64,
        charges: &[Charge],
        keys: &[[CounterKey; 4]],
        standings: &[Standing],
    ) {
        for ((charge, keys), standing) in charges.iter().zip(keys).zip(standings) {
            self.spend(seq, charge, keys, standing);
        }
    }
}

fn stopped(stop: &Stop) -> Stopped {
    match stop {
        Stop::Approve(approval) => Stopped {
            effect: Effect::Pending,
            code: ASKS,
            pointer: approval.pointer.to_string(),
            layer: approval.layer,
        },
        Stop::Deny { layer, reason } => Stopped {
            effect: Effect::Deny,
            code: reason.code.as_str(),
            pointer: reason.pointer.to_string(),
            layer: *layer,
        },
    }
}

fn limited(over: &Over) -> Stopped {
    let bound = over.bound.as_ref();
    Stopped {
        effect: Effect::Limit,
        code: over.code,
        pointer: bound.map(|bound| bound.pointer.to_string()).unwrap_or_default(),
        layer: bound.map_or(0, |bound| bound.layer),
    }
}

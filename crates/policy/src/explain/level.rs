//! How full the windows of limits are, before the call and after.

use crate::amount::Amount;
use crate::explain::Explanation;
use crate::explain::step::Ends;
use crate::limit::{Charge, Counter, Scope, Unit, Window};
use crate::reckon::Weight;

/// One limit, as the call finds it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Level {
    pub counter: Counter,
    pub scope: Scope,
    pub window: Window,
    pub max: Amount,
    /// What the call counts.
    pub amount: Amount,
    pub before: Amount,
    /// Nothing where it does not fit.
    pub after: Option<Amount>,
    pub reset_in_ms: Option<u64>,
    /// When the call fits, if it does not now.
    pub retry_in_ms: Option<u64>,
}

impl Level {
    pub fn is_over(&self) -> bool {
        self.after.is_none()
    }

    /// When to come back, if waiting helps. It tells nothing of what is spent.
    pub fn wait(&self) -> Option<String> {
        let ms = self.retry_in_ms.filter(|_| self.is_over())?;
        Some(format!("call again in {}", wait(ms)))
    }

    /// What would make the call fit; nothing if it does.
    pub fn remedy(&self) -> Option<String> {
        if !self.is_over() {
            return None;
        }
        let left = self.max.saturating_sub(self.before);
        let smaller = (self.counter.unit == Unit::Amount && left > Amount::ZERO)
            .then(|| format!("count at most {left}"));
        let later = self.wait();
        let all: Vec<_> = smaller.into_iter().chain(later).collect();
        Some(if all.is_empty() {
            format!("nothing: {} never fits within {}", self.amount, self.max)
        } else {
            all.join(", or ")
        })
    }
}

impl Explanation {
    /// What limits count of the call, whether or not something else denies it.
    pub fn charges(&self) -> &[Charge] {
        &self.charges
    }

    /// Takes in how full each bound of [`Explanation::charges`] is. What no weight is given of
    /// stays as it is.
    pub fn weigh(&mut self, weights: &[Weight]) {
        for step in self.steps.iter_mut().filter(|step| !step.is_shadow) {
            let Ends::Spends(own) = &step.ends else { continue };
            let same = |weight: &&Weight| {
                weight.counter == own.counter
                    && weight.bound.pointer == step.pointer
                    && weight.bound.layer == step.layer
            };
            let Some(weight) = weights.iter().find(same) else { continue };
            // Several limits on one counter count a call once, by the greatest amount.
            let charge = self.charges.iter().find(|charge| charge.counter == own.counter);
            let amount = charge.map_or(own.amount, |charge| charge.amount);
            let level = level(weight, amount);
            step.remedy = level.remedy();
            step.level = Some(level);
        }
    }
}

fn level(weight: &Weight, amount: Amount) -> Level {
    let bound = &weight.bound;
    let sum = weight.used.checked_add(amount);
    let after = sum.filter(|sum| *sum <= bound.max && bound.max > Amount::ZERO);
    Level {
        counter: weight.counter.clone(),
        scope: bound.scope,
        window: bound.window,
        max: bound.max,
        amount,
        before: weight.used,
        after,
        reset_in_ms: weight.reset_in_ms,
        retry_in_ms: weight.retry_in_ms,
    }
}

/// A wait, rounded up, so that who waits as long is not too early.
fn wait(ms: u64) -> String {
    let seconds = ms.div_ceil(1000);
    match seconds {
        0..120 => format!("{seconds} s"),
        120..7200 => format!("{} min {} s", seconds / 60, seconds % 60),
        _ => format!("{} h {} min", seconds / 3600, seconds.div_ceil(60) % 60),
    }
}

//! What a call is counted by, under each of two policies.

use std::sync::Arc;

use crate::amount::Amount;
use crate::compare::Course;
use crate::compare::side::Side;
use crate::limit::{Align, Charge, Refund, Scope, Unit, Window};
use crate::rule::{Increment, Limit, Test};

/// One counter, as one policy has it.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Tally {
    counter: Arc<str>,
    unit: Unit,
    /// The greatest fixed amount; or none.
    fixed: Amount,
    /// Paths of arguments, the greatest of which is counted.
    paths: Vec<String>,
    bounds: Vec<Held>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Held {
    scope: Scope,
    window: Window,
    max: Amount,
    refund: Refund,
}

/// Nothing if they count alike.
pub(super) fn differ(sides: [&Side<'_>; 2]) -> Option<(Course, Vec<String>)> {
    let [old, new] = sides.map(tallies);
    let mut lines = Vec::new();
    for tally in &old {
        let same = new.iter().find(|other| tally.is_of(other));
        tally.tell(same, &mut lines);
    }
    for tally in new.iter().filter(|tally| !old.iter().any(|other| tally.is_of(other))) {
        lines.extend(tally.bounds.iter().map(|bound| format!("{} is new", tally.words(bound))));
    }
    if lines.is_empty() {
        return None;
    }
    let course = match (implies(&new, &old), implies(&old, &new)) {
        (true, false) => Course::Tighter,
        (false, true) => Course::Freer,
        _ => Course::Different,
    };
    Some((course, lines))
}

fn tallies(side: &Side<'_>) -> Vec<Tally> {
    let mut tallies: Vec<Tally> = Vec::new();
    for check in &side.checks {
        if let Test::Limit(limit) = &check.test {
            add(&mut tallies, limit);
        }
    }
    for tally in &mut tallies {
        tally.paths.sort();
        tally.paths.dedup();
    }
    tallies
}

fn add(tallies: &mut Vec<Tally>, limit: &Limit) {
    let (unit, fixed, path) = match &limit.increment {
        Increment::Argument(path) => (Unit::Amount, Amount::ZERO, Some(path.to_string())),
        Increment::Fixed(amount) => (Unit::Calls, *amount, None),
    };
    let bound =
        Held { scope: limit.scope, window: limit.window, max: limit.max, refund: limit.refund };
    let known = tallies.iter_mut().find(|it| it.counter == limit.counter && it.unit == unit);
    match known {
        Some(tally) => {
            tally.fixed = tally.fixed.max(fixed);
            tally.paths.extend(path);
            if !tally.bounds.contains(&bound) {
                tally.bounds.push(bound);
            }
        }
        None => tallies.push(Tally {
            counter: Arc::clone(&limit.counter),
            unit,
            fixed,
            paths: path.into_iter().collect(),
            bounds: vec![bound],
        }),
    }
}

/// Whether whatever stays within `one` stays within `other`, as far as that shows.
fn implies(one: &[Tally], other: &[Tally]) -> bool {
    other.iter().all(|tally| {
        let same = one.iter().find(|own| own.is_of(tally) && own.counts_no_less(tally));
        same.is_some_and(|same| {
            tally.bounds.iter().all(|bound| same.bounds.iter().any(|own| own.implies(bound)))
        })
    })
}

impl Tally {
    fn is_of(&self, other: &Self) -> bool {
        self.counter == other.counter && self.unit == other.unit
    }

    fn counts_no_less(&self, other: &Self) -> bool {
        self.fixed >= other.fixed && other.paths.iter().all(|path| self.paths.contains(path))
    }

    fn tell(&self, new: Option<&Self>, lines: &mut Vec<String>) {
        let Some(new) = new else {
            lines.extend(self.bounds.iter().map(|bound| format!("{} is gone", self.words(bound))));
            return;
        };
        if self.fixed != new.fixed || self.paths != new.paths {
            lines.push(format!(
                "counter `{}` adds {} for a call, not {}",
                self.counter,
                new.amount(),
                self.amount()
            ));
        }
        let gone = || self.bounds.iter().filter(|bound| !new.bounds.contains(bound));
        let mut fresh: Vec<&Held> =
            new.bounds.iter().filter(|bound| !self.bounds.contains(bound)).collect();
        for bound in gone() {
            let near =
                fresh.iter().position(|it| it.window == bound.window && it.scope == bound.scope);
            match near {
                Some(at) => {
                    let now = fresh.remove(at);
                    lines.push(format!("{} is now {}", self.words(bound), now.words()));
                }
                None => lines.push(format!("{} is gone", self.words(bound))),
            }
        }
        lines.extend(fresh.iter().map(|bound| format!("{} is new", new.words(bound))));
    }

    fn words(&self, bound: &Held) -> String {
        let what = if self.unit == Unit::Amount {
            format!(" of {}", self.amount())
        } else {
            String::new()
        };
        format!("{}{what} (counter `{}`)", bound.words(), self.counter)
    }

    fn amount(&self) -> String {
        if self.paths.is_empty() {
            self.fixed.to_string()
        } else {
            format!("`{}`", self.paths.join("` or `"))
        }
    }
}

impl Held {
    fn implies(&self, other: &Self) -> bool {
        let covers = match (self.window.align, other.window.align) {
            (Align::Sliding, _) => self.window.length_s >= other.window.length_s,
            (Align::Calendar, Align::Calendar) => self.window == other.window,
            (Align::Calendar, Align::Sliding) => false,
        };
        // What comes back after an error is counted less.
        let counts = self.refund == Refund::NotSent || other.refund == Refund::OnError;
        self.scope == other.scope && covers && counts && self.max <= other.max
    }

    fn words(&self) -> String {
        let align = match self.window.align {
            Align::Calendar => ", by the calendar",
            Align::Sliding => "",
        };
        let refund = match self.refund {
            Refund::NotSent => "",
            Refund::OnError => ", errors given back",
        };
        let (max, length_s) = (self.max, self.window.length_s);
        format!("at most {max} in {length_s} s per {}{align}{refund}", self.scope.as_str())
    }
}

/// A charge without what people may read of it.
pub(super) fn spelling(charge: &Charge) -> String {
    let mut bounds: Vec<String> = charge
        .bounds
        .iter()
        .map(|it| format!("{:?} {:?} {} {:?}", it.scope, it.window, it.max, it.refund))
        .collect();
    bounds.sort();
    bounds.dedup();
    format!("{} {} {bounds:?}", charge.counter, charge.amount)
}

//! `state`: counters of one tool, bounded by conditions on `state.<tool>.<counter>`.

use crate::amount::Amount;
use crate::document::conditions::counter_path;
use crate::document::deviation::Deviation;
use crate::document::findings::{Findings, quoted};
use crate::document::limits::{increment, line};
use crate::document::line::Line;
use crate::document::node::Node;
use crate::document::place::Place;
use crate::document::quantity::{amount, window_s};
use crate::document::shape::mend;
use crate::document::span::Span;
use crate::document::suggest::nearest;
use crate::document::table::Shape;
use crate::limit::{Align, Refund, Scope, Window};
use crate::rule::{Increment, Limit};

/// The counters that the rules of one tool declare.
#[derive(Debug, Default)]
pub(crate) struct Counters(Vec<Counter>);

#[derive(Debug)]
struct Counter {
    name: String,
    span: Span,
    /// Nothing where it is at fault, which is reported.
    counts: Option<(Increment, Window)>,
    bounded: bool,
}

impl Counters {
    /// Reads the `state` of every rule.
    pub(crate) fn read(rules: &[Node], findings: &mut Findings) -> Self {
        let mut counters = Self::default();
        for state in rules.iter().filter_map(|rule| rule.get("state")) {
            counters.declare(state, findings);
        }
        counters
    }

    fn declare(&mut self, state: &Node, findings: &mut Findings) {
        let increment = increment(state, findings);
        let window = state.get("window").and_then(|node| window_s(node, findings));
        let Some(counter) = state.get("counter") else { return };
        let Some(name) = counter.text() else { return };
        if let Some(earlier) = self.0.iter().find(|other| other.name == name) {
            findings
                .error(counter.span, format!("the counter {} is declared twice", quoted(name)))
                .related(earlier.span, "it is declared here already")
                .help("a condition could mean either: give them two names");
            return;
        }
        let window = window.map(|length_s| Window { length_s, align: Align::Sliding });
        let (name, span) = (name.to_owned(), counter.span);
        self.0.push(Counter { name, span, counts: increment.zip(window), bounded: false });
    }

    /// The limit that a condition on a counter stands for.
    pub(crate) fn bound(
        &mut self,
        condition: &Node,
        place: &Place<'_>,
        findings: &mut Findings,
    ) -> Option<Line> {
        let counter = self.find(condition, place, findings)?;
        counter.bounded = true;
        let (increment, window) = counter.counts.as_ref()?;
        let max = bound(condition, increment, findings)?;
        findings.deviation(condition.span, Deviation::Limits);
        let limit = Limit {
            counter: place.counter(&counter.name).into(),
            increment: increment.clone(),
            window: *window,
            max,
            scope: Scope::default(),
            refund: Refund::default(),
        };
        Some(line(limit, condition, place.pointer.clone(), findings))
    }

    /// A counter that nothing bounds counts for nothing: Intercept let such calls pass.
    pub(crate) fn refuse_unbounded(&self, owner: &str, findings: &mut Findings) {
        for counter in self.0.iter().filter(|counter| !counter.bounded) {
            let path = quoted(&format!("state.{owner}.{}", counter.name));
            findings
                .error(
                    counter.span,
                    format!("the counter {} is never limited", quoted(&counter.name)),
                )
                .help(format!(
                    "add the condition: path {path}, op `lte`, and the limit as its value"
                ));
        }
    }

    fn find(
        &mut self,
        condition: &Node,
        place: &Place<'_>,
        findings: &mut Findings,
    ) -> Option<&mut Counter> {
        let path = counter_path(condition)?;
        let span = condition.get("path")?.span;
        let name = path.strip_prefix(place.owner).and_then(|rest| rest.strip_prefix('.'));
        let Some(name) = name else {
            findings
                .error(
                    span,
                    format!("{} is no counter of this tool", quoted(&format!("state.{path}"))),
                )
                .help(format!(
                    "its counters start with {}",
                    quoted(&format!("state.{}.", place.owner))
                ));
            return None;
        };
        let Some(at) = self.0.iter().position(|counter| counter.name == name) else {
            let names = self.0.iter().map(|counter| counter.name.as_str());
            let help = match nearest(name, names) {
                Some(near) => {
                    format!("did you mean {}?", quoted(&format!("state.{}.{near}", place.owner)))
                }
                None => "declare it in a rule: `state: {counter: …, window: …}`".to_owned(),
            };
            findings
                .error(span, format!("no rule of this tool declares the counter {}", quoted(name)))
                .help(help);
            return None;
        };
        Some(&mut self.0[at])
    }
}

/// How much the counter may hold.
fn bound(condition: &Node, increment: &Increment, findings: &mut Findings) -> Option<Amount> {
    let op = condition.get("op")?;
    let value = condition.get("value")?;
    let below = match op.text()? {
        "lt" => true,
        "lte" => false,
        other => {
            findings
                .error(op.span, format!("{} cannot be asked of a counter", quoted(other)))
                .help("a counter is bounded by `lt` or `lte`");
            return None;
        }
    };
    if value.number().is_none() {
        findings
            .error(value.span, format!("a counter is bounded by a number, not {}", value.what()))
            .maybe_help(mend(value, &Shape::Amount));
        return None;
    }
    let max = amount(value, findings)?;
    if !below {
        return Some(max);
    }
    if max == Amount::ZERO {
        findings
            .error(value.span, "nothing is below 0: no call would pass")
            .help("`action: deny` says so plainly");
        return None;
    }
    Some(max.saturating_sub(step(max, increment)))
}

/// What separates a bound from the greatest sum below it: 1 where only whole numbers add up.
fn step(bound: Amount, increment: &Increment) -> Amount {
    let is_whole = |amount: Amount| amount.units().is_multiple_of(Amount::ONE.units());
    match increment {
        Increment::Fixed(amount) if is_whole(*amount) && is_whole(bound) => Amount::ONE,
        Increment::Argument(_) | Increment::Fixed(_) => Amount::STEP,
    }
}

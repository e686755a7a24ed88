//! Numbers: the points that tests name, and the gaps between them.
//!
//! Only numbers count that a double holds, as everywhere (see [`Decimal::known`]): so there is
//! a least one above each, and whether a gap holds any is known.

use toolgate_json::Decimal;

use super::{Cell, Cells, Doubt, Probe, What, judged, parts};
use crate::amount::Amount;

/// 2^53 + 1: half of all programs read another number.
pub(super) const UNCLEAR: &str = "9007199254740993";

/// A point, or what lies between two.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Span {
    /// Nothing: without end.
    pub(crate) low: Option<Decimal>,
    pub(crate) high: Option<Decimal>,
    /// Whether it is the point `low` alone; else neither end belongs to it.
    pub(crate) is_point: bool,
    /// Said where a limit counts these and not others between the same ends, or the opposite.
    pub(crate) countable: Option<bool>,
}

pub(super) fn add(probes: &[Probe<'_>], counted: bool, all: &mut Cells) {
    let mut points = parts::points(probes);
    if counted {
        points.extend(Decimal::parse("0"));
        points.extend(Decimal::parse(AMOUNT_MAX));
        points.sort();
        points.dedup();
    }
    for (i, point) in points.iter().enumerate() {
        let below = i.checked_sub(1).and_then(|i| points.get(i));
        gap((below, Some(point)), probes, counted, all);
        if Decimal::known(&point.to_string()).is_some() {
            let span = Span {
                low: Some(point.clone()),
                high: Some(point.clone()),
                is_point: true,
                countable: None,
            };
            push(point.to_string(), span, probes, all);
        }
    }
    gap((points.last(), None), probes, counted, all);
}

/// The greatest [`Amount`].
const AMOUNT_MAX: &str = "340282366920938463463.374607431768211455";

type Ends<'a> = (Option<&'a Decimal>, Option<&'a Decimal>);

fn gap(ends: Ends<'_>, probes: &[Probe<'_>], counted: bool, all: &mut Cells) {
    let inside = inside(ends);
    let Some(first) = inside.first() else { return };
    let span = |countable| Span {
        low: ends.0.cloned(),
        high: ends.1.cloned(),
        is_point: false,
        countable,
    };
    let can = |text: &String| is_countable(text);
    if !counted {
        push(first.clone(), span(None), probes, all);
        return;
    }
    let may_count = ends.0.is_some_and(|low| !low.is_negative())
        && ends.1.is_some_and(|high| *high <= Decimal::parse(AMOUNT_MAX).unwrap_or(high.clone()));
    if !may_count {
        push(first.clone(), span(None), probes, all);
        return;
    }
    let (fine, coarse) = (fine(ends), inside.iter().find(|text| can(text)));
    // From a hundredth on, a double has at most 18 decimal places.
    let has_fine = ends.0 < Decimal::parse("0.01").as_ref();
    let note = |yes| has_fine.then_some(yes);
    match coarse {
        Some(text) => push(text.clone(), span(note(true)), probes, all),
        None => doubt(first, span(note(true)), true, probes, all),
    }
    match fine {
        Some(text) => push(text, span(note(false)), probes, all),
        None if has_fine => doubt(first, span(note(false)), false, probes, all),
        None => {}
    }
}

fn push(value: String, span: Span, probes: &[Probe<'_>], all: &mut Cells) {
    let Some(answers) = judged(probes, &value) else { return };
    let countable = is_countable(&value);
    all.sure.push(Cell { value, what: What::Number(span), answers, countable });
}

fn doubt(value: &str, span: Span, countable: bool, probes: &[Probe<'_>], all: &mut Cells) {
    let Some(answers) = judged(probes, value) else { return };
    let why = "it is not certain that there are such numbers";
    all.doubts.push(Doubt { what: What::Number(span), answers, countable, why });
}

fn is_countable(literal: &str) -> bool {
    Decimal::known(literal).is_some_and(|number| Amount::new(&number).is_some())
}

/// Some numbers between the ends, plain ones first; none only if there is none at all.
fn inside(ends: Ends<'_>) -> Vec<String> {
    let (low, high) = (ends.0.map_or(f64::MIN, double), ends.1.map_or(f64::MAX, double));
    let mut found = match ends {
        (None, None) => vec![1.0, 0.0],
        (None, Some(_)) => vec![high.ceil() - 1.0, high - 1.0, high * 2.0],
        (Some(_), None) => vec![low.floor() + 1.0, low + 1.0, low * 2.0],
        (Some(_), Some(_)) => {
            let middle = low + (high - low) / 2.0;
            let mut found = vec![low.floor() + 1.0, middle.round(), high.ceil() - 1.0];
            // Few decimal places, if that is possible.
            let step = (high - low).log10().floor();
            let places = 10_f64.powf(1.0 - step);
            found.extend([(middle * places).round() / places, middle]);
            found
        }
    };
    found.extend([low, low.next_up(), high.next_down(), high]);
    let mut texts: Vec<String> = Vec::new();
    for double in found {
        let text = shortest(double).filter(|text| lies(text, ends));
        texts.extend(text.filter(|text| !texts.contains(text)));
    }
    texts
}

/// A number between the ends with more decimal places than a limit counts.
fn fine(ends: Ends<'_>) -> Option<String> {
    const LOOKED_AT: usize = 256;
    let mut next = ends.0.map_or(0.0, double);
    for _ in 0..LOOKED_AT {
        next = next.next_up();
        let text = shortest(next).filter(|text| lies(text, ends) && !is_countable(text));
        if text.is_some() {
            return text;
        }
    }
    None
}

fn lies(text: &str, (low, high): Ends<'_>) -> bool {
    let Some(number) = Decimal::known(text) else { return false };
    low.is_none_or(|low| *low < number) && high.is_none_or(|high| number < *high)
}

/// The nearest double.
fn double(number: &Decimal) -> f64 {
    number.to_string().parse().unwrap_or(0.0)
}

fn shortest(double: f64) -> Option<String> {
    let number = Decimal::parse(&format!("{double:e}")).filter(|_| double.is_finite())?;
    Some(number.to_string())
}

//! One thing that speaks against a text, and when several are enough.

use std::ops::Range;

/// What was seen, where, and how much it weighs.
#[derive(Debug, Clone)]
pub(super) struct Evidence {
    pub(super) id: &'static str,
    pub(super) weight: u32,
    pub(super) said: String,
    /// What to show instead of the text at `span`.
    pub(super) quote: Option<String>,
    /// Bytes of the text as it came.
    pub(super) span: Range<usize>,
}

/// Weights that stand close together are added, each id once; from here on it is a finding.
pub(super) const ALARM: u32 = 4;
/// More of it is not looked for: a hostile text costs no more than an honest one.
pub(super) const EVIDENCE_MAX: usize = 200;
/// Further apart, weak signs have nothing to do with each other (a page of text has many).
const CLOSE_BYTES: usize = 600;

/// The evidence that together reaches the alarm, and the greatest sum; nothing below it.
pub(super) fn alarming(mut found: Vec<Evidence>) -> Option<(u32, Vec<Evidence>)> {
    found.sort_by_key(|one| (one.span.start, one.span.end));
    let mut kept = vec![false; found.len()];
    let mut greatest = 0;
    for (first, one) in found.iter().enumerate() {
        let close = found[first..]
            .iter()
            .take_while(|other| other.span.start < one.span.start + CLOSE_BYTES);
        let close: Vec<&Evidence> = close.collect();
        let sum = sum(&close);
        if sum >= ALARM {
            kept[first..first + close.len()].fill(true);
            greatest = greatest.max(sum);
        }
    }
    let mut keep = kept.into_iter();
    found.retain(|_| keep.next().unwrap_or(false));
    found.dedup_by(|later, earlier| {
        let same = later.id == earlier.id && later.span.start < earlier.span.end;
        if same && later.weight > earlier.weight {
            std::mem::swap(later, earlier);
        }
        same
    });
    (greatest > 0).then_some((greatest, found))
}

/// Of each id the heaviest; what weighs 1 is honest alone, and all of it together adds no more.
fn sum(close: &[&Evidence]) -> u32 {
    let heaviest = |id| close.iter().filter(|one| one.id == id).map(|one| one.weight).max();
    let is_first = |at: usize| close[..at].iter().all(|one| one.id != close[at].id);
    let ids = (0..close.len()).filter(|at| is_first(*at)).map(|at| close[at].id);
    let (weak, strong): (Vec<u32>, Vec<u32>) = ids.filter_map(heaviest).partition(|one| *one == 1);
    strong.into_iter().sum::<u32>() + u32::from(!weak.is_empty())
}

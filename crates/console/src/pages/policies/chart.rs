//! A back-test as a page shows it: counts, samples, and bars over time.

use toolgate_store::replay::{Class, Tally};

use crate::moment;
use crate::pages::foreign::Foreign;

use super::back_test::{BackTest, Slice};

/// As the template wants it.
pub(super) struct Shown {
    pub(super) days: u64,
    pub(super) calls: u64,
    pub(super) looked_at: u64,
    pub(super) is_cut: bool,
    pub(super) totals: Vec<(&'static str, &'static str, u64)>,
    pub(super) groups: Vec<Group>,
    pub(super) bars: Vec<Bar>,
    pub(super) from: String,
}

pub(super) struct Group {
    pub(super) class: &'static str,
    pub(super) words: &'static str,
    pub(super) count: u64,
    pub(super) tool: Foreign,
    pub(super) rule: Foreign,
    pub(super) why: &'static str,
    /// Ids of decisions, which the log explains.
    pub(super) samples: Vec<String>,
}

/// A part of one bar, in units of the picture.
pub(super) struct Bar {
    pub(super) class: &'static str,
    pub(super) x: u64,
    pub(super) y: u64,
    pub(super) height: u64,
    pub(super) title: String,
}

/// How high the picture is, and how wide a bar with the gap behind it.
const HEIGHT: u64 = 120;
const STEP: u64 = 20;
const GROUPS_MAX: usize = 50;

const FROM_BELOW: [Class; 5] = [
    Class::Unchanged,
    Class::Undecidable,
    Class::NewlyHeld,
    Class::NewlyAllowed,
    Class::NewlyDenied,
];

pub(super) fn shown(found: &BackTest, days: u64) -> Shown {
    let total = |class| found.tallies.iter().map(|tally| tally.total(class)).sum();
    let mut groups: Vec<_> = found.tallies.iter().flat_map(self::groups).collect();
    groups.sort_by_key(|group| std::cmp::Reverse(group.count));
    groups.truncate(GROUPS_MAX);
    let from = found.slices.first().map(|slice| moment::readable(slice.start_ms));
    let from = from.unwrap_or_default();
    Shown {
        days,
        calls: found.tallies.iter().map(Tally::calls).sum(),
        looked_at: found.looked_at,
        is_cut: found.is_cut,
        totals: Class::ALL.map(|class| (class.as_str(), words(class), total(class))).to_vec(),
        groups,
        bars: bars(&found.slices),
        from,
    }
}

fn groups(tally: &Tally) -> Vec<Group> {
    let one =
        |(key, group): (&toolgate_store::replay::Key, &toolgate_store::replay::Group)| Group {
            class: key.class.as_str(),
            words: words(key.class),
            count: group.count,
            tool: Foreign::of(&key.tool),
            rule: Foreign::of(&key.rule),
            why: key.why,
            samples: group.samples.clone(),
        };
    tally.groups.iter().map(one).collect()
}

fn words(class: Class) -> &'static str {
    match class {
        Class::NewlyAllowed => "newly allowed",
        Class::NewlyDenied => "newly denied",
        Class::NewlyHeld => "newly held for a person",
        Class::Unchanged => "unchanged",
        Class::Undecidable => "cannot be told",
    }
}

/// Each slice one bar, its parts on top of one another; the highest fills the picture.
fn bars(slices: &[Slice]) -> Vec<Bar> {
    let sum = |slice: &Slice| slice.counts.values().sum::<u64>();
    let highest = slices.iter().map(sum).max().unwrap_or(0).max(1);
    let mut bars = Vec::new();
    for (slice, x) in slices.iter().zip((0..).step_by(usize::try_from(STEP).unwrap_or(20))) {
        let mut below = 0;
        for class in FROM_BELOW {
            let Some(count) = slice.counts.get(&class) else { continue };
            let (bottom, top) = (below * HEIGHT / highest, (below + count) * HEIGHT / highest);
            // One call among thousands is seen, too.
            let height = (top - bottom).max(2);
            let y = HEIGHT.saturating_sub(bottom + height);
            let title = format!("{}: {count} {}", moment::readable(slice.start_ms), words(class));
            bars.push(Bar { class: class.as_str(), x, y, height, title });
            below += count;
        }
    }
    bars
}

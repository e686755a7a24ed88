//! How many decisions of which kind there were when: minutes of the last day, hours of the last
//! month.

use std::collections::{BTreeMap, HashMap};

use toolgate_store::Outcome;

use crate::log::{End, Word};

use super::names::{Names, OTHER};

#[derive(Debug, Default)]
pub(super) struct Summary {
    minutes: Span<60_000, 1_560>,
    hours: Span<3_600_000, 768>,
    /// Calls without an end so far, and ends without a call.
    open: HashMap<u64, (u64, u32)>,
    ends: HashMap<u64, End>,
}

/// Buckets of `MS` each, the newest `COUNT`.
#[derive(Debug, Default)]
struct Span<const MS: u64, const COUNT: u64>(BTreeMap<u64, Bucket>);

#[derive(Debug, Default)]
struct Bucket {
    counts: HashMap<Key, u32>,
    /// By server: answered, answered with an error, gone without an answer.
    ends: HashMap<u32, [u32; 3]>,
    latency: Latency,
}

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    pub(super) word: Word,
    pub(super) server: u32,
    pub(super) tool: u32,
    pub(super) code: u32,
    pub(super) rule: u32,
}

/// How long calls took: how many between one and the next eighth of a power of two.
#[derive(Clone, Debug, Default)]
struct Latency(BTreeMap<u16, u32>);

/// So far back a look goes, and how finely.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Range {
    Day,
    Hour,
    Month,
    Week,
}

/// What is on record of a range of time.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    pub(crate) bars: Vec<Bar>,
    pub(crate) total: [u64; 4],
    /// Server, tool, how many: most first.
    pub(crate) tools: Vec<(String, String, u64)>,
    /// Server, code, rule, how many: most first.
    pub(crate) denials: Vec<(String, String, String, u64)>,
    /// Name; answered, answered with an error, gone without an answer.
    pub(crate) servers: Vec<(String, [u64; 3])>,
    pub(crate) p50_us: Option<u64>,
    pub(crate) p99_us: Option<u64>,
}

/// A stretch of time.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Bar {
    pub(crate) start_ms: u64,
    /// In the order of [`Word::ALL`].
    pub(crate) counts: [u64; 4],
    pub(crate) p50_us: Option<u64>,
    pub(crate) p99_us: Option<u64>,
}

const KEYS_MAX: usize = 2_000;
/// Of either.
const OPEN_MAX: usize = 100_000;

impl Range {
    pub(crate) const ALL: [(Self, &'static str, &'static str); 4] = [
        (Self::Hour, "1h", "hour"),
        (Self::Day, "24h", "24 hours"),
        (Self::Week, "7d", "7 days"),
        (Self::Month, "30d", "30 days"),
    ];

    pub(crate) fn parse(text: &str) -> Option<Self> {
        Self::ALL.iter().find(|(_, name, _)| *name == text).map(|(range, ..)| *range)
    }

    pub(crate) fn as_str(self) -> &'static str {
        Self::ALL.iter().find(|(range, ..)| *range == self).map_or("", |(_, name, _)| name)
    }

    /// Of one bar, and how many bars.
    fn grid(self) -> (u64, u64) {
        match self {
            Self::Day => (900_000, 96),
            Self::Hour => (60_000, 60),
            Self::Month => (8 * 3_600_000, 90),
            Self::Week => (2 * 3_600_000, 84),
        }
    }

    /// When the first of its bars begins.
    pub(crate) fn start_ms(self, now_ms: u64) -> u64 {
        let (bar_ms, count) = self.grid();
        (now_ms / bar_ms + 1).saturating_sub(count) * bar_ms
    }
}

impl Summary {
    /// A decision. Entries may come in any order.
    pub(super) fn note(&mut self, (seq, wall_ms): (u64, u64), key: Key, now_ms: u64) {
        self.each(wall_ms, now_ms, |bucket| bucket.count(key));
        if key.word != Word::Allow {
            return;
        }
        if let Some(end) = self.ends.remove(&seq) {
            self.each(wall_ms, now_ms, |bucket| bucket.end(key.server, end));
        } else {
            make_room(&mut self.open);
            self.open.insert(seq, (wall_ms, key.server));
        }
    }

    /// The outcome of the call that entry `opened` let through.
    pub(super) fn note_end(&mut self, opened: u64, end: End, now_ms: u64) {
        if let Some((wall_ms, server)) = self.open.remove(&opened) {
            self.each(wall_ms, now_ms, |bucket| bucket.end(server, end));
        } else {
            make_room(&mut self.ends);
            self.ends.insert(opened, end);
        }
    }

    fn each(&mut self, wall_ms: u64, now_ms: u64, mut note: impl FnMut(&mut Bucket)) {
        self.minutes.bucket(wall_ms, now_ms).map(&mut note);
        self.hours.bucket(wall_ms, now_ms).map(&mut note);
    }

    pub(super) fn look(&self, names: &Names, range: Range, now_ms: u64) -> Look {
        let (bar_ms, count) = range.grid();
        let start_ms = range.start_ms(now_ms);
        let mut total = Sum::default();
        let bars = (0..count).map(|at| {
            let from_ms = start_ms + at * bar_ms;
            let mut sum = Sum::default();
            match range {
                Range::Day | Range::Hour => self.minutes.add(from_ms, bar_ms, &mut sum),
                Range::Month | Range::Week => self.hours.add(from_ms, bar_ms, &mut sum),
            }
            total.merge(&sum);
            sum.bar(from_ms)
        });
        let bars = bars.collect();
        total.look(names, bars)
    }
}

/// What is forgotten is an outcome that is not counted.
fn make_room<T>(waiting: &mut HashMap<u64, T>) {
    if waiting.len() >= OPEN_MAX {
        waiting.clear();
    }
}

impl<const MS: u64, const COUNT: u64> Span<MS, COUNT> {
    /// Nothing if it is too old. What seems to come is counted too: clocks are set.
    fn bucket(&mut self, wall_ms: u64, now_ms: u64) -> Option<&mut Bucket> {
        let oldest = (now_ms / MS).saturating_sub(COUNT);
        while self.0.first_key_value().is_some_and(|(at, _)| *at < oldest) {
            self.0.pop_first();
        }
        let at = wall_ms / MS;
        (at >= oldest).then(|| self.0.entry(at).or_default())
    }

    fn add(&self, from_ms: u64, length_ms: u64, sum: &mut Sum) {
        for (_, bucket) in self.0.range(from_ms / MS..(from_ms + length_ms) / MS) {
            sum.add(bucket);
        }
    }
}

impl Bucket {
    fn count(&mut self, key: Key) {
        let full = self.counts.len() >= KEYS_MAX && !self.counts.contains_key(&key);
        let others = Key { word: key.word, server: OTHER, tool: OTHER, code: OTHER, rule: OTHER };
        *self.counts.entry(if full { others } else { key }).or_default() += 1;
    }

    fn end(&mut self, server: u32, end: End) {
        let kind = match end.outcome {
            Outcome::Answered | Outcome::Flagged | Outcome::Stripped | Outcome::Withheld => 0,
            Outcome::ProtocolError | Outcome::ToolError => 1,
            Outcome::Cancelled | Outcome::Disconnected | Outcome::NotSent | Outcome::TimedOut => 2,
        };
        self.ends.entry(server).or_default()[kind] += 1;
        if end.outcome != Outcome::NotSent {
            *self.latency.0.entry(step(end.duration_us)).or_default() += 1;
        }
    }
}

/// Buckets added up.
#[derive(Default)]
struct Sum {
    counts: HashMap<Key, u64>,
    ends: HashMap<u32, [u64; 3]>,
    latency: BTreeMap<u16, u64>,
}

impl Sum {
    fn add(&mut self, bucket: &Bucket) {
        for (key, count) in &bucket.counts {
            *self.counts.entry(*key).or_default() += u64::from(*count);
        }
        for (server, ends) in &bucket.ends {
            let own = self.ends.entry(*server).or_default();
            own.iter_mut().zip(ends).for_each(|(own, more)| *own += u64::from(*more));
        }
        for (step, count) in &bucket.latency.0 {
            *self.latency.entry(*step).or_default() += u64::from(*count);
        }
    }

    fn merge(&mut self, other: &Self) {
        for (key, count) in &other.counts {
            *self.counts.entry(*key).or_default() += count;
        }
        for (server, ends) in &other.ends {
            let own = self.ends.entry(*server).or_default();
            own.iter_mut().zip(ends).for_each(|(own, more)| *own += more);
        }
        for (step, count) in &other.latency {
            *self.latency.entry(*step).or_default() += count;
        }
    }

    fn counts(&self) -> [u64; 4] {
        Word::ALL.map(|word| {
            let own = self.counts.iter().filter(|(key, _)| key.word == word);
            own.map(|(_, count)| count).sum()
        })
    }

    fn bar(&self, start_ms: u64) -> Bar {
        let (p50_us, p99_us) = (self.quantile(50), self.quantile(99));
        Bar { start_ms, counts: self.counts(), p50_us, p99_us }
    }

    fn look(&self, names: &Names, bars: Vec<Bar>) -> Look {
        let mut tools: HashMap<(u32, u32), u64> = HashMap::new();
        let mut denials: HashMap<(u32, u32, u32), u64> = HashMap::new();
        for (key, count) in &self.counts {
            *tools.entry((key.server, key.tool)).or_default() += count;
            if key.word != Word::Allow {
                *denials.entry((key.server, key.code, key.rule)).or_default() += count;
            }
        }
        let name = |id| names.name(id).to_owned();
        let tool = |((server, tool), count)| (name(server), name(tool), count);
        let denial = |((server, code, rule), count)| (name(server), name(code), name(rule), count);
        let mut tools: Vec<_> = tools.into_iter().map(tool).collect();
        tools.sort_by(|a, b| b.2.cmp(&a.2).then_with(|| a.cmp(b)));
        let mut denials: Vec<_> = denials.into_iter().map(denial).collect();
        denials.sort_by(|a, b| b.3.cmp(&a.3).then_with(|| a.cmp(b)));
        let mut servers: Vec<_> = self.ends.iter().map(|(id, ends)| (name(*id), *ends)).collect();
        servers.sort();
        let (p50_us, p99_us) = (self.quantile(50), self.quantile(99));
        Look { bars, total: self.counts(), tools, denials, servers, p50_us, p99_us }
    }

    /// The upper end of the step in which so many percent have been passed.
    fn quantile(&self, percent: u64) -> Option<u64> {
        let all: u64 = self.latency.values().sum();
        let due = (all * percent).div_ceil(100).max(1);
        let mut passed = 0;
        let found = self.latency.iter().find(|(_, count)| {
            passed += **count;
            passed >= due
        });
        found.map(|(step, _)| upper_us(*step))
    }
}

/// Below 8 µs one each, then eight for each doubling.
fn step(us: u64) -> u16 {
    let Some(power) = us.checked_ilog2().filter(|power| *power >= 3) else {
        return u16::try_from(us).unwrap_or(0);
    };
    let eighth = (us >> (power - 3)) & 7;
    u16::try_from(u64::from(power - 3) * 8 + 8 + eighth).unwrap_or(u16::MAX)
}

/// The longest time of a step.
fn upper_us(step: u16) -> u64 {
    if step < 8 {
        return u64::from(step);
    }
    let (power, eighth) = ((step - 8) / 8, u64::from((step - 8) % 8));
    ((9 + eighth) << power) - 1
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_is_an_eighth_at_most() {
        for us in (0..5000).chain([10_000, 123_456, 9_999_999, u64::from(u32::MAX)]) {
            let upper = upper_us(step(us));
            assert!(upper >= us && upper <= us + us / 8, "{us} {upper}");
        }
    }

    #[test]
    fn decisions_are_counted_in_their_bar_whichever_way_they_come() {
        let now_ms = 1_795_258_245_120;
        let key = Key { word: Word::Allow, server: 0, tool: 1, code: 2, rule: 3 };
        let denied = Key { word: Word::Deny, ..key };
        let mut names = Names::default();
        for (field, name) in [
            (super::super::names::Field::Server, "s"),
            (super::super::names::Field::Tool, "t"),
            (super::super::names::Field::Code, "c"),
            (super::super::names::Field::Rule, "r"),
        ] {
            names.id(field, name);
        }
        for backwards in [false, true] {
            let end = End { outcome: Outcome::TimedOut, duration_us: 1000 };
            let mut summary = Summary::default();
            let times = [0, 59 * 60_000, 23 * 3_600_000, 6 * 86_400_000, 29 * 86_400_000];
            for (ago_ms, seq) in times.into_iter().zip(1..) {
                let end_first = backwards.then(|| summary.note_end(seq, end, now_ms));
                summary.note((seq, now_ms - ago_ms), key, now_ms);
                summary.note((seq + 100, now_ms - ago_ms), denied, now_ms);
                end_first.unwrap_or_else(|| summary.note_end(seq, end, now_ms));
            }
            summary.note((999, now_ms - 40 * 86_400_000), key, now_ms);
            for (range, expected) in
                [(Range::Hour, 2), (Range::Day, 3), (Range::Week, 4), (Range::Month, 5)]
            {
                let look = summary.look(&names, range, now_ms);
                assert_eq!(look.total, [expected, expected, 0, 0], "{range:?}");
                let bars: u64 = look.bars.iter().map(|bar| bar.counts[1]).sum();
                assert_eq!(bars, expected);
                assert_eq!(look.tools, [("s".to_owned(), "t".to_owned(), 2 * expected)]);
                assert_eq!(look.denials.len(), 1);
                assert_eq!(look.servers, [("s".to_owned(), [0, 0, expected])]);
                assert_eq!((look.p50_us, look.p99_us), (Some(1023), Some(1023)));
            }
        }
    }
}

//! From repeats to what is told: medians with their spread, ratios taken inside the repeat.

use std::fmt;

use serde::Serialize;

use super::arm::DIRECT;
use super::block::Block;
use super::runner::Row;
use super::sample::Sample;

/// The middle of the repeats, the lowest and the highest.
#[derive(Clone, Copy, Debug, PartialEq, Serialize)]
pub(crate) struct Spread {
    pub(crate) median: f64,
    pub(crate) min: f64,
    pub(crate) max: f64,
}

impl Spread {
    /// Nothing where there is no value.
    pub(crate) fn of(values: impl IntoIterator<Item = f64>) -> Option<Self> {
        let mut values: Vec<f64> = values.into_iter().collect();
        values.sort_unstable_by(f64::total_cmp);
        let (min, max) = (*values.first()?, *values.last()?);
        let (low, high) = (values[(values.len() - 1) / 2], values[values.len() / 2]);
        Some(Self { median: f64::midpoint(low, high), min, max })
    }

    /// How far apart lowest and highest are, as a share of the lowest.
    pub(crate) fn relative(&self) -> f64 {
        self.max / self.min - 1.0
    }
}

impl fmt::Display for Spread {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits = match self.median {
            median if median < 10.0 => 2,
            median if median < 100.0 => 1,
            _ => 0,
        };
        let Self { median, min, max } = self;
        f.pad(&format!("{median:.digits$} ({min:.digits$}..{max:.digits$})"))
    }
}

/// The samples of one block.
pub(crate) struct Figures<'a> {
    rows: Vec<&'a Row>,
}

impl<'a> Figures<'a> {
    pub(crate) fn of(block: &Block, rows: &'a [Row]) -> Self {
        Self { rows: rows.iter().filter(|row| row.block == *block).collect() }
    }

    /// One figure of one arm.
    pub(crate) fn spread(&self, arm: &str, figure: fn(&Sample) -> f64) -> Option<Spread> {
        Spread::of(self.samples(arm).map(|(_, sample)| figure(sample)))
    }

    /// The figure of one arm divided by that of another, each pair from one repeat.
    pub(crate) fn ratio(
        &self,
        arm: &str,
        floor: &str,
        figure: fn(&Sample) -> f64,
    ) -> Option<Spread> {
        Spread::of(self.samples(arm).filter_map(|(repeat, sample)| {
            Some(figure(sample) / figure(self.sample(floor, repeat)?))
        }))
    }

    /// What one arm adds to the direct one, over what another adds, each from one repeat.
    pub(crate) fn added_ratio(&self, arm: &str, floor: &str) -> Option<Spread> {
        Spread::of(self.samples(arm).filter_map(|(repeat, sample)| {
            let direct_us = self.sample(DIRECT, repeat)?.p50_us;
            Some((sample.p50_us - direct_us) / (self.sample(floor, repeat)?.p50_us - direct_us))
        }))
    }

    /// What one arm has more than another, each pair from one repeat.
    pub(crate) fn difference(
        &self,
        arm: &str,
        other: &str,
        figure: fn(&Sample) -> f64,
    ) -> Option<Spread> {
        Spread::of(self.samples(arm).filter_map(|(repeat, sample)| {
            Some(figure(sample) - figure(self.sample(other, repeat)?))
        }))
    }

    fn samples(&self, arm: &str) -> impl Iterator<Item = (u32, &'a Sample)> {
        let of_arm = self.rows.iter().filter(move |row| row.arm == arm);
        of_arm.map(|row| (row.repeat, &row.sample))
    }

    fn sample(&self, arm: &str, repeat: u32) -> Option<&'a Sample> {
        self.samples(arm).find(|(other, _)| *other == repeat).map(|(_, sample)| sample)
    }
}

#[cfg(test)]
mod tests {
    use super::super::block;
    use super::*;

    fn block() -> Block {
        block::all(&[block::Transport::Stdio], true)[0]
    }

    fn row(repeat: u32, arm: &'static str, p50_us: f64) -> Row {
        let text = format!(
            r#"{{"sent":1,"calls":1,"seconds":1,"calls_per_s":1,"p50_us":{p50_us},"p99_us":1,"cpu_us":1,
               "first_answer_ms":1,"rss_idle_kib":1,"rss_end_kib":1}}"#
        );
        Row { block: block(), repeat, arm, sample: serde_json::from_str(&text).unwrap() }
    }

    #[test]
    fn the_median_of_an_even_number_lies_between() {
        let spread = Spread::of([4.0, 1.0, 2.0, 3.0]).unwrap();
        assert_eq!(spread, Spread { median: 2.5, min: 1.0, max: 4.0 });
        assert_eq!(spread.to_string(), "2.50 (1.00..4.00)");
        assert_eq!(Spread::of([]), None);
    }

    #[test]
    fn ratios_are_taken_inside_the_repeat() {
        // The second repeat ran on a machine that was ten times slower.
        let rows = [
            row(1, DIRECT, 1.0),
            row(1, "pump", 2.0),
            row(1, "toolgate", 4.0),
            row(2, DIRECT, 10.0),
            row(2, "pump", 20.0),
            row(2, "toolgate", 40.0),
        ];
        let figures = Figures::of(&block(), &rows);
        let same = |value| Some(Spread { median: value, min: value, max: value });
        assert_eq!(figures.ratio("toolgate", "pump", |sample| sample.p50_us), same(2.0));
        assert_eq!(figures.added_ratio("toolgate", "pump"), same(3.0));
    }
}

//! Charts, drawn here: numbers become places, so that a page needs no script for them.

use crate::log::{Word, span};
use crate::moment;
use crate::watch::Bar;

/// Decisions over time: one bar for each stretch, its parts on one another.
pub(super) struct Bars {
    pub(super) columns: Vec<Column>,
    /// What the highest bar counts.
    pub(super) most: u64,
    pub(super) width: u32,
    pub(super) height: u32,
    pub(super) label: String,
}

pub(super) struct Column {
    pub(super) parts: Vec<Part>,
    /// What it says when one points at it.
    pub(super) title: String,
    pub(super) x: String,
    pub(super) width: String,
    /// For the table that says the same.
    pub(super) time: String,
    pub(super) counts: [u64; 4],
    pub(super) p50: String,
    pub(super) p99: String,
}

pub(super) struct Part {
    pub(super) word: &'static str,
    pub(super) y: String,
    pub(super) height: String,
}

/// Durations over time: two lines.
pub(super) struct Lines {
    /// Pieces without a gap, each as points of a polyline.
    pub(super) p50: Vec<String>,
    pub(super) p99: Vec<String>,
    pub(super) most: String,
    pub(super) label: String,
}

const WIDTH: u32 = 960;
const HEIGHT: u32 = 160;

impl Bars {
    pub(super) fn of(bars: &[Bar]) -> Self {
        let sums: Vec<u64> = bars.iter().map(|bar| bar.counts.iter().sum()).collect();
        let most = sums.iter().copied().max().unwrap_or_default();
        let all: u64 = sums.iter().sum();
        let step = f64::from(WIDTH) / as_f64(bars.len().max(1));
        let columns = bars.iter().enumerate().map(|(at, bar)| Column::of(bar, at, step, most));
        let label = format!("{all} decisions over time, {most} in the fullest stretch");
        Self { columns: columns.collect(), most, width: WIDTH, height: HEIGHT, label }
    }
}

impl Column {
    fn of(bar: &Bar, at: usize, step: f64, most: u64) -> Self {
        let (mut parts, mut below) = (Vec::new(), f64::from(HEIGHT));
        for (word, count) in Word::ALL.into_iter().zip(bar.counts) {
            if count > 0 {
                // A bar of one among thousands is seen.
                let height = (share(count, most) * f64::from(HEIGHT)).max(1.5);
                below -= height;
                let (y, height) = (format!("{:.1}", below.max(0.0)), format!("{height:.1}"));
                parts.push(Part { word: word.as_str(), y, height });
            }
        }
        let time = moment::readable(bar.start_ms);
        let named = Word::ALL.into_iter().zip(bar.counts).filter(|(_, count)| *count > 0);
        let named: Vec<_> =
            named.map(|(word, count)| format!("{} {count}", word.as_str())).collect();
        let duration = |us: Option<u64>| us.map(span).unwrap_or_default();
        Self {
            parts,
            title: format!("{time}: {}", named.join(", ")),
            x: format!("{:.2}", as_f64(at) * step),
            width: format!("{:.2}", (step - 1.5).max(1.0)),
            time,
            counts: bar.counts,
            p50: duration(bar.p50_us),
            p99: duration(bar.p99_us),
        }
    }
}

impl Lines {
    /// Nothing if no call has an end.
    pub(super) fn of(bars: &[Bar]) -> Option<Self> {
        let most = bars.iter().filter_map(|bar| bar.p99_us).max()?;
        let line = |of: fn(&Bar) -> Option<u64>| pieces(bars, of, most);
        let label = format!(
            "duration of calls over time: median and 99th percentile, up to {}",
            span(most)
        );
        Some(Self {
            p50: line(|bar| bar.p50_us),
            p99: line(|bar| bar.p99_us),
            most: span(most),
            label,
        })
    }
}

fn pieces(bars: &[Bar], of: fn(&Bar) -> Option<u64>, most: u64) -> Vec<String> {
    let step = f64::from(WIDTH) / as_f64(bars.len().max(1));
    let mut pieces = vec![Vec::new()];
    for (at, bar) in bars.iter().enumerate() {
        let Some(us) = of(bar) else {
            pieces.push(Vec::new());
            continue;
        };
        let (x, y) = (as_f64(at) * step, (1.0 - share(us, most)) * f64::from(HEIGHT));
        // Twice, so that one alone is a line too.
        let ends = format!("{x:.1},{y:.1} {:.1},{y:.1}", x + step);
        pieces.extend(pieces.is_empty().then(Vec::new));
        if let Some(last) = pieces.last_mut() {
            last.push(ends);
        }
    }
    pieces.into_iter().filter(|piece| !piece.is_empty()).map(|piece| piece.join(" ")).collect()
}

/// In whole percent of the most, for a bar in a table.
pub(super) fn percent(count: u64, most: u64) -> u64 {
    count.saturating_mul(100).checked_div(most).unwrap_or_default()
}

fn share(count: u64, most: u64) -> f64 {
    let parts = count.saturating_mul(10_000).checked_div(most).unwrap_or_default();
    f64::from(u32::try_from(parts.min(10_000)).unwrap_or(10_000)) / 10_000.0
}

fn as_f64(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap_or(u32::MAX))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bars_stay_inside_and_lines_have_gaps() {
        let bar = |counts, p| Bar { start_ms: 0, counts, p50_us: p, p99_us: p };
        let bars = [
            bar([100, 50, 0, 1], Some(10)),
            bar([0; 4], None),
            bar([1_000_000, 1, 1, 1], Some(20)),
        ];
        let chart = Bars::of(&bars);
        assert_eq!((chart.most, chart.columns[1].parts.len()), (1_000_003, 0));
        for part in chart.columns.iter().flat_map(|column| &column.parts) {
            let (y, height): (f64, f64) = (part.y.parse().unwrap(), part.height.parse().unwrap());
            assert!(y >= 0.0 && height >= 1.0 && y + height <= f64::from(HEIGHT) + 5.0);
        }
        assert_eq!(Lines::of(&bars).unwrap().p99.len(), 2);
        assert!(Lines::of(&bars[1..2]).is_none());
    }
}

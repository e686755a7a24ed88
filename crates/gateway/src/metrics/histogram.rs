//! How long something took, in buckets.

use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use super::Text;

/// Upper bounds in microseconds, from a decision in memory to a server that takes minutes.
const BOUNDS_US: [u64; 16] = [
    50,
    100,
    250,
    500,
    1000,
    2500,
    5000,
    10_000,
    25_000,
    50_000,
    100_000,
    250_000,
    1_000_000,
    5_000_000,
    30_000_000,
    300_000_000,
];

#[derive(Debug, Default)]
pub(super) struct Histogram {
    /// Each by itself; the last is for what is above every bound.
    counts: [AtomicU64; BOUNDS_US.len() + 1],
    sum_us: AtomicU64,
}

impl Histogram {
    pub(super) fn note(&self, time: Duration) {
        let us = u64::try_from(time.as_micros()).unwrap_or(u64::MAX);
        let bucket = BOUNDS_US.partition_point(|bound| *bound < us);
        self.counts[bucket].fetch_add(1, Ordering::Relaxed);
        self.sum_us.fetch_add(us, Ordering::Relaxed);
    }

    pub(super) fn write(&self, label: (&str, &str), text: &mut Text) {
        let mut sum = 0;
        let bounds = BOUNDS_US.iter().map(|us| seconds(*us)).chain(["+Inf".to_owned()]);
        for (count, bound) in self.counts.iter().zip(bounds) {
            sum += count.load(Ordering::Relaxed);
            text.sample("_bucket", &[label, ("le", &bound)], sum);
        }
        text.sample("_sum", &[label], seconds(self.sum_us.load(Ordering::Relaxed)));
        text.sample("_count", &[label], sum);
    }
}

/// Exactly, as a decimal.
fn seconds(us: u64) -> String {
    let text = format!("{}.{:06}", us / 1_000_000, us % 1_000_000);
    text.trim_end_matches('0').trim_end_matches('.').to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn buckets_add_up_and_bounds_belong_to_them() {
        let histogram = Histogram::default();
        for us in [0, 50, 51, 2_000_000, 400_000_000] {
            histogram.note(Duration::from_micros(us));
        }
        let mut text = Text::default();
        text.family("x", "histogram", "X.");
        histogram.write(("server", "s"), &mut text);
        let text = text.finish();
        for line in [
            r#"x_bucket{server="s",le="0.00005"} 2"#,
            r#"x_bucket{server="s",le="0.0001"} 3"#,
            r#"x_bucket{server="s",le="1"} 3"#,
            r#"x_bucket{server="s",le="300"} 4"#,
            r#"x_bucket{server="s",le="+Inf"} 5"#,
            r#"x_sum{server="s"} 402.000101"#,
            r#"x_count{server="s"} 5"#,
        ] {
            assert!(text.lines().any(|l| l == line), "{line} in {text}");
        }
    }
}

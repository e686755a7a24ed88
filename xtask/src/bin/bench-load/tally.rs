//! From single latencies to a sample.

use std::time::Duration;

use xtask::Result;
use xtask::bench::sample::Sample;

/// What was true of the process besides its calls.
pub(crate) struct Facts {
    /// All calls that were sent, those before the measurement included.
    pub(crate) sent: u32,
    pub(crate) first_answer: Duration,
    pub(crate) took: Duration,
    pub(crate) cpu: Duration,
    pub(crate) rss_idle_kib: u32,
    pub(crate) rss_end_kib: u32,
}

pub(crate) fn sample(mut latencies: Vec<Duration>, facts: &Facts) -> Result<Sample> {
    let calls = u32::try_from(latencies.len())?;
    if calls == 0 {
        return Err("no call was answered".into());
    }
    latencies.sort_unstable();
    let seconds = facts.took.as_secs_f64();
    Ok(Sample {
        sent: facts.sent,
        calls,
        seconds,
        calls_per_s: f64::from(calls) / seconds,
        p50_us: us(percentile(&latencies, 50)),
        p99_us: us(percentile(&latencies, 99)),
        cpu_us: us(facts.cpu) / f64::from(calls),
        first_answer_ms: us(facts.first_answer) / 1000.0,
        rss_idle_kib: facts.rss_idle_kib,
        rss_end_kib: facts.rss_end_kib,
    })
}

/// The smallest latency that this share of all calls does not exceed.
fn percentile(sorted: &[Duration], percent: usize) -> Duration {
    let rank = (sorted.len() * percent).div_ceil(100);
    sorted[rank.clamp(1, sorted.len()) - 1]
}

fn us(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1e6
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percentiles_are_ranks() {
        let sorted: Vec<_> = (1..=200).map(Duration::from_micros).collect();
        assert_eq!(percentile(&sorted, 50), Duration::from_micros(100));
        assert_eq!(percentile(&sorted, 99), Duration::from_micros(198));
        assert_eq!(percentile(&sorted[..1], 99), Duration::from_micros(1));
    }
}

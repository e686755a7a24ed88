//! Whether the machine was quiet enough for its figures to be quoted.

use std::fs::{self, File};
use std::io::Write;
use std::path::Path;
use std::time::Instant;

use serde::Serialize;

use super::arm::DIRECT;
use super::block::{Block, Mode};
use super::figures::{Figures, Spread};
use super::runner::Row;
use crate::Result;

/// How far the direct arm may move between repeats.
const PINNED_MAX: f64 = 0.05;
const UNPINNED_MAX: f64 = 0.25;

/// The machine before the first call.
pub(crate) struct Start {
    load: String,
    cpu: CpuTimes,
    sync_us: f64,
}

#[derive(Serialize)]
pub(crate) struct Health {
    /// Load average, before and after.
    pub(crate) load: [String; 2],
    /// Time that the hypervisor took, in percent.
    pub(crate) steal_percent: f64,
    /// What it costs to bring 4 KiB to the disk that held the records.
    pub(crate) sync_us: f64,
    /// How far the direct arm moved in each block, in percent.
    pub(crate) direct_moved: Vec<(String, f64)>,
    /// Why nothing here may be quoted; empty where it may.
    pub(crate) doubts: Vec<String>,
}

impl Start {
    pub(crate) fn now(place: &Path) -> Result<Self> {
        Ok(Self { load: load()?, cpu: CpuTimes::now()?, sync_us: sync_us(place)? })
    }

    pub(crate) fn end(self, blocks: &[Block], rows: &[Row]) -> Result<Health> {
        let mut health = Health {
            load: [self.load, load()?],
            steal_percent: CpuTimes::now()?.steal_percent_since(&self.cpu),
            sync_us: self.sync_us,
            direct_moved: Vec::new(),
            doubts: Vec::new(),
        };
        for block in blocks {
            let direct = Figures::of(block, rows).spread(DIRECT, |sample| sample.p50_us);
            health.judge(block, direct);
        }
        Ok(health)
    }
}

impl Health {
    fn judge(&mut self, block: &Block, direct: Option<Spread>) {
        let Some(direct) = direct else {
            self.doubts.push(format!("{block}: the direct arm gave no figures"));
            return;
        };
        let max = match block.mode {
            Mode::Pinned => PINNED_MAX,
            Mode::Unpinned => UNPINNED_MAX,
        };
        let (moved, max_percent) = (direct.relative() * 100.0, max * 100.0);
        if direct.relative() > max {
            self.doubts.push(format!(
                "{block}: the direct arm moved by {moved:.0} %, at most {max_percent:.0} % is fair"
            ));
        }
        self.direct_moved.push((block.to_string(), moved));
    }
}

fn load() -> Result<String> {
    let text = fs::read_to_string("/proc/loadavg")?;
    Ok(text.split(' ').take(3).collect::<Vec<_>>().join(" "))
}

/// All time of all cores since the machine started, and the part that the hypervisor took.
struct CpuTimes {
    all: f64,
    steal: f64,
}

impl CpuTimes {
    fn now() -> Result<Self> {
        let text = fs::read_to_string("/proc/stat")?;
        let line = text.lines().next().and_then(|line| line.strip_prefix("cpu "));
        // user nice system idle iowait irq softirq steal; the rest is counted in them.
        let fields = line.ok_or("an unreadable /proc/stat")?.split_whitespace().take(8);
        let times = fields.map(str::parse).collect::<std::result::Result<Vec<f64>, _>>()?;
        Ok(Self { all: times.iter().sum(), steal: times.get(7).copied().unwrap_or_default() })
    }

    fn steal_percent_since(&self, start: &Self) -> f64 {
        let all = self.all - start.all;
        if all > 0.0 { (self.steal - start.steal) / all * 100.0 } else { 0.0 }
    }
}

/// The median of a few appends of 4 KiB, each brought to the disk.
fn sync_us(place: &Path) -> Result<f64> {
    let path = place.join("sync");
    let mut file = File::create(&path)?;
    let mut times_us = Vec::new();
    for _ in 0..50 {
        let started = Instant::now();
        file.write_all(&[0; 4096])?;
        file.sync_data()?;
        times_us.push(started.elapsed().as_secs_f64() * 1e6);
    }
    fs::remove_file(path)?;
    Ok(Spread::of(times_us).map_or(0.0, |spread| spread.median))
}

#[cfg(test)]
mod tests {
    use super::super::block::{self, Transport};
    use super::*;

    #[test]
    fn a_direct_arm_that_moves_casts_doubt() {
        let mut health = Health {
            load: [String::new(), String::new()],
            steal_percent: 0.0,
            sync_us: 0.0,
            direct_moved: Vec::new(),
            doubts: Vec::new(),
        };
        let blocks = block::all(&[Transport::Stdio], true);
        let pinned = blocks.iter().find(|block| block.mode == Mode::Pinned).unwrap();
        health.judge(pinned, Spread::of([100.0, 104.0]));
        assert_eq!(health.doubts.len(), 0);
        health.judge(pinned, Spread::of([100.0, 106.0]));
        assert_eq!(health.doubts.len(), 1);
        health.judge(pinned, None);
        assert_eq!(health.doubts.len(), 2);
    }
}

//! What the kernel says of a process: CPU time and resident memory.

use std::fs;
use std::time::Duration;

use xtask::Result;

/// CPU time of all threads that are alive, to the nanosecond.
///
/// `/proc/PID/stat` knows the finished ones too, but counts in steps of 10 ms: see [`Spent`].
fn of_threads(pid: u32) -> Result<Duration> {
    let mut total = Duration::ZERO;
    for thread in fs::read_dir(format!("/proc/{pid}/task"))? {
        // A thread may end between the listing and the reading.
        let Ok(text) = fs::read_to_string(thread?.path().join("schedstat")) else { continue };
        let on_cpu_ns = text.split(' ').next().and_then(|field| field.parse().ok());
        total += Duration::from_nanos(on_cpu_ns.ok_or("an unreadable schedstat")?);
    }
    Ok(total)
}

/// User and system time of the whole process, in steps of 10 ms.
fn of_process(pid: u32) -> Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{pid}/stat"))?;
    let (_, fields) = text.rsplit_once(')').ok_or("an unreadable stat")?;
    let ticks = fields.split_whitespace().skip(11).take(2).map(str::parse::<u64>);
    let ticks = ticks.sum::<std::result::Result<u64, _>>()?;
    Ok(Duration::from_millis(ticks * 10))
}

/// CPU time up to now.
#[derive(Clone, Copy)]
pub(crate) struct Spent {
    pid: u32,
    of_threads: Duration,
    of_process: Duration,
}

impl Spent {
    pub(crate) fn by(pid: u32) -> Result<Self> {
        Ok(Self { pid, of_threads: of_threads(pid)?, of_process: of_process(pid)? })
    }

    /// CPU time since then. The exact sum, unless threads have ended and taken theirs along.
    pub(crate) fn since(self) -> Result<Duration> {
        const COARSENESS: Duration = Duration::from_millis(30);
        let now = Self::by(self.pid)?;
        let exact = now.of_threads.saturating_sub(self.of_threads);
        let coarse = now.of_process.saturating_sub(self.of_process);
        Ok(if coarse > exact + COARSENESS { coarse } else { exact })
    }
}

pub(crate) fn rss_kib(pid: u32) -> Result<u32> {
    let text = fs::read_to_string(format!("/proc/{pid}/status"))?;
    let line = text.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    let number = line.and_then(|line| line.trim().strip_suffix(" kB")).map(str::parse);
    Ok(number.ok_or("no VmRSS")??)
}

#[cfg(test)]
#[cfg(target_os = "linux")]
mod tests {
    use std::time::Instant;

    use super::*;

    #[test]
    fn work_shows_as_cpu_time() {
        let pid = std::process::id();
        let (before, started) = (Spent::by(pid).unwrap(), Instant::now());
        let enough = Duration::from_millis(20);
        while before.since().unwrap() < enough {
            assert!(started.elapsed() < Duration::from_mins(1), "no CPU time was seen");
        }
        // All threads of this test together cannot have had more than that.
        let cores = std::thread::available_parallelism().unwrap().get();
        let most = started.elapsed() * u32::try_from(cores).unwrap() + Duration::from_millis(40);
        assert!(before.since().unwrap() <= most + enough);
    }

    #[test]
    fn a_process_has_memory() {
        assert!(rss_kib(std::process::id()).unwrap() > 100);
    }
}

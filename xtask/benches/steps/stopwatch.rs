//! CPU time of this process: a neighbour on the same core does not count.

use std::time::Duration;

use rustix::time::{ClockId, Timespec, clock_gettime};
use xtask::Result;

pub(crate) struct Stopwatch(Timespec);

impl Stopwatch {
    pub(crate) fn start() -> Self {
        Self(clock_gettime(ClockId::ProcessCPUTime))
    }

    /// User and system time of all threads since then.
    pub(crate) fn spent(&self) -> Result<Duration> {
        let now = clock_gettime(ClockId::ProcessCPUTime);
        let spent = now.checked_sub(self.0).ok_or("a clock that runs backwards")?;
        Ok(spent.try_into()?)
    }
}

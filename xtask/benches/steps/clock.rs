//! The machine's clocks by the standard library: the store's own way to them does not run under
//! valgrind 3.19, which hides the page of the kernel that `rustix` reads them from.

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use toolgate_store::Clock;

pub(crate) struct StandardClock(Instant);

impl StandardClock {
    pub(crate) fn new() -> Self {
        Self(Instant::now())
    }
}

impl Clock for StandardClock {
    fn boot(&self) -> Option<String> {
        Some("the only one".to_owned())
    }

    fn elapsed_ns(&self) -> u64 {
        u64::try_from(self.0.elapsed().as_nanos()).unwrap_or(u64::MAX)
    }

    fn wall_ns(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

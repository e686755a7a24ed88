//! The time that limits go by: never backwards, and not to be moved by setting the wall clock.

use std::time::{SystemTime, UNIX_EPOCH};

/// Where time comes from. Another clock than [`SystemClock`] is for tests and simulations.
pub trait Clock: Send + Sync {
    /// Names the present boot; nothing where there is no clock that starts with it.
    fn boot(&self) -> Option<String>;
    /// Since the boot began, the time asleep included.
    fn elapsed_ns(&self) -> u64;
    /// Since the Unix epoch, as the wall clock has it.
    fn wall_ns(&self) -> u64;
}

/// The machine's own clocks.
#[derive(Clone, Copy, Debug, Default)]
pub struct SystemClock;

/// A point at which limit time and boot clock were both known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Anchor {
    pub(crate) boot: String,
    pub(crate) elapsed_ns: u64,
    pub(crate) limit_ns: u64,
}

/// Later times do not fit a signed 64-bit number: the year 2262. Such a clock is wrong.
const TIME_MAX_NS: u64 = i64::MAX.unsigned_abs();

impl Anchor {
    /// Ties the present boot to limit time: across boots, time goes on from the newest entry
    /// or from the wall clock, whichever is later.
    pub(crate) fn new(clock: &dyn Clock, newest_ns: u64) -> Option<Self> {
        Some(Self {
            boot: clock.boot()?,
            elapsed_ns: clock.elapsed_ns(),
            limit_ns: clock.wall_ns().max(newest_ns),
        })
    }
}

/// Limit time, never behind the newest entry. Nothing if the clock cannot be right.
pub(crate) fn limit_time(
    clock: &dyn Clock,
    anchor: Option<&Anchor>,
    newest_ns: u64,
) -> Option<u64> {
    let time_ns = match anchor {
        Some(anchor) => {
            let since_ns = clock.elapsed_ns().saturating_sub(anchor.elapsed_ns);
            anchor.limit_ns.saturating_add(since_ns)
        }
        None => clock.wall_ns(),
    };
    Some(time_ns.max(newest_ns)).filter(|time_ns| *time_ns <= TIME_MAX_NS)
}

impl Clock for SystemClock {
    #[cfg(target_os = "linux")]
    fn boot(&self) -> Option<String> {
        let id = std::fs::read_to_string("/proc/sys/kernel/random/boot_id").ok()?;
        // A time namespace shifts the boot clock, so it is a boot of its own here.
        let namespace = std::fs::read_link("/proc/self/ns/time").unwrap_or_default();
        Some(format!("{} {}", id.trim(), namespace.display()))
    }

    #[cfg(not(target_os = "linux"))]
    fn boot(&self) -> Option<String> {
        None
    }

    #[cfg(target_os = "linux")]
    fn elapsed_ns(&self) -> u64 {
        let time = rustix::time::clock_gettime(rustix::time::ClockId::Boottime);
        let (s, ns) = (u64::try_from(time.tv_sec), u64::try_from(time.tv_nsec));
        s.unwrap_or(0).saturating_mul(1_000_000_000).saturating_add(ns.unwrap_or(0))
    }

    #[cfg(not(target_os = "linux"))]
    fn elapsed_ns(&self) -> u64 {
        0
    }

    fn wall_ns(&self) -> u64 {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_nanos()).unwrap_or(u64::MAX)
    }
}

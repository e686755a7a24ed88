//! A server that dies again and again at its start is not started all the time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::options::{RunError, RunErrorKind};

/// One server's failed starts in a row, no answer between them. The first may be chance, or a
/// request that it cannot bear: it is started again at once.
#[derive(Debug, Default)]
pub(super) struct Backoff(Mutex<Option<Failing>>);

#[derive(Debug)]
struct Failing {
    delay: Duration,
    since: Instant,
    why: String,
}

const DELAY: Duration = Duration::from_secs(1);
const DELAY_MAX: Duration = Duration::from_mins(1);

impl Backoff {
    /// Whether the server may be started now.
    pub(super) fn check(&self, server: &str, now: Instant) -> Result<(), RunError> {
        let state = self.state();
        let Some(failing) = &*state else { return Ok(()) };
        let left = (failing.since + failing.delay).saturating_duration_since(now);
        if left.is_zero() {
            return Ok(());
        }
        let seconds = left.as_millis().div_ceil(1000);
        let why = &failing.why;
        let text = format!("server `{server}` keeps failing; next try in {seconds} s: {why}");
        Err(RunError::new(RunErrorKind::Unreachable, text))
    }

    /// A server that was started then never gave an answer.
    pub(super) fn failed(&self, started: Instant, now: Instant, why: String) {
        let mut state = self.state();
        let delay = match &*state {
            // Several sessions met the same failure.
            Some(failing) if started < failing.since => failing.delay,
            Some(failing) => (failing.delay * 2).clamp(DELAY, DELAY_MAX),
            None => Duration::ZERO,
        };
        *state = Some(Failing { delay, since: now, why });
    }

    pub(super) fn works(&self) {
        *self.state() = None;
    }

    fn state(&self) -> MutexGuard<'_, Option<Failing>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn wait(backoff: &Backoff, now: Instant) -> Option<String> {
        let text = backoff.check("shop", now).err()?.text;
        let (_, rest) = text.split_once("next try in ")?;
        Some(rest.to_owned())
    }

    #[test]
    fn the_wait_doubles_up_to_a_minute_and_an_answer_ends_it() {
        let backoff = Backoff::default();
        let mut now = Instant::now();
        assert_eq!(wait(&backoff, now), None);
        backoff.failed(now, now, "boom".to_owned());
        assert_eq!(wait(&backoff, now), None);
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            backoff.failed(now, now, "boom".to_owned());
            assert_eq!(wait(&backoff, now), Some(format!("{seconds} s: boom")));
            now += Duration::from_secs(seconds);
            let before = now.checked_sub(Duration::from_millis(1)).unwrap();
            assert_eq!(wait(&backoff, before), Some("1 s: boom".to_owned()));
            assert_eq!(wait(&backoff, now), None);
        }
        backoff.works();
        backoff.failed(now, now, "again".to_owned());
        assert_eq!(wait(&backoff, now), None);
        backoff.failed(now, now, "again".to_owned());
        assert_eq!(wait(&backoff, now), Some("1 s: again".to_owned()));
    }

    #[test]
    fn starts_that_fail_together_count_once() {
        let backoff = Backoff::default();
        let started = Instant::now();
        backoff.failed(started, started, "boom".to_owned());
        let now = started + Duration::from_millis(5);
        for _ in 0..10 {
            backoff.failed(started, now, "boom".to_owned());
        }
        assert_eq!(wait(&backoff, now), Some("1 s: boom".to_owned()));
    }
}

//! A server that dies again and again at its start is not started all the time.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::Instant;

use crate::options::{RunError, RunErrorKind};

/// One server's failed starts. Only those count that no answer came between.
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
    pub(super) fn check(&self, server: &str) -> Result<(), RunError> {
        let state = self.state();
        let Some(failing) = &*state else { return Ok(()) };
        let left = (failing.since + failing.delay).saturating_duration_since(Instant::now());
        if left.is_zero() {
            return Ok(());
        }
        let seconds = left.as_millis().div_ceil(1000);
        let why = &failing.why;
        let text = format!("server `{server}` keeps failing; next try in {seconds} s: {why}");
        Err(RunError::new(RunErrorKind::Unreachable, text))
    }

    /// A server that was started then never gave an answer.
    pub(super) fn failed(&self, started: Instant, why: String) {
        let mut state = self.state();
        let since = Instant::now();
        let delay = match &*state {
            // Several sessions met the same failure.
            Some(failing) if started < failing.since => failing.delay,
            Some(failing) => (failing.delay * 2).min(DELAY_MAX),
            None => DELAY,
        };
        *state = Some(Failing { delay, since, why });
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

    fn wait_s(backoff: &Backoff) -> Option<String> {
        let text = backoff.check("shop").err()?.text;
        let (_, rest) = text.split_once("next try in ")?;
        Some(rest.to_owned())
    }

    #[tokio::test(start_paused = true)]
    async fn the_wait_doubles_up_to_a_minute_and_an_answer_ends_it() {
        let backoff = Backoff::default();
        assert!(backoff.check("shop").is_ok());
        for seconds in [1, 2, 4, 8, 16, 32, 60, 60] {
            backoff.failed(Instant::now(), "boom".to_owned());
            assert_eq!(wait_s(&backoff), Some(format!("{seconds} s: boom")));
            tokio::time::advance(Duration::from_secs(seconds) - Duration::from_millis(1)).await;
            assert_eq!(wait_s(&backoff), Some("1 s: boom".to_owned()));
            tokio::time::advance(Duration::from_millis(1)).await;
            assert_eq!(wait_s(&backoff), None);
        }
        backoff.works();
        backoff.failed(Instant::now(), "again".to_owned());
        assert_eq!(wait_s(&backoff), Some("1 s: again".to_owned()));
    }

    #[tokio::test(start_paused = true)]
    async fn starts_that_fail_together_count_once() {
        let backoff = Backoff::default();
        let started = Instant::now();
        tokio::time::advance(Duration::from_millis(5)).await;
        for _ in 0..10 {
            backoff.failed(started, "boom".to_owned());
        }
        assert_eq!(wait_s(&backoff), Some("1 s: boom".to_owned()));
    }
}

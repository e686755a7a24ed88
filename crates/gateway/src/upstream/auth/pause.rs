//! Who was refused does not ask again at once, however many calls wait.

use std::time::Duration;

use tokio::time::Instant;

use super::AuthError;

/// The last failure, and until when it stands for the next ones.
#[derive(Debug, Default)]
pub(super) struct Pause {
    failures: u32,
    last: Option<(AuthError, Instant)>,
}

const FIRST: Duration = Duration::from_secs(2);
const LONGEST: Duration = Duration::from_mins(1);

impl Pause {
    pub(super) fn check(&self) -> Result<(), AuthError> {
        match &self.last {
            Some((error, until)) if Instant::now() < *until => Err(error.clone()),
            Some(_) | None => Ok(()),
        }
    }

    pub(super) fn note(&mut self, error: AuthError) {
        let pause = FIRST.saturating_mul(1 << self.failures.min(8)).min(LONGEST);
        self.failures = self.failures.saturating_add(1);
        self.last = Some((error, Instant::now() + pause));
    }

    /// Ends the present one; the next one is no shorter for it.
    pub(super) fn end(&mut self) {
        self.last = None;
    }

    pub(super) fn clear(&mut self) {
        *self = Self::default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test(start_paused = true)]
    async fn pauses_grow_up_to_a_minute_and_end() {
        let mut pause = Pause::default();
        for seconds in [2, 4, 8, 16, 32, 60, 60] {
            assert!(pause.check().is_ok());
            pause.note(AuthError::Unfit("x".to_owned()));
            tokio::time::advance(Duration::from_millis(seconds * 1_000 - 1)).await;
            assert!(pause.check().is_err(), "{seconds}");
            tokio::time::advance(Duration::from_millis(1)).await;
        }
        pause.clear();
        pause.note(AuthError::Unfit("x".to_owned()));
        pause.end();
        assert!(pause.check().is_ok());
    }
}

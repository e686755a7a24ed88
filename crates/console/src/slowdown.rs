//! Whoever shows tokens that are none waits: a right one is never kept waiting, so that nobody
//! can lock others out.

use std::collections::VecDeque;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

#[derive(Debug, Default)]
pub(crate) struct Slowdown(Mutex<VecDeque<Instant>>);

/// So many in [`WINDOW`] are told what is wrong.
const BAD_MAX: usize = 10;
const WINDOW: Duration = Duration::from_mins(1);

impl Slowdown {
    /// A token was none. Gives the seconds to wait if there were too many of late.
    pub(crate) fn note_bad(&self) -> Option<u64> {
        let mut bad = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        while bad.front().is_some_and(|at| at.elapsed() > WINDOW) {
            bad.pop_front();
        }
        if bad.len() < BAD_MAX {
            bad.push_back(Instant::now());
            return None;
        }
        let first = bad.front().map(Instant::elapsed).unwrap_or_default();
        Some(WINDOW.saturating_sub(first).as_secs().max(1))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_eleventh_bad_token_in_a_minute_waits() {
        let slowdown = Slowdown::default();
        for _ in 0..BAD_MAX {
            assert_eq!(slowdown.note_bad(), None);
        }
        assert!(slowdown.note_bad().is_some_and(|wait_s| wait_s <= 60));
    }
}

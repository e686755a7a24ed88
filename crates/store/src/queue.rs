//! What waits for the next commit.

use std::collections::VecDeque;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use crate::encode::Closing;
use crate::error::Unavailable;
use crate::job::Job;

/// More callers than this are turned away: the disk cannot keep up.
const WAITING_MAX: usize = 16_384;
/// Under one lock, so that other processes get their turn.
const BATCH_MAX: usize = 1024;
/// A closing may wait this long for a commit to ride on.
const LINGER: Duration = Duration::from_millis(2);
/// Closings that could not be written are tried again after this long.
const RETRY: Duration = Duration::from_millis(500);
/// The time without work after which the database is tidied.
const IDLE: Duration = Duration::from_millis(200);

/// Why the writer's thread woke up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    Idle,
    Stop,
    Work,
}

#[derive(Default)]
pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
}

#[derive(Default)]
struct State {
    jobs: VecDeque<Job>,
    /// How many of the jobs somebody waits for.
    waiting: usize,
    /// Somebody waits and the thread must see to it.
    called: bool,
    /// The thread waits for a call, or for the first closing.
    asleep: bool,
    /// Closings were put back after a commit failed.
    failed: bool,
    stopped: bool,
    untidy: bool,
}

impl Queue {
    pub(crate) fn push(&self, job: Job) -> Result<(), Unavailable> {
        let mut state = self.state();
        if state.stopped {
            return Err(Unavailable::new("the store was shut down"));
        }
        match () {
            // A closing is never turned away: its call was admitted, so there are not too many.
            _ if job.is_closing() => {
                if state.asleep {
                    state.asleep = false;
                    self.wake.notify_one();
                }
            }
            _ if state.waiting >= WAITING_MAX => {
                return Err(Unavailable::new("too many calls wait for the disk"));
            }
            _ => state.waiting += 1,
        }
        state.jobs.push_back(job);
        Ok(())
    }

    /// Hands what waits to the writer's thread.
    pub(crate) fn call(&self) {
        let mut state = self.state();
        if state.waiting > 0 && !state.called {
            state.called = true;
            self.wake.notify_one();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state().jobs.is_empty()
    }

    pub(crate) fn someone_waits(&self) -> bool {
        self.state().waiting > 0
    }

    pub(crate) fn take(&self) -> Vec<Job> {
        let mut state = self.state();
        let count = state.jobs.len().min(BATCH_MAX);
        let jobs: Vec<Job> = state.jobs.drain(..count).collect();
        let waiting = jobs.iter().filter(|job| !job.is_closing()).count();
        state.waiting = state.waiting.saturating_sub(waiting);
        state.called = state.called && state.waiting > 0;
        state.untidy = true;
        jobs
    }

    /// Closings that turned up during a commit.
    pub(crate) fn put_back(&self, closings: Vec<Closing>) {
        if !closings.is_empty() {
            let mut state = self.state();
            state.jobs.extend(closings.into_iter().map(Job::Close));
            self.wake.notify_one();
        }
    }

    /// After a failed commit: the calls were made, so their ends are still owed to the log.
    pub(crate) fn put_back_later(&self, closings: Vec<Closing>) {
        let mut state = self.state();
        state.failed = true;
        for closing in closings.into_iter().rev() {
            state.jobs.push_front(Job::Close(closing));
        }
    }

    pub(crate) fn stop(&self) {
        self.state().stopped = true;
        self.wake.notify_all();
    }

    /// Blocks the writer's thread until there is something for it to do.
    pub(crate) fn wait(&self) -> Wake {
        let mut state = self.state();
        let mut closings_since = None;
        loop {
            if state.called {
                return Wake::Work;
            }
            if state.stopped {
                return Wake::Stop;
            }
            let timeout = if state.jobs.is_empty() {
                closings_since = None;
                state.asleep = true;
                state.untidy.then_some(IDLE)
            } else {
                let patience = if state.failed { RETRY } else { LINGER };
                let end = *closings_since.get_or_insert_with(Instant::now) + patience;
                let left = end.saturating_duration_since(Instant::now());
                if left.is_zero() {
                    state.failed = false;
                    return Wake::Work;
                }
                Some(left)
            };
            let (next, timed_out) = self.sleep(state, timeout);
            state = next;
            state.asleep = false;
            if timed_out && state.jobs.is_empty() && !state.called {
                state.untidy = false;
                return Wake::Idle;
            }
        }
    }

    fn sleep<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        timeout: Option<Duration>,
    ) -> (MutexGuard<'a, State>, bool) {
        match timeout {
            Some(timeout) => {
                let woken = self.wake.wait_timeout(state, timeout);
                let (state, result) = woken.unwrap_or_else(PoisonError::into_inner);
                (state, result.timed_out())
            }
            None => (self.wake.wait(state).unwrap_or_else(PoisonError::into_inner), false),
        }
    }

    /// The state is whole between statements, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

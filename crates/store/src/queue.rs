//! What waits for the next commit, and when the writer's thread has to wake up.

use std::collections::VecDeque;
use std::sync::atomic::{AtomicU64, Ordering};
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

/// What the writer's thread is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wake {
    Commit,
    Stop,
    Tidy,
}

pub(crate) struct Queue {
    state: Mutex<State>,
    wake: Condvar,
    commits: AtomicU64,
}

struct State {
    jobs: VecDeque<Job>,
    /// How many of the jobs somebody waits for.
    waiting: usize,
    /// What the thread is to do at once.
    called: Option<Wake>,
    /// The thread looks at the queue only when it is notified.
    asleep: bool,
    /// Since then something is in the queue.
    filled_at: Instant,
    /// Not before then are closings tried again.
    retry_at: Option<Instant>,
    taken_at: Instant,
    /// Something was committed since the database was last tidied.
    untidy: bool,
    /// The thread has ended.
    finished: bool,
}

impl Queue {
    pub(crate) fn new() -> Self {
        let state = State {
            jobs: VecDeque::new(),
            waiting: 0,
            called: None,
            asleep: false,
            filled_at: Instant::now(),
            retry_at: None,
            taken_at: Instant::now(),
            untidy: false,
            finished: false,
        };
        Self { state: Mutex::new(state), wake: Condvar::new(), commits: AtomicU64::new(0) }
    }

    pub(crate) fn note_commit(&self) {
        self.commits.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn commits(&self) -> u64 {
        self.commits.load(Ordering::Relaxed)
    }

    pub(crate) fn push(&self, job: Job) -> Result<(), Unavailable> {
        let mut state = self.state();
        // A closing is never turned away: its call was admitted, so there are not too many.
        if !job.is_closing() {
            if state.waiting >= WAITING_MAX {
                return Err(Unavailable::new("too many calls wait for the disk"));
            }
            state.waiting += 1;
        } else if std::mem::take(&mut state.asleep) {
            self.wake.notify_one();
        }
        if state.jobs.is_empty() {
            state.filled_at = Instant::now();
        }
        state.jobs.push_back(job);
        Ok(())
    }

    /// Leaves to the writer's thread what somebody waits for, if anything.
    pub(crate) fn hand_over(&self) {
        let mut state = self.state();
        if state.waiting > 0 && state.called.is_none() {
            state.called = Some(Wake::Commit);
            self.wake.notify_one();
        }
    }

    /// Has the writer's thread tidy the database, or stop.
    pub(crate) fn call(&self, what: Wake) {
        let mut state = self.state();
        // A stop is not to be undone.
        if state.called != Some(Wake::Stop) {
            state.called = Some(what);
        }
        self.wake.notify_one();
    }

    /// Has the writer's thread write what is left and end. False if it takes longer than `wait`.
    pub(crate) fn stop(&self, wait: Duration) -> bool {
        self.call(Wake::Stop);
        let waited = self.wake.wait_timeout_while(self.state(), wait, |state| !state.finished);
        waited.unwrap_or_else(PoisonError::into_inner).0.finished
    }

    pub(crate) fn set_finished(&self) {
        self.state().finished = true;
        self.wake.notify_all();
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.state().jobs.is_empty()
    }

    /// How many jobs somebody waits for.
    pub(crate) fn waiting(&self) -> usize {
        self.state().waiting
    }

    pub(crate) fn take(&self) -> Vec<Job> {
        let mut state = self.state();
        let count = state.jobs.len().min(BATCH_MAX);
        let jobs: Vec<Job> = state.jobs.drain(..count).collect();
        let waiting = jobs.iter().filter(|job| !job.is_closing()).count();
        state.waiting = state.waiting.saturating_sub(waiting);
        state.retry_at = None;
        state.taken_at = Instant::now();
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
        state.retry_at = Some(Instant::now() + RETRY);
        for closing in closings.into_iter().rev() {
            state.jobs.push_front(Job::Close(closing));
        }
        self.wake.notify_one();
    }

    /// Blocks the writer's thread until there is something for it to do.
    pub(crate) fn wait(&self) -> Wake {
        let mut state = self.state();
        loop {
            if let Some(what) = state.called.take() {
                return what;
            }
            let now = Instant::now();
            let until = match state.next(now) {
                Next::Due(what) => return what,
                Next::Look(at) => Some(at),
                Next::Sleep(until) => {
                    state.asleep = true;
                    until
                }
            };
            state = self.sleep(state, until);
            state.asleep = false;
        }
    }

    fn sleep<'a>(
        &'a self,
        state: MutexGuard<'a, State>,
        until: Option<Instant>,
    ) -> MutexGuard<'a, State> {
        let Some(until) = until else {
            return self.wake.wait(state).unwrap_or_else(PoisonError::into_inner);
        };
        let left = until.saturating_duration_since(Instant::now());
        self.wake.wait_timeout(state, left).unwrap_or_else(PoisonError::into_inner).0
    }

    /// The state is whole between statements, so a panic elsewhere does not spoil it.
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// What the thread does unless it is called. While callers commit on their own threads, what
    /// waits is never old, and the thread has only to look now and then: waking it for each
    /// closing would cost more than the commit.
    fn next(&mut self, now: Instant) -> Next {
        if !self.jobs.is_empty() {
            let due = self.retry_at.unwrap_or(self.filled_at + LINGER);
            return if due <= now { Next::Due(Wake::Commit) } else { Next::Look(due) };
        }
        let look = self.taken_at + LINGER;
        if now < look {
            return Next::Look(look);
        }
        let tidy = self.untidy.then_some(self.taken_at + IDLE);
        if tidy.is_some_and(|due| due <= now) {
            self.untidy = false;
            return Next::Due(Wake::Tidy);
        }
        Next::Sleep(tidy)
    }
}

enum Next {
    Due(Wake),
    /// Closings need not wake the thread: it looks by itself then.
    Look(Instant),
    /// Until then, or until somebody wakes it.
    Sleep(Option<Instant>),
}

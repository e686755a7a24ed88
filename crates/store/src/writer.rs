//! The one writer of this process: takes what waits, commits it in one transaction, answers.

use crate::chain::ChainId;
use crate::error::Unavailable;
use crate::failure::Failure;
use crate::job::Job;
use crate::lock::{LockFile, Wait};
use crate::queue::Queue;
use crate::transaction::Log;

pub(crate) struct Writer {
    lock: LockFile,
    log: Log,
    /// Set once the log cannot be trusted any more: nothing is admitted until a restart.
    broken: Option<Unavailable>,
}

impl Writer {
    pub(crate) fn new(lock: LockFile, log: Log) -> Self {
        Self { lock, log, broken: None }
    }

    pub(crate) fn chain(&self) -> ChainId {
        self.log.chain()
    }

    /// Commits one batch of what waits. False if another process holds the lock and `wait` is
    /// over.
    pub(crate) fn commit(&mut self, queue: &Queue, wait: Wait) -> bool {
        if let Some(broken) = &self.broken {
            fail(queue.take(), broken);
            return true;
        }
        let (jobs, result) = match self.lock.lock(wait) {
            Ok(None) => return false,
            Ok(Some(_locked)) => {
                let jobs = queue.take();
                let result = self.log.commit(&jobs);
                (jobs, result)
            }
            Err(error) => (queue.take(), Err(Failure::Lock(error))),
        };
        match result {
            Ok(written) => {
                let told = jobs.into_iter().zip(written);
                let unheard = told.filter_map(|(job, written)| job.tell(written, self.log.chain()));
                queue.put_back(unheard.collect());
            }
            Err(failure) => self.failed(queue, jobs, &failure),
        }
        true
    }

    /// Answers everybody, now and later, that nothing can be recorded.
    pub(crate) fn give_up(&mut self, why: Unavailable) {
        self.broken.get_or_insert(why);
    }

    /// The last commit of this process, if nobody is in the way.
    pub(crate) fn finish(&mut self, queue: &Queue) {
        while !queue.is_empty() && self.commit(queue, Wait::Block) {}
        if self.broken.is_none()
            && let Ok(Some(_locked)) = self.lock.lock(Wait::Try)
        {
            self.log.save();
        }
    }

    /// Makes what was committed part of the database file proper.
    pub(crate) fn tidy(&mut self) {
        if self.broken.is_none()
            && let Ok(Some(_locked)) = self.lock.lock(Wait::Try)
            && let Err(failure) = self.log.tidy()
        {
            self.broken = Some(failure.unavailable());
        }
    }

    fn failed(&mut self, queue: &Queue, jobs: Vec<Job>, failure: &Failure) {
        let why = failure.unavailable();
        let owed = fail(jobs, &why);
        if failure.is_final() {
            self.give_up(why);
        } else {
            queue.put_back_later(owed);
        }
    }
}

fn fail(jobs: Vec<Job>, why: &Unavailable) -> Vec<crate::encode::Closing> {
    jobs.into_iter().filter_map(|job| job.fail(why)).collect()
}

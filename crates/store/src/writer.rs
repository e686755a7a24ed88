//! The one writer of this process: takes what waits, commits it in one transaction, answers.

use std::time::{Duration, Instant};

use crate::database::Database;
use crate::error::Unavailable;
use crate::failure::Failure;
use crate::job::Job;
use crate::lock::{LockFile, Wait};
use crate::queue::{Queue, Wake};
use crate::transaction::Book;

/// A process that holds the lock longer is stuck.
const CLOSE_WAIT: Duration = Duration::from_secs(1);

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Batch {
    Committed,
    Failed,
    /// Another process holds the lock: everything waits still.
    NotBegun,
}

pub(crate) struct Writer {
    lock: LockFile,
    /// Nothing once it is closed or broken.
    book: Option<Book>,
    /// Set once the log cannot be trusted any more: nothing is admitted until a restart.
    broken: Option<Unavailable>,
}

impl Writer {
    pub(crate) fn new(lock: LockFile, book: Book) -> Self {
        Self { lock, book: Some(book), broken: None }
    }

    /// Commits one batch of what waits.
    pub(crate) fn commit(&mut self, queue: &Queue, wait: Wait) -> Batch {
        if queue.is_empty() {
            return Batch::Committed;
        }
        let (book, broken) = (self.book.as_mut(), self.broken.as_ref());
        let (Some(book), None) = (book, broken) else {
            let closed = || Unavailable::new("the store was shut down");
            fail(queue.take(), &broken.cloned().unwrap_or_else(closed));
            return Batch::Failed;
        };
        let (jobs, result) = match self.lock.lock(wait) {
            Ok(None) => return Batch::NotBegun,
            Ok(Some(_locked)) => {
                let jobs = queue.take();
                let result = book.commit(&jobs);
                (jobs, result)
            }
            Err(error) => (queue.take(), Err(Failure::Lock(error))),
        };
        let written = match result {
            Ok(written) => written,
            Err(failure) => {
                self.failed(queue, jobs, &failure);
                return Batch::Failed;
            }
        };
        queue.note_commit();
        let told = jobs.into_iter().zip(written);
        let unheard = told.filter_map(|(job, written)| job.tell(written, book.chain()));
        queue.put_back(unheard.collect());
        if book.is_untidy() {
            queue.call(Wake::Tidy);
        }
        Batch::Committed
    }

    /// Answers everybody, now and later, that nothing can be recorded. Whatever transaction is
    /// open ends, so that other processes can go on.
    pub(crate) fn give_up(&mut self, why: Unavailable) {
        self.broken.get_or_insert(why);
        self.book = None;
    }

    /// Commits what is left and closes the log. Under the lock: whoever opens the database while
    /// its last connection is being closed finds it busy.
    pub(crate) fn finish(&mut self, queue: &Queue, beside: Database) {
        let wait = Wait::Until(Instant::now() + CLOSE_WAIT);
        while !queue.is_empty() && self.commit(queue, wait) == Batch::Committed {}
        let locked = self.lock.lock(wait);
        if let (Some(book), Ok(Some(_))) = (&mut self.book, &locked) {
            book.save();
        }
        drop((beside, self.book.take()));
        drop(locked);
    }

    /// Finishes what a checkpoint beside the writing has left over, so that the write-ahead log
    /// begins anew.
    pub(crate) fn tidy(&mut self, database: &Database) -> Result<(), Failure> {
        if let Some(_locked) = self.lock.lock(Wait::Block).map_err(Failure::Lock)? {
            database.checkpoint()?;
        }
        Ok(())
    }

    #[cfg(test)]
    pub(crate) fn book(&mut self) -> &mut Option<Book> {
        &mut self.book
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

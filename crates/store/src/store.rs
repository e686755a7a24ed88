//! The handle that callers hold.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError, TryLockError};
use std::thread::{self, JoinHandle};
use std::time::Duration;

use tokio::sync::oneshot;
use toolgate_json::{Kind, Value};
use toolgate_policy::{Caller, Charge, Weight};

use crate::approval::{self, AnswerError, Approval, Asked, Asking, Binding, Bound};
use crate::chain::ChainId;
use crate::clock::{Clock, SystemClock};
use crate::database::Database;
use crate::delivery::Delivery;
use crate::digest::Key;
use crate::directory::Act;
use crate::error::{ChangeError, OpenError, Unavailable};
use crate::facts::{Admission, Arguments, Facts, Intent, Opened, Outcome, Why};
use crate::failure::Failure;
use crate::job::{Answer, Job};
use crate::lock::Wait;
use crate::open;
use crate::queue::{Queue, Wake};
use crate::writer::{Batch, Writer};

/// What an acknowledged entry survives.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Durability {
    /// The loss of power: each commit waits for the disk.
    #[default]
    Full,
    /// The death of the process.
    Normal,
}

#[derive(Clone, Copy, Debug, Default)]
pub struct Options {
    pub durability: Durability,
}

/// The audit log and the counters of one state directory. Clones share one writer; the last
/// one to be dropped waits until everything is written.
#[derive(Clone)]
pub struct Store(Arc<Inner>);

struct Inner {
    shared: Arc<Shared>,
    thread: Option<JoinHandle<()>>,
}

struct Shared {
    queue: Queue,
    writer: Mutex<Writer>,
    durability: Durability,
    key: Key,
    chain: ChainId,
}

/// Another process may keep the lock, or the disk may hang: callers wait no longer than this.
const WAIT_MAX: Duration = Duration::from_secs(5);
/// So long the last handle waits for the writer's thread to end.
const STOP_WAIT: Duration = Duration::from_secs(3);
/// How often those who commit together wait for more to come along.
const GATHER_MORE: usize = 2;
/// How many batches a caller commits before it leaves the rest to the thread.
const ROUNDS: usize = 4;
const NO_RANDOM: &str = "the system has no random bytes";

impl Store {
    /// Opens the state directory, or makes it. Blocks; while another process starts or stops,
    /// for some milliseconds.
    pub fn open(path: &Path, options: Options) -> Result<Self, OpenError> {
        Self::open_with_clock(path, options, Arc::new(SystemClock))
    }

    pub fn open_with_clock(
        path: &Path,
        options: Options,
        clock: Arc<dyn Clock>,
    ) -> Result<Self, OpenError> {
        let open::Parts { writer, key, chain, beside } =
            open::open(path, options.durability, clock)?;
        let shared = Arc::new(Shared {
            queue: Queue::new(),
            writer: Mutex::new(writer),
            durability: options.durability,
            key,
            chain,
        });
        let working = Arc::clone(&shared);
        let thread = thread::Builder::new().name("toolgate-store".to_owned());
        let thread = thread.spawn(move || working.work(beside));
        let thread = thread.map_err(|error| OpenError::unwritable(path, error))?;
        Ok(Self(Arc::new(Inner { shared, thread: Some(thread) })))
    }

    /// Spends all charges of a call and records it, or does neither. Once this returns
    /// `Admitted`, the call may be sent. If the caller stops waiting, nothing stays spent.
    pub async fn admit(&self, intent: Intent) -> Result<Admission, Unavailable> {
        self.request(|answer| Job::Admit { intent, answer }).await
    }

    /// Records a call that is not let through; answers with its decision id. Nothing if the
    /// directory has changed: then nothing was recorded, and the call is to be decided again.
    pub async fn refuse(&self, facts: Facts, why: Why) -> Result<Option<String>, Unavailable> {
        self.request(|answer| Job::Refuse { facts, why, answer }).await
    }

    /// What a person's yes to a call is bound to.
    pub fn binding(&self, bound: Bound<'_>) -> Binding {
        Binding::of(&self.0.shared.key, bound)
    }

    /// Puts a question to people, unless somebody has. The call is recorded as one that waits.
    pub async fn ask(&self, asking: Asking) -> Result<Asked, Unavailable> {
        let id = approval::random_id().ok_or_else(|| Unavailable::new(NO_RANDOM))?;
        let asking = Box::new(asking);
        self.request(|answer| Job::Ask { id, asking, answer }).await
    }

    /// What a person says to a question. Recorded with who it was and how it came.
    pub async fn answer(&self, id: &str, given: approval::Answer) -> Result<Approval, AnswerError> {
        let (id, delivery) = (id.to_owned(), None);
        self.request(|answer| Job::Answer { id, given, delivery, answer }).await?
    }

    /// The same for an answer that came in a signed message, which counts once.
    pub async fn answer_delivered(
        &self,
        id: &str,
        given: approval::Answer,
        delivery: Delivery,
    ) -> Result<Approval, AnswerError> {
        let (id, delivery) = (id.to_owned(), Some(delivery));
        self.request(|answer| Job::Answer { id, given, delivery, answer }).await?
    }

    /// Whoever asked does not wait for an answer any more. Nothing if it is not open.
    pub async fn withdraw(&self, id: &str) -> Result<bool, Unavailable> {
        let id = id.to_owned();
        self.request(|answer| Job::Withdraw { id, answer }).await
    }

    /// How the bounds of these charges stand for a caller: nothing is spent or recorded.
    pub async fn weigh(
        &self,
        caller: Caller,
        charges: Vec<Charge>,
    ) -> Result<Vec<Weight>, Unavailable> {
        self.request(|answer| Job::Weigh { caller, charges, answer }).await
    }

    /// Records something that is no call: a new policy in force, a start, an alarm.
    pub async fn note(&self, code: &str, text: &str) -> Result<(), Unavailable> {
        let (code, text) = (code.to_owned(), text.to_owned());
        self.request(|answer| Job::Note { code, text, answer }).await
    }

    /// Changes the directory: all acts, or none. Each is recorded with who did it. Gives the
    /// entry as of which they are in force.
    pub async fn change(&self, acts: Vec<Act>, by: &str) -> Result<u64, ChangeError> {
        let by = by.to_owned();
        Ok(self.request(|answer| Job::Change { acts, by, answer }).await??)
    }

    /// Records how an admitted call ended; with `refund`, gives back what it spent. Does not
    /// wait: the entry rides on the next commit. Closing again does nothing.
    #[expect(clippy::unused_async, reason = "a shared store will have to wait")]
    pub async fn close(
        &self,
        opened: &Opened,
        outcome: Outcome,
        duration_us: u64,
        refund: bool,
    ) -> Result<(), Unavailable> {
        match opened.closing(outcome, duration_us, refund) {
            Some(closing) => self.0.shared.queue.push(Job::Close(closing)),
            None => Ok(()),
        }
    }

    /// The same for a call whose result was looked at, with the ids of what was found.
    #[expect(clippy::unused_async, reason = "a shared store will have to wait")]
    pub async fn close_with(
        &self,
        opened: &Opened,
        (outcome, findings): (Outcome, Arc<[&'static str]>),
        duration_us: u64,
        refund: bool,
    ) -> Result<(), Unavailable> {
        match opened.closing_with(outcome, findings, duration_us, refund) {
            Some(closing) => self.0.shared.queue.push(Job::Close(closing)),
            None => Ok(()),
        }
    }

    /// Keyed BLAKE3 of the canonical form under the key of the state directory, in hexadecimal.
    pub fn digest(&self, value: Value<'_>) -> String {
        self.0.shared.key.digest(value)
    }

    /// What the log keeps of a call's arguments; their text only if `record` says so.
    pub fn arguments(&self, value: Value<'_>, record: bool) -> Arguments {
        let mut keys: Vec<String> = match value.kind() {
            Kind::Object => {
                value.entries().filter_map(|(key, _)| Some(key.as_str()?.into_owned())).collect()
            }
            _ => Vec::new(),
        };
        keys.sort_unstable();
        let raw = record.then(|| bytes::Bytes::copy_from_slice(value.raw()));
        Arguments { digest: self.digest(value), keys, raw }
    }

    /// How many transactions this handle and its clones have committed.
    pub fn commits(&self) -> u64 {
        self.0.shared.queue.commits()
    }

    pub fn chain(&self) -> ChainId {
        self.0.shared.chain
    }

    /// Waits until everything that was asked for so far is committed.
    pub async fn flush(&self) -> Result<(), Unavailable> {
        self.request(|answer| Job::Flush { answer }).await
    }

    /// Commits what is left, then lets go of the handle without holding up the caller's thread.
    pub async fn finish(self) -> Result<(), Unavailable> {
        let flushed = self.flush().await;
        let closed = tokio::task::spawn_blocking(move || drop(self)).await;
        closed.map_err(|_| Unavailable::new("a bug stopped the writer"))?;
        flushed
    }

    async fn request<T>(&self, job: impl FnOnce(Answer<T>) -> Job) -> Result<T, Unavailable> {
        let shared = &self.0.shared;
        let (answer, mut heard) = oneshot::channel();
        shared.queue.push(job(answer))?;
        match shared.durability {
            Durability::Full => shared.queue.hand_over(),
            Durability::Normal => {
                shared.gather().await;
                if heard.is_empty() {
                    shared.commit_here();
                }
            }
        }
        if let Ok(answer) = heard.try_recv() {
            return answer;
        }
        match tokio::time::timeout(WAIT_MAX, heard).await {
            Ok(Ok(answer)) => answer,
            Ok(Err(_)) => Err(Unavailable::new("a bug stopped the writer")),
            Err(_) => Err(Unavailable::new("the disk, or another process, keeps it waiting")),
        }
    }
}

impl Shared {
    /// Lets everybody who is ready ask first, so that one commit is for all of them. Where
    /// others came along, still others may be on their way.
    async fn gather(&self) {
        tokio::task::yield_now().await;
        for _ in 0..GATHER_MORE {
            if self.queue.waiting() < 2 {
                return;
            }
            tokio::task::yield_now().await;
        }
    }

    /// Commits what waits on the caller's own thread: waking another one would take longer than
    /// the commit. Leaves it to the thread if another process is in the way.
    fn commit_here(&self) {
        let mut writer = match self.writer.try_lock() {
            Ok(writer) => writer,
            // Whoever commits now looks again afterwards.
            Err(TryLockError::WouldBlock) => return,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
        };
        if self.writer.is_poisoned() {
            writer.give_up(Unavailable::new("a bug stopped the writer"));
        }
        for _ in 0..ROUNDS {
            let done = self.queue.waiting() == 0;
            if done || writer.commit(&self.queue, Wait::Try) != Batch::Committed {
                break;
            }
        }
        drop(writer);
        self.queue.hand_over();
    }

    /// The writer's own thread. `beside` is a second connection to the database.
    fn work(&self, beside: Database) {
        loop {
            match self.queue.wait() {
                Wake::Commit => {
                    self.writer().commit(&self.queue, Wait::Block);
                }
                Wake::Stop => {
                    self.writer().finish(&self.queue, beside);
                    return self.queue.set_finished();
                }
                Wake::Tidy => self.tidy(&beside),
            }
            self.queue.hand_over();
        }
    }

    /// Most of a checkpoint is done while others go on committing. What they committed meanwhile
    /// is left over, so the rest is done while nobody does: only then the log begins anew.
    fn tidy(&self, beside: &Database) {
        let most = beside.checkpoint().map_err(Failure::Database);
        if let Err(failure) = most.and_then(|()| self.writer().tidy(beside))
            && failure.is_final()
        {
            self.writer().give_up(failure.unavailable());
        }
    }

    fn writer(&self) -> std::sync::MutexGuard<'_, Writer> {
        let mut writer = self.writer.lock().unwrap_or_else(PoisonError::into_inner);
        if self.writer.is_poisoned() {
            writer.give_up(Unavailable::new("a bug stopped the writer"));
        }
        writer
    }
}

impl Drop for Inner {
    fn drop(&mut self) {
        // If another process keeps the lock, the thread cannot be interrupted: then it is left
        // behind, and what it could not write has an unknown outcome.
        let finished = self.shared.queue.stop(STOP_WAIT);
        if let Some(thread) = self.thread.take().filter(|_| finished) {
            // Its panic was answered to whoever waited.
            let _ = thread.join();
        }
    }
}

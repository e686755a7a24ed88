//! A thread that follows the log: what is new is counted at once, what is old in the background. It
//! begins when somebody first looks, and rests when nobody does.

use std::path::{Path, PathBuf};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use tokio::sync::{broadcast, watch};
use toolgate_store::{Budget, Budgets, Entry, Follow, Kind, Log, ReadError};

use crate::log::{End, Filter, Row};
use crate::moment;

use super::blocks::Blocks;
use super::live::{Batch, Gathering};
use super::names::{Field, Names};
use super::summary::{Key, Look, Range, Summary};

#[derive(Clone)]
pub(crate) struct Pulse(Arc<Shared>);

struct Shared {
    state: PathBuf,
    count: Mutex<Count>,
    drive: Mutex<Drive>,
    turned: Condvar,
    /// The newest entry that was counted.
    seen: watch::Sender<u64>,
    live: broadcast::Sender<Arc<Batch>>,
}

#[derive(Default)]
struct Drive {
    started: bool,
    stopped: bool,
    /// Somebody has looked, and the thread has not yet.
    poked: bool,
    looked: Option<Instant>,
}

/// What was counted.
#[derive(Default)]
struct Count {
    names: Names,
    summary: Summary,
    blocks: Blocks,
    budgets: Budgets,
    /// The entries that were counted: from the first to the last of these.
    first: u64,
    last: u64,
    /// When the first of them was written.
    first_ms: u64,
}

/// What there is to see, and whether all of it was counted already.
pub(crate) struct Seen {
    pub(crate) look: Look,
    pub(crate) budgets: Vec<Budget>,
    /// Nothing if all of the range was counted; otherwise since when it was.
    pub(crate) counted_from_ms: Option<u64>,
}

/// Between two looks at the log while somebody looks on; what came meanwhile is told together.
const PAUSE: Duration = Duration::from_millis(150);
/// So many of these a slow onlooker may be behind.
const BATCHES: usize = 16;
/// Between two looks at the log while nobody does.
const IDLE_PAUSE: Duration = Duration::from_secs(1);
/// Nobody looks any more.
const REST_AFTER: Duration = Duration::from_mins(10);
/// Old entries are counted for so long, and then not for as long: the log's writers go first.
const WORK: Duration = Duration::from_millis(20);
const AT_ONCE: usize = 256;
/// Further back nothing is counted.
const BACK_MAX: u64 = 8_000_000;

impl Pulse {
    pub(crate) fn new(state: &Path) -> Self {
        Self(Arc::new(Shared {
            state: state.to_owned(),
            count: Mutex::default(),
            drive: Mutex::default(),
            turned: Condvar::new(),
            seen: watch::Sender::new(0),
            live: broadcast::Sender::new(BATCHES),
        }))
    }

    /// Somebody looks: the thread is started, or looks at once.
    pub(crate) fn wake(&self) {
        let mut drive = lock(&self.0.drive);
        (drive.poked, drive.looked) = (true, Some(Instant::now()));
        if !drive.started && !drive.stopped {
            let shared = Arc::clone(&self.0);
            let thread = std::thread::Builder::new().name("toolgate-console-log".to_owned());
            drive.started = thread.spawn(move || run(&shared)).is_ok();
        }
        self.0.turned.notify_all();
    }

    /// What comes from now on, and the newest entry that came before. Who does not keep up misses
    /// the oldest.
    pub(crate) fn follow(&self) -> (broadcast::Receiver<Arc<Batch>>, u64) {
        // In this order: what comes in between comes twice, and not never.
        let fresh = self.0.live.subscribe();
        self.wake();
        let seen = *self.0.seen.borrow();
        (fresh, seen)
    }

    pub(crate) fn stop(&self) {
        lock(&self.0.drive).stopped = true;
        self.0.turned.notify_all();
    }

    /// Waits until entry `seq` was counted, for a moment.
    pub(crate) async fn catch_up(&self, seq: u64, at_most: Duration) {
        self.wake();
        let mut seen = self.0.seen.subscribe();
        let _ = tokio::time::timeout(at_most, seen.wait_for(|seen| *seen >= seq)).await;
    }

    pub(crate) fn look(&self, range: Range) -> Seen {
        let now_ms = moment::now_ms();
        let mut count = lock(&self.0.count);
        let budgets = count.budgets.current(now_ms);
        let look = count.summary.look(&count.names, range, now_ms);
        let whole = count.first == 1 || count.first_ms < range.start_ms(now_ms);
        Seen { look, budgets, counted_from_ms: (!whole).then_some(count.first_ms) }
    }

    /// Where in the log that may be which is wanted, newest first.
    pub(crate) fn ranges(&self, filter: &Filter, newest: u64, oldest: u64) -> Vec<(u64, u64)> {
        let count = lock(&self.0.count);
        let counted = (count.first, count.last);
        count.blocks.ranges(&count.names, filter, (newest, oldest), counted)
    }
}

impl Count {
    fn note(&mut self, entry: &Entry, now_ms: u64) {
        if let (Kind::Closed(closed), Some(end)) = (&entry.kind, End::of(entry)) {
            self.summary.note_end(closed.opened, end, now_ms);
        }
        let Some(row) = Row::of(entry) else { return };
        self.budgets.note(entry);
        let mut id = |field, name: &str| self.names.id(field, name);
        let (server, tool) = (id(Field::Server, &row.server), id(Field::Tool, &row.tool));
        let (code, rule) = (id(Field::Code, &row.code), id(Field::Rule, &row.rule));
        let word = id(Field::Word, row.word.as_str());
        let (grant, who) = (id(Field::Grant, &row.grant), id(Field::Principal, &row.principal));
        let key = Key { word: row.word, server, tool, code, rule };
        self.summary.note((row.seq, row.wall_ms), key, now_ms);
        self.blocks.note(row.seq, [server, tool, code, rule, word, grant, who]);
    }

    fn note_new(&mut self, entries: &[Entry]) {
        let now_ms = moment::now_ms();
        for entry in entries {
            self.note(entry, now_ms);
        }
        if let Some(newest) = entries.last() {
            self.last = newest.seq;
        }
    }

    fn note_old(&mut self, entries: &[Entry]) {
        let now_ms = moment::now_ms();
        for entry in entries {
            self.note(entry, now_ms);
        }
        if let Some(oldest) = entries.last() {
            (self.first, self.first_ms) = (oldest.seq, oldest.wall_ms);
        }
    }
}

/// Whatever goes wrong (the log is taken away, or another one put in its place), it begins anew.
fn run(shared: &Shared) {
    while !lock(&shared.drive).stopped {
        if let Ok(follow) = begin(shared)
            && keep_up(shared, follow).is_ok()
        {
            return;
        }
        let drive = lock(&shared.drive);
        drop(shared.turned.wait_timeout(drive, IDLE_PAUSE));
    }
}

fn begin(shared: &Shared) -> Result<Follow, ReadError> {
    let log = Log::open(&shared.state).map_err(|_| ReadError::Entry { seq: 0 })?;
    let newest = log.newest()?;
    let now_ms = moment::now_ms();
    *lock(&shared.count) =
        Count { first: newest + 1, last: newest, first_ms: now_ms, ..Count::default() };
    shared.seen.send_replace(newest);
    Ok(log.follow(newest))
}

/// Returns once it is told to stop.
fn keep_up(shared: &Shared, mut follow: Follow) -> Result<(), ReadError> {
    loop {
        lock(&shared.drive).poked = false;
        if follow.log().is_replaced() {
            return Err(ReadError::Entry { seq: follow.seen() });
        }
        take_new(shared, &mut follow)?;
        let more = count_old(shared, follow.log())?;
        if !rest(shared, more) {
            return Ok(());
        }
    }
}

fn take_new(shared: &Shared, follow: &mut Follow) -> Result<(), ReadError> {
    let mut gathering = Gathering::default();
    loop {
        let entries = follow.poll()?;
        if entries.is_empty() {
            gathering.tell(&shared.live);
            return Ok(());
        }
        lock(&shared.count).note_new(&entries);
        shared.seen.send_replace(follow.seen());
        if shared.live.receiver_count() > 0 {
            gathering.take(entries, &shared.live);
        }
    }
}

/// Goes on counting what is old. False once there is no more.
fn count_old(shared: &Shared, log: &Log) -> Result<bool, ReadError> {
    let (began, (first, last)) = (Instant::now(), {
        let count = lock(&shared.count);
        (count.first, count.last)
    });
    let Some(next) = first.checked_sub(1).filter(|next| *next > 0) else { return Ok(false) };
    if last - next > BACK_MAX {
        return Ok(false);
    }
    let mut entries = log.entries_back(next);
    while began.elapsed() < WORK {
        let some = entries.by_ref().take(AT_ONCE).collect::<Result<Vec<_>, _>>()?;
        if some.is_empty() {
            break;
        }
        lock(&shared.count).note_old(&some);
    }
    Ok(true)
}

/// Waits until there is something to do. False if there never will be.
fn rest(shared: &Shared, more: bool) -> bool {
    let drive = lock(&shared.drive);
    let forgotten = drive.looked.is_none_or(|at| at.elapsed() > REST_AFTER);
    let pause = match (more, shared.live.receiver_count(), forgotten) {
        (true, ..) => WORK,
        (false, 1.., _) => PAUSE,
        (false, 0, true) => REST_AFTER,
        (false, 0, false) => IDLE_PAUSE,
    };
    let waited = shared
        .turned
        .wait_timeout_while(drive, pause, |drive| !drive.stopped && (more || !drive.poked));
    !waited.unwrap_or_else(PoisonError::into_inner).0.stopped
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

//! Opening a state directory: made if need be, locked, checked against the head kept apart.

use std::io;
use std::path::Path;
use std::sync::Arc;
use std::time::{Duration, Instant};

use crate::chain::ChainId;
use crate::clock::{Anchor, Clock, limit_time};
use crate::database::Database;
use crate::digest::Key;
use crate::encode::{self, Stamp};
use crate::error::OpenError;
use crate::failure::Failure;
use crate::head::{HeadFile, Kept};
use crate::ledger::{Broken, Ledger};
use crate::lock::{Identity, LockFile, Wait};
use crate::state_dir::StateDir;
use crate::store::Durability;
use crate::transaction::{Book, Names};
use crate::writer::Writer;

/// Other processes hold the lock for one batch at a time.
const LOCK_WAIT: Duration = Duration::from_secs(10);

/// What is to be written down about this very opening: a code and a sentence.
type Notes = Vec<(&'static str, String)>;

/// A state directory in use.
pub(crate) struct Parts {
    pub(crate) writer: Writer,
    pub(crate) key: Key,
    pub(crate) chain: ChainId,
    /// A second connection, for work beside the writing.
    pub(crate) beside: Database,
}

pub(crate) fn open(
    path: &Path,
    durability: Durability,
    clock: Arc<dyn Clock>,
) -> Result<Parts, OpenError> {
    let directory = StateDir::create(path)?;
    let at = directory.lock();
    let unwritable = |error| OpenError::unwritable(&at, error);
    let mut lock = LockFile::open(at.clone()).map_err(unwritable)?;
    let (book, key, beside) = {
        let locked = lock.lock(Wait::Until(Instant::now() + LOCK_WAIT)).map_err(unwritable)?;
        let _locked = locked.ok_or_else(|| OpenError::Busy { path: at.clone() })?;
        let at = directory.key();
        let key = Key::open(&at).map_err(|error| OpenError::unwritable(&at, error))?;
        let book = book(&directory, durability, clock, &key)?;
        let beside = Database::open(&directory.database(), sync(durability))?;
        (book, key, beside)
    };
    Ok(Parts { chain: book.chain(), writer: Writer::new(lock, book), key, beside })
}

fn sync(durability: Durability) -> &'static str {
    match durability {
        Durability::Full => "full",
        Durability::Normal => "normal",
    }
}

/// Opens the log and writes down what is odd about it. The directory is locked.
fn book(
    directory: &StateDir,
    durability: Durability,
    clock: Arc<dyn Clock>,
    key: &Key,
) -> Result<Book, OpenError> {
    let (path, head_path) = (directory.database(), directory.head());
    let unwritable = |error: io::Error| OpenError::unwritable(&path, error);
    directory.create_database().map_err(unwritable)?;
    let database = Database::open(&path, sync(durability))?;
    let boot = clock.boot().unwrap_or_default();
    let head_file = HeadFile::open(&head_path, &boot);
    let mut head_file = head_file.map_err(|error| OpenError::unwritable(&head_path, error))?;
    let kept = Kept::read(&head_path);
    let (ledger, anchor) = begin(&database, kept, head_file.boot(), clock.as_ref(), key)
        .map_err(|failure| failure.opening(&path))?;
    let written = head_file.write(&ledger.head);
    written.map_err(|error| OpenError::unwritable(&head_path, error))?;
    let chain = ledger.head.chain;
    Ok(Book {
        identity: Identity::of(&path).map_err(unwritable)?,
        names: Names { chain, text: chain.to_string() },
        ledger: Some(ledger),
        key: key.clone(),
        body: Vec::with_capacity(4096),
        written_bytes: 0,
        database,
        path,
        head_file,
        clock,
        anchor,
    })
}

fn begin(
    database: &Database,
    kept: io::Result<Option<Kept>>,
    boot: &str,
    clock: &dyn Clock,
    key: &Key,
) -> Result<(Ledger, Option<Anchor>), Failure> {
    database.begin()?;
    let mut notes = Notes::new();
    let chain = if let Some(chain) = database.chain()? {
        database.upgrade()?;
        chain
    } else {
        let chain = ChainId::random().ok_or(Failure::Random)?;
        database.create(chain)?;
        notes.push(("created", format!("by toolgate {}", env!("CARGO_PKG_VERSION"))));
        chain
    };
    let mut ledger = Ledger::load(database, chain, key)?;
    compare(database, &ledger, kept, boot, &mut notes)?;
    let anchor = anchored(database, clock, ledger.newest_ns)?;
    let time_ns = limit_time(clock, anchor.as_ref(), ledger.newest_ns).ok_or(Failure::Clock)?;
    let stamp = Stamp { chain: &chain.to_string(), time_ns, wall_ms: clock.wall_ns() / 1_000_000 };
    let mut body = Vec::new();
    for (code, text) in notes {
        encode::note(&mut body, stamp, code, &text);
        ledger.append(&mut database.appending()?, time_ns, &body)?;
    }
    database.commit()?;
    Ok((ledger, anchor))
}

/// The log must reach at least as far as the head that was kept apart.
fn compare(
    database: &Database,
    ledger: &Ledger,
    kept: io::Result<Option<Kept>>,
    boot: &str,
    notes: &mut Notes,
) -> Result<(), Failure> {
    let there = ledger.head;
    let kept = match kept {
        Ok(Some(kept)) => kept,
        Ok(None) if there.seq == 0 => return Ok(()),
        Ok(None) => {
            notes.push(("head_missing", "the head file was missing".to_owned()));
            return Ok(());
        }
        Err(error) => {
            notes.push(("head_unreadable", format!("the head file could not be read: {error}")));
            return Ok(());
        }
    };
    let broken = |seq, what| Err(Failure::Broken(Broken::Entry { seq, what }));
    let head = kept.head;
    if head.chain != there.chain {
        return broken(head.seq, "belongs to another log, by the file `head` beside it");
    }
    if head.seq <= there.seq {
        let same = database.entry(head.seq)?.is_some_and(|raw| raw.hash[..] == head.hash);
        return if same { Ok(()) } else { broken(head.seq, "is not what the file `head` says") };
    }
    // A commit outlives the process, so within one boot nothing can be missing. The loss of
    // power takes the newest commits along where durability is not full.
    if kept.boot == boot && !boot.is_empty() {
        return broken(head.seq, "is missing, by the file `head` beside it");
    }
    let text =
        format!("the log had reached {}, then lost entries behind {}", head.to_json(), there.seq);
    notes.push(("entries_lost", text));
    Ok(())
}

/// The anchor of the present boot, whoever made it: all processes go by the same time.
fn anchored(
    database: &Database,
    clock: &dyn Clock,
    newest_ns: u64,
) -> Result<Option<Anchor>, Failure> {
    let boot = clock.boot();
    let there = database.anchor()?.filter(|anchor| Some(&anchor.boot) == boot.as_ref());
    if there.is_some() {
        return Ok(there);
    }
    // Judged before it is stored: a clock that cannot be right must not stay.
    limit_time(clock, None, newest_ns).ok_or(Failure::Clock)?;
    let fresh = Anchor::new(clock, newest_ns);
    if let Some(anchor) = &fresh {
        database.set_anchor(anchor)?;
    }
    Ok(fresh)
}

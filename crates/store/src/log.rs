//! The log as its readers have it: in order, backwards, by decision, as it grows.

mod budgets;
mod format;
pub mod replay;
mod sift;
mod verify;

use std::collections::HashMap;
use std::path::{Path, PathBuf};

use crate::chain::{ChainId, DecisionId};
use crate::database::{Database, Raw};
use crate::decode;
use crate::directory::Extent;
use crate::entry::{Entry, Kind};
use crate::error::{OpenError, ReadError};
use crate::head::{Head, Kept};
use crate::lock::Identity;
use crate::state_dir::StateDir;

pub use budgets::{Budget, Budgets};
pub use format::Format;
pub use sift::Glance;
pub use verify::{Fault, HeadCheck, Report, Verified};

/// A reader. It takes no lock and is in nobody's way.
pub struct Log {
    pub(crate) database: Database,
    pub(crate) chain: ChainId,
    path: PathBuf,
    head_path: PathBuf,
    /// Of the file that is read; nothing if it was gone at once.
    identity: Option<Identity>,
}

/// A decision, and how the call ended if it was let through.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Call {
    pub entry: Entry,
    /// Nothing for a call that was let through: its outcome is unknown, or not known yet.
    pub closing: Option<Entry>,
}

/// Entries one after the other.
pub struct Entries<'a> {
    log: &'a Log,
    next: Option<u64>,
    backwards: bool,
    page: std::vec::IntoIter<Raw>,
}

/// The log as it grows.
pub struct Follow {
    log: Log,
    next: u64,
}

const READ_AT_ONCE: u32 = 256;

impl Log {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        let directory = StateDir::readable(path)?;
        let path = directory.database();
        // Before it is opened: one that comes in between counts as another one.
        let identity = Identity::of(&path).ok();
        let database = Database::open_read_only(&path)?;
        let chain = database.chain().map_err(|error| OpenError::database(&path, &error))?;
        let chain = chain.ok_or_else(|| OpenError::corrupt(&path, "it holds no log"))?;
        Ok(Self { database, chain, path, head_path: directory.head(), identity })
    }

    /// Whether another file, or none, stands by now where the one stood that this reads.
    pub fn is_replaced(&self) -> bool {
        Identity::of(&self.path).ok() != self.identity
    }

    pub fn chain(&self) -> ChainId {
        self.chain
    }

    /// The newest entry's head: what to keep elsewhere.
    pub fn head(&self) -> Result<Head, ReadError> {
        let Some(raw) = self.database.newest()? else { return Err(ReadError::Entry { seq: 1 }) };
        let hash = raw.hash[..].try_into().map_err(|_| ReadError::Entry { seq: raw.seq })?;
        Ok(Head { chain: self.chain, seq: raw.seq, hash })
    }

    /// The head in the file beside the log.
    pub fn kept_head(&self) -> std::io::Result<Option<Head>> {
        Kept::read(&self.head_path).map(|kept| kept.map(|kept| kept.head))
    }

    /// From entry `seq` on; the first is 1.
    pub fn entries(&self, seq: u64) -> Entries<'_> {
        Entries { log: self, next: Some(seq), backwards: false, page: Vec::new().into_iter() }
    }

    /// From entry `seq` back to the first; from the newest if `seq` is beyond it.
    pub fn entries_back(&self, seq: u64) -> Entries<'_> {
        // SQLite's numbers are signed.
        let next = Some(seq.min(i64::MAX.unsigned_abs()));
        Entries { log: self, next, backwards: true, page: Vec::new().into_iter() }
    }

    pub fn entry(&self, seq: u64) -> Result<Option<Entry>, ReadError> {
        self.database.entry(seq)?.map(read).transpose()
    }

    /// The entry with this id.
    pub fn decision(&self, decision_id: &str) -> Result<Option<Entry>, ReadError> {
        let id = DecisionId::parse(decision_id).filter(|id| self.chain.decision(id.seq()) == *id);
        id.map_or(Ok(None), |id| self.entry(id.seq()))
    }

    /// The decision with this id, and how the call ended.
    pub fn find(&self, decision_id: &str) -> Result<Option<Call>, ReadError> {
        let Some(entry) = self.decision(decision_id)? else { return Ok(None) };
        let closing = match entry.kind {
            Kind::Opened(_) => self.closing(entry.seq)?,
            Kind::Answered(_)
            | Kind::Changed(_)
            | Kind::Closed(_)
            | Kind::Denied(_)
            | Kind::Note(_) => None,
        };
        Ok(Some(Call { entry, closing }))
    }

    /// Whether any call on record was one of this extent.
    pub fn has_seen(&self, extent: &Extent) -> Result<bool, ReadError> {
        let (member, name) = match extent {
            Extent::All => return Ok(true),
            Extent::Grant(name) => ("grant", name),
            Extent::Server(name) => ("server", name),
        };
        let mut needle = format!(r#""{member}":"#).into_bytes();
        toolgate_json::quote(name, &mut needle);
        let mut behind = 0;
        // What looks like it may stand inside recorded arguments.
        while let Some(raw) = self.database.first_with(behind, &needle)? {
            behind = raw.seq;
            let facts = match read(raw)?.kind {
                Kind::Opened(opened) => opened.facts,
                Kind::Denied(denied) => denied.facts,
                Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => continue,
            };
            let caller = &facts.caller;
            if *name == *(if member == "grant" { &caller.grant } else { &caller.server }) {
                return Ok(true);
            }
        }
        Ok(false)
    }

    /// The entry that closes the call which entry `opened` let through.
    fn closing(&self, opened: u64) -> Result<Option<Entry>, ReadError> {
        let needle = format!(r#""opened":{opened},"#);
        let mut behind = opened;
        // What looks like it may stand inside recorded arguments.
        while let Some(raw) = self.database.first_with(behind, needle.as_bytes())? {
            behind = raw.seq;
            let entry = read(raw)?;
            if entry.closes(opened) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// What was said to a question to people, or that it was withdrawn.
    pub fn answer_to(&self, approval: &str) -> Result<Option<Entry>, ReadError> {
        let needle = format!(r#""approval":"{approval}","verdict":"#);
        let mut behind = 0;
        // What looks like it may stand inside recorded arguments.
        while let Some(raw) = self.database.first_with(behind, needle.as_bytes())? {
            behind = raw.seq;
            let entry = read(raw)?;
            if matches!(&entry.kind, Kind::Answered(answered) if answered.approval == approval) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }

    /// Calls that were let through from entry `seq` on and never closed: they are under way, or
    /// a crash came between and their outcome is unknown.
    pub fn unclosed(&self, seq: u64) -> Result<Vec<Entry>, ReadError> {
        let mut open = HashMap::new();
        for entry in self.entries(seq) {
            let entry = entry?;
            match &entry.kind {
                Kind::Opened(_) => drop(open.insert(entry.seq, entry)),
                Kind::Closed(closed) => drop(open.remove(&closed.opened)),
                Kind::Answered(_) | Kind::Changed(_) | Kind::Denied(_) | Kind::Note(_) => {}
            }
        }
        let mut open: Vec<Entry> = open.into_values().collect();
        open.sort_unstable_by_key(|entry| entry.seq);
        Ok(open)
    }

    /// Entries behind `seq`, now and as they come.
    pub fn follow(self, seq: u64) -> Follow {
        Follow { log: self, next: seq.saturating_add(1) }
    }
}

impl Follow {
    pub fn log(&self) -> &Log {
        &self.log
    }

    /// The newest entry that was seen.
    pub fn seen(&self) -> u64 {
        self.next.saturating_sub(1)
    }

    /// What was appended since the last time, at most some hundred entries.
    pub fn poll(&mut self) -> Result<Vec<Entry>, ReadError> {
        let page = self.log.database.entries_from(self.next, READ_AT_ONCE)?;
        let entries = page.into_iter().map(read).collect::<Result<Vec<_>, _>>()?;
        if let Some(newest) = entries.last() {
            self.next = newest.seq + 1;
        }
        Ok(entries)
    }
}

impl Iterator for Entries<'_> {
    type Item = Result<Entry, ReadError>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.as_slice().is_empty() {
            let (from, database) = (self.next?, &self.log.database);
            let page = if self.backwards {
                database.entries_back(from, READ_AT_ONCE)
            } else {
                database.entries_from(from, READ_AT_ONCE)
            };
            match page {
                Ok(page) => self.page = page.into_iter(),
                Err(error) => {
                    self.next = None;
                    return Some(Err(error.into()));
                }
            }
        }
        let raw = self.page.next()?;
        self.next = if self.backwards { raw.seq.checked_sub(1) } else { raw.seq.checked_add(1) };
        Some(read(raw))
    }
}

fn read(raw: Raw) -> Result<Entry, ReadError> {
    let damaged = ReadError::Entry { seq: raw.seq };
    let Ok(hash) = raw.hash[..].try_into() else { return Err(damaged) };
    decode::entry(raw.seq, hash, raw.body).ok_or(damaged)
}

//! Whether the log is what was written: every entry against its hash, the end against a head.

use crate::chain::{ChainId, Hash, link};
use crate::database::Raw;
use crate::decode;
use crate::entry::Entry;
use crate::head::Head;
use crate::log::Log;

/// What was found. Everything up to a head that holds is as it was when that head was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// How many entries hold, from the first.
    pub entries: u64,
    /// The last one that holds.
    pub newest: Head,
    pub fault: Option<Fault>,
    /// The head in the file beside the log.
    pub kept: HeadCheck,
    /// The head that the caller brought along.
    pub given: HeadCheck,
}

/// The first place where the log is not what was written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    pub seq: u64,
    pub what: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum HeadCheck {
    /// There was none to compare with.
    Absent,
    /// The log holds another entry there: it was rewritten.
    Differs {
        seq: u64,
    },
    Holds {
        seq: u64,
    },
    /// The log ends before it, or is damaged before it: entries were cut off.
    Missing {
        seq: u64,
    },
    /// It belongs to another log.
    OtherLog,
    Unreadable,
}

/// Walks along the chain.
struct Walk {
    newest: Head,
    newest_ns: u64,
    heads: [(Option<Head>, HeadCheck); 2],
}

const READ_AT_ONCE: u32 = 512;

impl Report {
    /// Nothing is wrong, as far as can be told.
    pub fn holds(&self) -> bool {
        let fine = |check| matches!(check, HeadCheck::Absent | HeadCheck::Holds { .. });
        self.fault.is_none() && fine(self.kept) && fine(self.given)
    }
}

impl Log {
    /// Reads the whole log. `head` is one that was kept elsewhere: without it, whoever can write
    /// the files could have rewritten everything.
    pub fn verify(&self, head: Option<&Head>) -> Report {
        let mut walk = Walk::begin(self, head.copied());
        let fault = self.walk(&mut walk).err();
        walk.report(fault)
    }

    /// Every entry from the first, held against its hash as it is read.
    pub fn verified(&self) -> Verified<'_> {
        let page = Vec::new().into_iter();
        Verified { log: self, walk: Walk::begin(self, None), page, begun: false }
    }

    /// What to say of a head unless the walk comes by it.
    fn before(&self, head: Option<Head>, absent: HeadCheck) -> (Option<Head>, HeadCheck) {
        let check = match head {
            None => absent,
            Some(head) if head.chain != self.chain => HeadCheck::OtherLog,
            Some(head) => HeadCheck::Missing { seq: head.seq },
        };
        (head, check)
    }

    fn walk(&self, walk: &mut Walk) -> Result<(), Fault> {
        self.has_no_stray()?;
        loop {
            let page = self.page(walk)?;
            if page.is_empty() {
                break;
            }
            for raw in page {
                walk.step(raw)?;
            }
        }
        walk.has_begun()
    }

    fn page(&self, walk: &Walk) -> Result<Vec<Raw>, Fault> {
        let next = walk.newest.seq + 1;
        let page = self.database.entries_from(next, READ_AT_ONCE);
        page.map_err(|error| Fault { seq: next, what: error.to_string() })
    }

    fn has_no_stray(&self) -> Result<(), Fault> {
        match self.database.has_stray() {
            Ok(false) => Ok(()),
            Ok(true) => Err(Fault { seq: 0, what: "stands before the first entry".to_owned() }),
            Err(error) => Err(Fault { seq: 0, what: error.to_string() }),
        }
    }
}

/// Entries one after the other, none of which was changed.
pub struct Verified<'a> {
    log: &'a Log,
    walk: Walk,
    page: std::vec::IntoIter<Raw>,
    begun: bool,
}

impl Verified<'_> {
    /// What is found at the end: whether the log ends where it should. `fault` is what the walk
    /// ended with, if it did.
    pub fn end(self, fault: Option<Fault>) -> Report {
        self.walk.report(fault)
    }

    fn read(&mut self, raw: Raw) -> Result<Entry, Fault> {
        let (seq, hash) = (raw.seq, self.walk.link(&raw)?);
        let entry = decode::entry(seq, hash, raw.body);
        let entry = entry.ok_or_else(|| self.walk.fault("cannot be read"))?;
        self.walk.take(hash, entry.chain, entry.time_ns)?;
        Ok(entry)
    }

    fn turn(&mut self) -> Result<(), Fault> {
        if !self.begun {
            self.begun = true;
            self.log.has_no_stray()?;
        }
        self.page = self.log.page(&self.walk)?.into_iter();
        if self.page.as_slice().is_empty() { self.walk.has_begun() } else { Ok(()) }
    }
}

impl Iterator for Verified<'_> {
    type Item = Result<Entry, Fault>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.page.as_slice().is_empty()
            && let Err(fault) = self.turn()
        {
            return Some(Err(fault));
        }
        let raw = self.page.next()?;
        Some(self.read(raw))
    }
}

impl Walk {
    fn begin(log: &Log, given: Option<Head>) -> Self {
        // Before the log, which only grows.
        let (kept, unreadable) = match log.kept_head() {
            Ok(kept) => (kept, HeadCheck::Absent),
            Err(_) => (None, HeadCheck::Unreadable),
        };
        let newest = Head { chain: log.chain, seq: 0, hash: log.chain.genesis() };
        let heads = [log.before(kept, unreadable), log.before(given, HeadCheck::Absent)];
        Self { newest, newest_ns: 0, heads }
    }

    fn report(self, fault: Option<Fault>) -> Report {
        let [(_, kept), (_, given)] = self.heads;
        Report { entries: self.newest.seq, newest: self.newest, fault, kept, given }
    }

    fn step(&mut self, raw: Raw) -> Result<(), Fault> {
        let hash = self.link(&raw)?;
        let touch = decode::touch(raw.body).ok_or_else(|| self.fault("cannot be read"))?;
        self.take(hash, touch.chain, touch.time_ns)
    }

    fn link(&self, raw: &Raw) -> Result<Hash, Fault> {
        if raw.seq != self.newest.seq + 1 {
            return Err(self.fault("is missing"));
        }
        let hash: Hash = link(&self.newest.hash, &raw.body);
        if raw.hash[..] != hash {
            return Err(self.fault("does not match its hash, or the entry before it was changed"));
        }
        Ok(hash)
    }

    fn take(&mut self, hash: Hash, chain: ChainId, time_ns: u64) -> Result<(), Fault> {
        let seq = self.newest.seq + 1;
        if chain != self.newest.chain {
            return Err(self.fault("belongs to another log"));
        }
        if time_ns < self.newest_ns {
            return Err(self.fault("is older than the entry before it"));
        }
        self.newest = Head { chain, seq, hash };
        self.newest_ns = time_ns;
        for (head, check) in &mut self.heads {
            match head.filter(|head| head.seq == seq && head.chain == chain) {
                Some(head) if head.hash == hash => *check = HeadCheck::Holds { seq },
                Some(_) => *check = HeadCheck::Differs { seq },
                None => {}
            }
        }
        Ok(())
    }

    /// A log begins with a note that it was made.
    fn has_begun(&self) -> Result<(), Fault> {
        if self.newest.seq == 0 { Err(self.fault("is missing")) } else { Ok(()) }
    }

    /// The entry after the newest good one is at fault.
    fn fault(&self, what: &str) -> Fault {
        Fault { seq: self.newest.seq + 1, what: what.to_owned() }
    }
}

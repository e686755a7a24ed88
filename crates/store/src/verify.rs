//! Whether the log is what was written: every entry against its hash, the end against a head.

use crate::chain::{Hash, link};
use crate::database::Raw;
use crate::decode;
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
        // Before the log, which only grows.
        let (kept, unreadable) = match self.kept_head() {
            Ok(kept) => (kept, HeadCheck::Absent),
            Err(_) => (None, HeadCheck::Unreadable),
        };
        let genesis = Head { chain: self.chain, seq: 0, hash: self.chain.genesis() };
        let heads = [self.before(kept, unreadable), self.before(head.copied(), HeadCheck::Absent)];
        let mut walk = Walk { newest: genesis, newest_ns: 0, heads };
        let fault = self.walk(&mut walk).err();
        let [(_, kept), (_, given)] = walk.heads;
        Report { entries: walk.newest.seq, newest: walk.newest, fault, kept, given }
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
        let unreadable = |seq: u64, error: rusqlite::Error| Fault { seq, what: error.to_string() };
        let stray = self.database.has_stray().map_err(|error| unreadable(0, error))?;
        if stray {
            return Err(Fault { seq: 0, what: "stands before the first entry".to_owned() });
        }
        loop {
            let next = walk.newest.seq + 1;
            let page = self.database.entries_from(next, READ_AT_ONCE);
            let page = page.map_err(|error| unreadable(next, error))?;
            if page.is_empty() {
                break;
            }
            for raw in page {
                walk.step(raw)?;
            }
        }
        // A log begins with a note that it was made.
        if walk.newest.seq == 0 { Err(walk.fault("is missing")) } else { Ok(()) }
    }
}

impl Walk {
    fn step(&mut self, raw: Raw) -> Result<(), Fault> {
        let seq = self.newest.seq + 1;
        if raw.seq != seq {
            return Err(self.fault("is missing"));
        }
        let hash: Hash = link(&self.newest.hash, &raw.body);
        if raw.hash[..] != hash {
            return Err(self.fault("does not match its hash, or the entry before it was changed"));
        }
        let touch = decode::touch(raw.body).ok_or_else(|| self.fault("cannot be read"))?;
        if touch.chain != self.newest.chain {
            return Err(self.fault("belongs to another log"));
        }
        if touch.time_ns < self.newest_ns {
            return Err(self.fault("is older than the entry before it"));
        }
        self.newest = Head { chain: touch.chain, seq, hash };
        self.newest_ns = touch.time_ns;
        for (head, check) in &mut self.heads {
            match head.filter(|head| head.seq == seq && head.chain == touch.chain) {
                Some(head) if head.hash == hash => *check = HeadCheck::Holds { seq },
                Some(_) => *check = HeadCheck::Differs { seq },
                None => {}
            }
        }
        Ok(())
    }

    /// The entry after the newest good one is at fault.
    fn fault(&self, what: &str) -> Fault {
        Fault { seq: self.newest.seq + 1, what: what.to_owned() }
    }
}

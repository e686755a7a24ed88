//! The end of the log and what all of it adds up to.

pub(crate) mod currency;
pub(crate) mod snapshot;

use crate::chain::{ChainId, link};
use crate::counters::Counters;
use crate::database::{Appending, Database, Raw};
use crate::decode::{self, Touch};
use crate::digest::Key;
use crate::directory::{self, Freezes};
use crate::head::Head;
use crate::ledger::currency::Currency;

#[derive(Debug)]
pub(crate) struct Ledger {
    pub(crate) head: Head,
    /// The time of the newest entry.
    pub(crate) newest_ns: u64,
    pub(crate) counters: Counters,
    pub(crate) currency: Currency,
    pub(crate) freezes: Freezes,
    saved_seq: u64,
    /// How many entries to let pass before the counters are saved again.
    save_every: u64,
}

/// Why the log cannot be gone on with.
#[derive(Debug)]
pub(crate) enum Broken {
    Database(rusqlite::Error),
    /// An entry is not what was written.
    Entry {
        seq: u64,
        what: &'static str,
    },
}

const SAVE_EVERY_MIN: u64 = 1000;
/// Saving costs this share of what appending does, however many counters there are.
const SAVED_BYTES_PER_ENTRY: u64 = 128;
const READ_AT_ONCE: u32 = 512;

impl From<rusqlite::Error> for Broken {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Ledger {
    /// From the saved counters and the entries behind them; else from the whole log.
    pub(crate) fn load(database: &Database, chain: ChainId, key: &Key) -> Result<Self, Broken> {
        let saved = database.counters()?.unwrap_or_default();
        let mut ledger = Self {
            head: Head { chain, seq: 0, hash: chain.genesis() },
            newest_ns: 0,
            counters: Counters::default(),
            currency: Currency::since(directory::seq(database.connection())?),
            freezes: directory::freezes(database.connection())?,
            saved_seq: 0,
            save_every: interval(saved.len()),
        };
        if let Some(snapshot) = snapshot::decode(&saved, key) {
            let head = snapshot.head;
            let there = database.entry(head.seq)?;
            let fits = there.is_some_and(|raw| raw.hash[..] == head.hash) && head.chain == chain;
            if !fits {
                let what = "is not what it was when the counters were saved";
                return Err(Broken::Entry { seq: head.seq, what });
            }
            ledger.saved_seq = head.seq;
            ledger.head = head;
            ledger.newest_ns = snapshot.newest_ns;
            ledger.counters = snapshot.counters;
        }
        ledger.catch_up(database)?;
        Ok(ledger)
    }

    /// Takes in what other processes have appended.
    pub(crate) fn catch_up(&mut self, database: &Database) -> Result<(), Broken> {
        let newest_seq = database.newest_seq()?;
        if newest_seq < self.head.seq {
            return Err(Broken::Entry { seq: self.head.seq, what: "is gone" });
        }
        let newest_change = self.currency.newest_seq();
        while self.head.seq < newest_seq {
            for raw in database.entries_from(self.head.seq + 1, READ_AT_ONCE)? {
                self.take_in(raw)?;
            }
        }
        if self.currency.newest_seq() != newest_change {
            self.freezes = directory::freezes(database.connection())?;
        }
        Ok(())
    }

    fn take_in(&mut self, raw: Raw) -> Result<(), Broken> {
        let seq = self.head.seq + 1;
        let broken = |what| Broken::Entry { seq, what };
        if raw.seq != seq {
            return Err(broken("is missing"));
        }
        let hash = link(&self.head.hash, &raw.body);
        if raw.hash[..] != hash {
            return Err(broken("does not match its hash"));
        }
        let mut touch = decode::touch(raw.body).ok_or_else(|| broken("cannot be read"))?;
        if touch.chain != self.head.chain || touch.time_ns < self.newest_ns {
            return Err(broken("does not belong there"));
        }
        self.head = Head { chain: self.head.chain, seq, hash };
        self.newest_ns = touch.time_ns;
        if let Some(concern) = touch.changes.take() {
            self.currency.note(seq, concern);
        }
        self.count(seq, &touch);
        Ok(())
    }

    fn count(&mut self, seq: u64, touch: &Touch) {
        for part in &touch.parts {
            if touch.closes.is_some() {
                self.counters.refund(seq, touch.spent_ns, &part.key, part.amount);
            } else {
                let taken = (&part.key, part.amount, part.previous);
                self.counters.spend(seq, touch.time_ns, taken, part.windows.iter().copied());
            }
        }
    }

    /// Appends one entry, which the counters do not know of yet.
    pub(crate) fn append(
        &mut self,
        entries: &mut Appending<'_>,
        time_ns: u64,
        body: &[u8],
    ) -> Result<u64, rusqlite::Error> {
        let seq = self.head.seq + 1;
        let hash = link(&self.head.hash, body);
        entries.append(seq, body, &hash)?;
        self.head = Head { chain: self.head.chain, seq, hash };
        self.newest_ns = time_ns;
        Ok(seq)
    }

    /// Saves the counters now and then, `soon` if there will be no better time. Answers how many
    /// bytes that took.
    pub(crate) fn save(
        &mut self,
        database: &Database,
        key: &Key,
        soon: bool,
    ) -> Result<usize, rusqlite::Error> {
        let behind = self.head.seq - self.saved_seq;
        let due = if soon { self.save_every / 8 } else { self.save_every };
        if behind < due {
            return Ok(0);
        }
        let state = snapshot::encode(&self.head, self.newest_ns, &self.counters, key);
        database.set_counters(&state)?;
        self.saved_seq = self.head.seq;
        self.save_every = interval(state.len());
        Ok(state.len())
    }
}

fn interval(saved_bytes: usize) -> u64 {
    let bytes = u64::try_from(saved_bytes).unwrap_or(u64::MAX);
    SAVE_EVERY_MIN.max(bytes / SAVED_BYTES_PER_ENTRY)
}

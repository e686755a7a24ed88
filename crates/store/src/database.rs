//! The tables, and every statement that touches them.

use std::ops::ControlFlow;
use std::path::Path;
use std::time::Duration;

use bytes::Bytes;
use rusqlite::{CachedStatement, Connection, OpenFlags, OptionalExtension, Row};

use crate::approval;
use crate::chain::{ChainId, Hash};
use crate::clock::Anchor;
use crate::delivery;
use crate::directory;
use crate::error::OpenError;

/// Raised when an older program could no longer read what this one writes.
const FORMAT: i64 = 2;
/// The first one: it had no directory.
const FORMAT_LOG_ONLY: i64 = 1;
/// `tgat` in ASCII: whose database this is.
const APPLICATION: i64 = 0x7467_6174;
/// Somebody else's tool may hold the database; our own processes wait for the lock file.
const BUSY_WAIT: Duration = Duration::from_secs(2);

const SCHEMA: &str = "
    CREATE TABLE entry (
        seq INTEGER PRIMARY KEY,
        body BLOB NOT NULL,
        hash BLOB NOT NULL
    ) STRICT;
    CREATE TABLE log (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        chain BLOB NOT NULL
    ) STRICT;
    CREATE TABLE boot (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        name TEXT NOT NULL,
        elapsed_ns INTEGER NOT NULL,
        limit_ns INTEGER NOT NULL
    ) STRICT;
    CREATE TABLE counters (
        id INTEGER PRIMARY KEY CHECK (id = 1),
        state BLOB NOT NULL
    ) STRICT;
";

pub(crate) struct Database(Connection);

/// Ready to append entries, as many as one transaction has.
pub(crate) struct Appending<'a>(CachedStatement<'a>);

/// One row of the log.
#[derive(Debug)]
pub(crate) struct Raw {
    pub(crate) seq: u64,
    pub(crate) body: Bytes,
    /// Whatever stands there: 32 bytes, if nobody meddled.
    pub(crate) hash: Bytes,
}

impl Database {
    /// For the writer. The file exists, if only empty; the directory is locked.
    pub(crate) fn open(path: &Path, sync: &str) -> Result<Self, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_WAIT)?;
            connection.pragma_update(None, "journal_mode", "wal")?;
            connection.pragma_update(None, "synchronous", sync)?;
            connection.pragma_update(None, "wal_autocheckpoint", 0)?;
            connection.set_prepared_statement_cache_capacity(32);
            Ok(Self(connection))
        };
        let database = open().map_err(|error| OpenError::database(path, &error))?;
        database.check(path)?;
        Ok(database)
    }

    pub(crate) fn open_read_only(path: &Path) -> Result<Self, OpenError> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let open = || {
            let connection = Connection::open_with_flags(path, flags)?;
            connection.busy_timeout(BUSY_WAIT)?;
            Ok(Self(connection))
        };
        let database = open().map_err(|error| OpenError::database(path, &error))?;
        database.check(path)?;
        Ok(database)
    }

    /// Whose database it is and how old. A new one is empty and passes.
    fn check(&self, path: &Path) -> Result<(), OpenError> {
        let pragma = |name| {
            let value = self.0.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
            value.map_err(|error| OpenError::database(path, &error))
        };
        match (pragma("application_id")?, pragma("user_version")?) {
            (0, 0) | (APPLICATION, FORMAT_LOG_ONLY | FORMAT) => Ok(()),
            (APPLICATION, format) if format > FORMAT => {
                Err(OpenError::NewerFormat { path: path.to_owned(), format })
            }
            _ => Err(OpenError::corrupt(path, "it is another program's database")),
        }
    }

    pub(crate) fn chain(&self) -> rusqlite::Result<Option<ChainId>> {
        let made = self.0.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
        if made == 0 {
            return Ok(None);
        }
        self.0.query_row("SELECT chain FROM log", (), |row| row.get(0).map(ChainId)).optional()
    }

    /// Makes the tables. Runs inside a transaction.
    pub(crate) fn create(&self, chain: ChainId) -> rusqlite::Result<()> {
        self.0.execute_batch(SCHEMA)?;
        self.0.execute_batch(directory::TABLES)?;
        self.add_later_tables()?;
        self.0.execute("INSERT INTO log (id, chain) VALUES (1, ?1)", [chain.0])?;
        self.0.pragma_update(None, "application_id", APPLICATION)?;
        self.0.pragma_update(None, "user_version", FORMAT)
    }

    /// Adds what an older version did not have. Runs inside a transaction.
    pub(crate) fn upgrade(&self) -> rusqlite::Result<()> {
        let format = self.0.pragma_query_value(None, "user_version", |row| row.get::<_, i64>(0))?;
        if format == FORMAT_LOG_ONLY {
            self.0.execute_batch(directory::TABLES)?;
            self.0.pragma_update(None, "user_version", FORMAT)?;
        }
        self.add_later_tables()
    }

    /// Those that a version of the same format may not have.
    fn add_later_tables(&self) -> rusqlite::Result<()> {
        self.0.execute_batch(directory::PIN_TABLE)?;
        self.0.execute_batch(directory::GONE_TABLE)?;
        self.0.execute_batch(directory::SURVEY_TABLES)?;
        self.0.execute_batch(directory::ACCOUNT_TABLE)?;
        self.0.execute_batch(directory::FREEZE_TABLE)?;
        self.0.execute_batch(approval::TABLE)?;
        self.0.execute_batch(delivery::TABLE)
    }

    pub(crate) fn begin(&self) -> rusqlite::Result<()> {
        self.run("BEGIN IMMEDIATE")
    }

    pub(crate) fn commit(&self) -> rusqlite::Result<()> {
        self.run("COMMIT")
    }

    pub(crate) fn rollback(&self) {
        // It fails only where SQLite has rolled back already.
        let _ = self.run("ROLLBACK");
    }

    pub(crate) fn appending(&self) -> rusqlite::Result<Appending<'_>> {
        let sql = "INSERT INTO entry (seq, body, hash) VALUES (?1, ?2, ?3)";
        self.0.prepare_cached(sql).map(Appending)
    }

    pub(crate) fn newest(&self) -> rusqlite::Result<Option<Raw>> {
        let sql = "SELECT seq, body, hash FROM entry ORDER BY seq DESC LIMIT 1";
        self.0.prepare_cached(sql)?.query_row((), raw).optional()
    }

    pub(crate) fn newest_seq(&self) -> rusqlite::Result<u64> {
        let sql = "SELECT seq FROM entry ORDER BY seq DESC LIMIT 1";
        let seq = self.0.prepare_cached(sql)?.query_row((), |row| row.get(0)).optional()?;
        Ok(seq.unwrap_or(0))
    }

    pub(crate) fn entry(&self, seq: u64) -> rusqlite::Result<Option<Raw>> {
        let sql = "SELECT seq, body, hash FROM entry WHERE seq = ?1";
        self.0.prepare_cached(sql)?.query_row([seq], raw).optional()
    }

    /// At most `count` entries from `seq` on, oldest first.
    pub(crate) fn entries_from(&self, seq: u64, count: u32) -> rusqlite::Result<Vec<Raw>> {
        let sql = "SELECT seq, body, hash FROM entry WHERE seq >= ?1 ORDER BY seq LIMIT ?2";
        self.0.prepare_cached(sql)?.query_map((seq, count), raw)?.collect()
    }

    /// At most `count` entries up to `seq`, newest first.
    pub(crate) fn entries_back(&self, seq: u64, count: u32) -> rusqlite::Result<Vec<Raw>> {
        let sql = "SELECT seq, body, hash FROM entry WHERE seq <= ?1 ORDER BY seq DESC LIMIT ?2";
        self.0.prepare_cached(sql)?.query_map((seq, count), raw)?.collect()
    }

    /// The first entry behind `seq` whose body holds `needle`.
    pub(crate) fn first_with(&self, seq: u64, needle: &[u8]) -> rusqlite::Result<Option<Raw>> {
        self.first_with_until((seq, u64::MAX), needle)
    }

    /// The same, of those up to `last`.
    pub(crate) fn first_with_until(
        &self,
        (seq, last): (u64, u64),
        needle: &[u8],
    ) -> rusqlite::Result<Option<Raw>> {
        let sql = "SELECT seq, body, hash FROM entry \
                   WHERE seq > ?1 AND seq <= ?2 AND instr(body, ?3) > 0 ORDER BY seq LIMIT 1";
        let last = last.min(i64::MAX.unsigned_abs());
        self.0.prepare_cached(sql)?.query_row((seq, last, needle), raw).optional()
    }

    /// Number, body and hash of each entry from `newest` back to `oldest`, until `look` breaks.
    pub(crate) fn each_back<E: From<rusqlite::Error>>(
        &self,
        (newest, oldest): (u64, u64),
        mut look: impl FnMut(u64, &[u8], &[u8]) -> Result<ControlFlow<()>, E>,
    ) -> Result<(), E> {
        let sql = "SELECT seq, body, hash FROM entry \
                   WHERE seq <= ?1 AND seq >= ?2 ORDER BY seq DESC";
        let mut statement = self.0.prepare_cached(sql)?;
        let mut rows = statement.query((newest, oldest))?;
        while let Some(row) = rows.next()? {
            let blob = |at| Ok::<_, rusqlite::Error>(row.get_ref(at)?.as_blob()?);
            if look(row.get(0)?, blob(1)?, blob(2)?)?.is_break() {
                break;
            }
        }
        Ok(())
    }

    /// Whether there are entries that no reader would come by.
    pub(crate) fn has_stray(&self) -> rusqlite::Result<bool> {
        self.0.query_row("SELECT EXISTS (SELECT 1 FROM entry WHERE seq < 1)", (), |row| row.get(0))
    }

    pub(crate) fn anchor(&self) -> rusqlite::Result<Option<Anchor>> {
        let sql = "SELECT name, elapsed_ns, limit_ns FROM boot";
        let anchor = |row: &Row<'_>| {
            Ok(Anchor { boot: row.get(0)?, elapsed_ns: row.get(1)?, limit_ns: row.get(2)? })
        };
        self.0.query_row(sql, (), anchor).optional()
    }

    pub(crate) fn set_anchor(&self, anchor: &Anchor) -> rusqlite::Result<()> {
        let sql = "REPLACE INTO boot (id, name, elapsed_ns, limit_ns) VALUES (1, ?1, ?2, ?3)";
        self.0.execute(sql, (&anchor.boot, anchor.elapsed_ns, anchor.limit_ns)).map(drop)
    }

    pub(crate) fn counters(&self) -> rusqlite::Result<Option<Vec<u8>>> {
        self.0.query_row("SELECT state FROM counters", (), |row| row.get(0)).optional()
    }

    pub(crate) fn set_counters(&self, state: &[u8]) -> rusqlite::Result<()> {
        self.0.execute("REPLACE INTO counters (id, state) VALUES (1, ?1)", [state]).map(drop)
    }

    /// Moves what was committed from the log file into the database file, as far as no reader
    /// is in the way.
    pub(crate) fn checkpoint(&self) -> rusqlite::Result<()> {
        self.0.query_row("PRAGMA wal_checkpoint(PASSIVE)", (), |_| Ok(()))
    }

    /// For the directory, and for tests that do to the database what nobody should.
    pub(crate) fn connection(&self) -> &Connection {
        &self.0
    }

    fn run(&self, sql: &str) -> rusqlite::Result<()> {
        self.0.prepare_cached(sql)?.execute(()).map(drop)
    }
}

impl Appending<'_> {
    pub(crate) fn append(&mut self, seq: u64, body: &[u8], hash: &Hash) -> rusqlite::Result<()> {
        self.0.execute((seq, body, hash.as_slice())).map(drop)
    }
}

fn raw(row: &Row<'_>) -> rusqlite::Result<Raw> {
    let blob = |at| row.get::<_, Vec<u8>>(at).map(Bytes::from);
    Ok(Raw { seq: row.get(0)?, body: blob(1)?, hash: blob(2)? })
}

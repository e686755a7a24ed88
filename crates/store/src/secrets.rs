//! Sealed secrets by name, in a table beside the log. What they are is nobody's business here.
//!
//! Written under the directory's lock like everything else, but not logged: that a token was
//! renewed says nothing, and what it is must stand nowhere.

mod seal;

use std::path::{Path, PathBuf};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use rusqlite::{Connection, OptionalExtension};
use thiserror::Error;

use crate::database::Database;
use crate::error::OpenError;
use crate::lock::{LockFile, Wait};
use crate::state_dir::StateDir;

pub use seal::{KeyRing, KeySource, SealError};

/// The secrets of one state directory. Several processes may use them at a time.
#[derive(Debug)]
pub struct Secrets {
    path: PathBuf,
    parts: Mutex<Parts>,
}

struct Parts {
    lock: LockFile,
    database: Database,
    ring: KeyRing,
}

/// Why a secret cannot be read or kept.
#[derive(Debug, Error)]
pub enum SecretError {
    #[error(transparent)]
    Open(#[from] OpenError),
    #[error(transparent)]
    Seal(#[from] SealError),
}

const TABLE: &str = "CREATE TABLE IF NOT EXISTS secret (
    name TEXT PRIMARY KEY,
    sealed BLOB NOT NULL
) STRICT, WITHOUT ROWID";
/// Other processes hold the lock for one batch at a time.
const LOCK_WAIT: Duration = Duration::from_secs(5);
/// Sets these apart from whatever else is sealed one day.
const PURPOSE: &str = "secret";

impl Secrets {
    /// The state directory must be there; its key is made if it has none.
    pub fn open(state: &Path, key_file: Option<&Path>) -> Result<Self, SecretError> {
        let state = StateDir::existing(state)?;
        let path = state.database();
        if !path.is_file() {
            return Err(OpenError::Missing { path: state.path().to_owned() }.into());
        }
        let at = state.lock();
        let unwritable = |error| OpenError::unwritable(&at, error);
        let lock = LockFile::open(at.clone()).map_err(unwritable)?;
        let ring = KeyRing::open(KeySource::find(state.path(), key_file))?;
        let database = Database::open(&path, "full")?;
        let secrets = Self { path, parts: Mutex::new(Parts { lock, database, ring }) };
        secrets.write(|db, _| db.execute_batch(TABLE).map_err(Trouble::from))?;
        Ok(secrets)
    }

    /// Nothing where nothing is kept under this name.
    pub fn get(&self, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let mut parts = self.parts();
        match self.unsealed(&parts, name) {
            // Another process may have rotated the keys.
            Err(SecretError::Seal(SealError::UnknownKey { .. })) => {
                parts.ring.reload()?;
                self.unsealed(&parts, name)
            }
            done => done,
        }
    }

    /// On the disk once this returns.
    pub fn put(&self, name: &str, secret: &[u8]) -> Result<(), SecretError> {
        self.write(|db, ring| {
            let sealed = ring.seal(PURPOSE, name, secret)?;
            let sql = "REPLACE INTO secret (name, sealed) VALUES (?1, ?2)";
            Ok(db.execute(sql, (name, sealed)).map(drop)?)
        })
    }

    /// Whether there was one.
    pub fn forget(&self, name: &str) -> Result<bool, SecretError> {
        self.write(|db, _| {
            Ok(db.execute("DELETE FROM secret WHERE name = ?1", [name]).map(|rows| rows > 0)?)
        })
    }

    /// Seals everything under a new key, and drops the old ones; how many there are. Whoever has
    /// them open must open them again.
    pub fn rotate(&self) -> Result<usize, SecretError> {
        self.write(|db, ring| {
            ring.rotate()?;
            let count = reseal(db, ring)?;
            ring.forget_old()?;
            Ok(count)
        })
    }

    fn unsealed(&self, parts: &Parts, name: &str) -> Result<Option<Vec<u8>>, SecretError> {
        let sealed = sealed(parts.database.connection(), name);
        let sealed = sealed.map_err(|error| OpenError::database(&self.path, &error))?;
        Ok(sealed.map(|sealed| parts.ring.unseal(PURPOSE, name, &sealed)).transpose()?)
    }

    /// Does something while nobody else writes.
    fn write<T>(
        &self,
        act: impl FnOnce(&Connection, &mut KeyRing) -> Result<T, Trouble>,
    ) -> Result<T, SecretError> {
        let mut parts = self.parts();
        let Parts { lock, database, ring } = &mut *parts;
        let unwritable = |error| OpenError::unwritable(&self.path, error);
        let locked = lock.lock(Wait::Until(Instant::now() + LOCK_WAIT)).map_err(unwritable)?;
        let _locked = locked.ok_or_else(|| OpenError::Busy { path: self.path.clone() })?;
        ring.reload()?;
        act(database.connection(), ring).map_err(|trouble| match trouble {
            Trouble::Database(error) => OpenError::database(&self.path, &error).into(),
            Trouble::Seal(error) => error.into(),
        })
    }

    fn parts(&self) -> MutexGuard<'_, Parts> {
        self.parts.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

enum Trouble {
    Database(rusqlite::Error),
    Seal(SealError),
}

impl From<rusqlite::Error> for Trouble {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl From<SealError> for Trouble {
    fn from(error: SealError) -> Self {
        Self::Seal(error)
    }
}

impl std::fmt::Debug for Parts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Parts").field("ring", &self.ring).finish_non_exhaustive()
    }
}

/// All or none of it.
fn reseal(db: &Connection, ring: &KeyRing) -> Result<usize, Trouble> {
    let transaction = db.unchecked_transaction()?;
    let all = all(&transaction)?;
    for (name, sealed) in &all {
        let Some(again) = ring.reseal(PURPOSE, name, sealed)? else { continue };
        let sql = "UPDATE secret SET sealed = ?2 WHERE name = ?1";
        transaction.execute(sql, (name, again))?;
    }
    transaction.commit()?;
    Ok(all.len())
}

fn sealed(db: &Connection, name: &str) -> rusqlite::Result<Option<Vec<u8>>> {
    let mut statement = db.prepare_cached("SELECT sealed FROM secret WHERE name = ?1")?;
    statement.query_row([name], |row| row.get(0)).optional()
}

fn all(db: &Connection) -> rusqlite::Result<Vec<(String, Vec<u8>)>> {
    let mut statement = db.prepare_cached("SELECT name, sealed FROM secret ORDER BY name")?;
    statement.query_map((), |row| Ok((row.get(0)?, row.get(1)?)))?.collect()
}

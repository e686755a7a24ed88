//! Approvals as their readers have them.

use std::path::Path;
use std::sync::Arc;

use crate::chain::ChainId;
use crate::clock::{Clock, SystemClock, limit_time};
use crate::database::Database;
use crate::decode;
use crate::error::{OpenError, ReadError};
use crate::state_dir::StateDir;

use super::{Approval, Moment, State, table};

/// Reads approvals, in any process. It takes no lock and is in nobody's way.
pub struct ApprovalReader {
    database: Database,
    chain: ChainId,
    clock: Arc<dyn Clock>,
}

/// Which ones are wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    All,
    Pending,
}

impl ApprovalReader {
    pub fn open(path: &Path) -> Result<Self, OpenError> {
        Self::open_with_clock(path, Arc::new(SystemClock))
    }

    pub fn open_with_clock(path: &Path, clock: Arc<dyn Clock>) -> Result<Self, OpenError> {
        let path = StateDir::readable(path)?.database();
        let database = Database::open_read_only(&path)?;
        let chain = database.chain().map_err(|error| OpenError::database(&path, &error))?;
        let chain = chain.ok_or_else(|| OpenError::corrupt(&path, "it holds no log"))?;
        Ok(Self { database, chain, clock })
    }

    /// The newest entry of the log that changed any: a cheap look.
    pub fn seq(&self) -> Result<u64, ReadError> {
        let db = self.database.connection();
        if !table::exists(db)? {
            return Ok(0);
        }
        Ok(table::seq(db)?)
    }

    /// Oldest first.
    pub fn list(&self, which: Which) -> Result<Vec<Approval>, ReadError> {
        let db = self.database.connection();
        if !table::exists(db)? {
            return Ok(Vec::new());
        }
        Ok(table::all(db, which == Which::Pending, (self.chain, self.moment()?))?)
    }

    /// How one stands, without what it is about.
    pub fn state(&self, id: &str) -> Result<Option<State>, ReadError> {
        let db = self.database.connection();
        if !table::exists(db)? {
            return Ok(None);
        }
        Ok(table::state_of(db, id, self.moment()?)?)
    }

    pub fn show(&self, id: &str) -> Result<Option<Approval>, ReadError> {
        let db = self.database.connection();
        if !table::exists(db)? {
            return Ok(None);
        }
        Ok(table::one(db, id, (self.chain, self.moment()?))?)
    }

    /// The log's time now, as a writer would have it.
    fn moment(&self) -> Result<Moment, ReadError> {
        let newest = self.database.newest()?;
        let newest_ns = match newest {
            Some(raw) => {
                let seq = raw.seq;
                decode::touch(raw.body).ok_or(ReadError::Entry { seq })?.time_ns
            }
            None => 0,
        };
        let boot = self.clock.boot();
        let anchor = self.database.anchor()?.filter(|anchor| Some(&anchor.boot) == boot.as_ref());
        let now_ns = limit_time(self.clock.as_ref(), anchor.as_ref(), newest_ns);
        // A clock that cannot be right: everything has expired.
        let now_ns = now_ns.unwrap_or(i64::MAX.unsigned_abs());
        Ok(Moment { now_ns, wall_ms: self.clock.wall_ns() / 1_000_000 })
    }
}

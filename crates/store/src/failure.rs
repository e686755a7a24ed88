//! Why a transaction failed, and whether the log can still be trusted afterwards.

use std::io;
use std::path::Path;

use rusqlite::ErrorCode;

use crate::error::{OpenError, Unavailable};
use crate::ledger::Broken;

#[derive(Debug)]
pub(crate) enum Failure {
    Broken(Broken),
    Clock,
    Database(rusqlite::Error),
    /// The head could not be written; the entries are there.
    Head(io::Error),
    Lock(io::Error),
    /// There is no randomness to be had.
    Random,
    /// The database is not the file that was opened.
    Replaced,
}

impl From<Broken> for Failure {
    fn from(broken: Broken) -> Self {
        match broken {
            Broken::Database(error) => Self::Database(error),
            Broken::Entry { .. } => Self::Broken(broken),
        }
    }
}

impl From<rusqlite::Error> for Failure {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

impl Failure {
    /// After a failed write or sync nobody knows what is on the disk: what the kernel could not
    /// write it forgets, and a second sync succeeds (`PostgreSQL`'s "fsyncgate", 2018).
    pub(crate) fn is_final(&self) -> bool {
        match self {
            Self::Broken(_) | Self::Head(_) | Self::Replaced => true,
            Self::Clock | Self::Lock(_) | Self::Random => false,
            Self::Database(error) => match error.sqlite_error_code() {
                // Full: SQLite wrote nothing. Busy, read-only, out of memory: neither.
                Some(code) => matches!(
                    code,
                    ErrorCode::DatabaseCorrupt
                        | ErrorCode::NotADatabase
                        | ErrorCode::SystemIoFailure
                ),
                None => true,
            },
        }
    }

    /// The same, met while opening the database at `path`.
    pub(crate) fn opening(&self, path: &Path) -> OpenError {
        match self {
            Self::Broken(Broken::Entry { seq, what }) => {
                OpenError::corrupt(path, format!("entry {seq} {what}"))
            }
            Self::Broken(Broken::Database(error)) | Self::Database(error) => {
                OpenError::database(path, error)
            }
            _ => OpenError::unwritable(path, self.unavailable().text),
        }
    }

    pub(crate) fn unavailable(&self) -> Unavailable {
        let text = match self {
            Self::Broken(Broken::Entry { seq, what }) => {
                format!("entry {seq} {what}; run `audit verify`")
            }
            Self::Broken(Broken::Database(error)) | Self::Database(error) => error.to_string(),
            Self::Clock => "the clock is beyond the year 2262; set it, then restart".to_owned(),
            Self::Head(error) => format!("the head cannot be written ({error}); restart"),
            Self::Lock(error) => format!("the lock file cannot be used ({error})"),
            Self::Random => "the system has no random bytes".to_owned(),
            Self::Replaced => {
                "the database file was moved, removed or replaced; put it back, then restart"
                    .to_owned()
            }
        };
        let after = if self.is_final() { "; nothing is admitted until a restart" } else { "" };
        Unavailable { text: text + after }
    }
}

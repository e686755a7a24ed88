//! What can go wrong, as far as a caller acts on it.

use std::path::{Path, PathBuf};

use thiserror::Error;

/// Why a state directory cannot be used.
#[derive(Debug, Error)]
pub enum OpenError {
    #[error("another process keeps `{}` locked; stop it, or try again", path.display())]
    Busy { path: PathBuf },
    #[error(
        "`{}` is damaged: {what}; restore it from a backup, or move the directory away to start a \
         new log",
        path.display()
    )]
    Corrupt { path: PathBuf, what: String },
    #[error("`{}` is no state directory; name one, or start a gateway to make it", path.display())]
    Missing { path: PathBuf },
    #[error(
        "`{}` is on a network file system ({kind}), where locks cannot be trusted; use \
         a local disk",
        path.display()
    )]
    NetworkFileSystem { path: PathBuf, kind: String },
    #[error(
        "`{}` was written by a newer version (format {format}); upgrade this program",
        path.display()
    )]
    NewerFormat { path: PathBuf, format: i64 },
    #[error("`{}` {what}; run `chmod {mend} {}`", path.display(), path.display())]
    Permissions { path: PathBuf, what: String, mend: &'static str },
    #[error(
        "another gateway with another configuration serves from `{}`; stop it, or give this one a \
         state directory of its own",
        path.display()
    )]
    Serving { path: PathBuf },
    #[error(
        "cannot write `{}`: {what}; check the disk and the owner of the directory",
        path.display()
    )]
    Unwritable { path: PathBuf, what: String },
}

/// The store cannot vouch for what it was asked: nothing may be forwarded.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("the audit log is unavailable: {text}")]
pub struct Unavailable {
    pub text: String,
}

/// The directory cannot be changed like that: why, and what to do, for a person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
#[error("{0}")]
pub struct Rejected(pub(crate) String);

/// Why the directory was not changed.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ChangeError {
    #[error(transparent)]
    Rejected(#[from] Rejected),
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
}

/// The log cannot be read further.
#[derive(Debug, Error)]
pub enum ReadError {
    #[error("the log cannot be read: {0}")]
    Database(#[from] rusqlite::Error),
    #[error("entry {seq} of the log is missing or damaged; run `audit verify`")]
    Entry { seq: u64 },
}

impl OpenError {
    pub(crate) fn corrupt(path: &Path, what: impl Into<String>) -> Self {
        Self::Corrupt { path: path.to_owned(), what: what.into() }
    }

    pub(crate) fn unwritable(path: &Path, error: impl std::fmt::Display) -> Self {
        Self::Unwritable { path: path.to_owned(), what: error.to_string() }
    }

    pub(crate) fn database(path: &Path, error: &rusqlite::Error) -> Self {
        use rusqlite::ErrorCode::{DatabaseBusy, DatabaseCorrupt, DatabaseLocked, NotADatabase};
        match error.sqlite_error_code() {
            Some(DatabaseCorrupt | NotADatabase) => Self::corrupt(path, error.to_string()),
            Some(DatabaseBusy | DatabaseLocked) => Self::Busy { path: path.to_owned() },
            _ => Self::unwritable(path, error),
        }
    }
}

impl Unavailable {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into() }
    }
}

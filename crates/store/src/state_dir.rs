//! The state directory: its files, who may touch them, and on what kind of disk.

pub(crate) mod network;

use std::fs::{self, DirBuilder, Metadata, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt, MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};

use crate::error::OpenError;

/// A directory that is fit to hold state.
#[derive(Clone, Debug)]
pub(crate) struct StateDir(PathBuf);

const WRITABLE_BY_OTHERS: u32 = 0o022;
const OPEN_TO_OTHERS: u32 = 0o077;

impl StateDir {
    /// Makes the directory if there is none.
    pub(crate) fn create(path: &Path) -> Result<Self, OpenError> {
        let made = DirBuilder::new().recursive(true).mode(0o700).create(path);
        made.map_err(|error| OpenError::unwritable(path, error))?;
        Self::existing(path)
    }

    pub(crate) fn existing(path: &Path) -> Result<Self, OpenError> {
        let missing = || OpenError::Missing { path: path.to_owned() };
        // Absolute, so that changing the working directory changes nothing.
        let path = fs::canonicalize(path).map_err(|_| missing())?;
        let found = fs::metadata(&path).map_err(|error| OpenError::unwritable(&path, error))?;
        if !found.is_dir() {
            return Err(missing());
        }
        owned(&path, &found)?;
        if found.mode() & WRITABLE_BY_OTHERS != 0 {
            return Err(permissions(&path, "can be written by other users", "go-w"));
        }
        network::refuse(&path, &found)?;
        let directory = Self(path);
        directory.check_files()?;
        Ok(directory)
    }

    /// For readers, who may look at a copy under any permissions.
    pub(crate) fn readable(path: &Path) -> Result<Self, OpenError> {
        let directory = Self(path.to_owned());
        if directory.database().is_file() {
            return Ok(directory);
        }
        Err(OpenError::Missing { path: path.to_owned() })
    }

    pub(crate) fn path(&self) -> &Path {
        &self.0
    }

    pub(crate) fn database(&self) -> PathBuf {
        self.0.join("audit.db")
    }

    pub(crate) fn head(&self) -> PathBuf {
        self.0.join("head")
    }

    pub(crate) fn key(&self) -> PathBuf {
        self.0.join("key")
    }

    pub(crate) fn lock(&self) -> PathBuf {
        self.0.join("lock")
    }

    pub(crate) fn serving(&self) -> PathBuf {
        self.0.join("serving")
    }

    /// Makes an empty database file if there is none. An existing one is not opened: closing it
    /// would drop the locks that `SQLite` holds on it in this process.
    pub(crate) fn create_database(&self) -> io::Result<()> {
        let mut options = OpenOptions::new();
        match options.write(true).create_new(true).mode(0o600).open(self.database()) {
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => Ok(()),
            done => done.map(drop),
        }
    }

    fn check_files(&self) -> Result<(), OpenError> {
        for path in [self.database(), self.head(), self.lock(), self.serving()] {
            let Ok(found) = fs::metadata(&path) else { continue };
            if found.mode() & WRITABLE_BY_OTHERS != 0 {
                return Err(permissions(&path, "can be written by other users", "600"));
            }
        }
        match fs::metadata(self.key()) {
            Ok(found) if found.mode() & OPEN_TO_OTHERS != 0 => {
                Err(permissions(&self.key(), "can be read by other users", "600"))
            }
            Ok(_) | Err(_) => Ok(()),
        }
    }
}

/// Root may use anybody's directory; anybody else only their own.
fn owned(path: &Path, found: &Metadata) -> Result<(), OpenError> {
    let me = rustix::process::geteuid();
    if me.is_root() || found.uid() == me.as_raw() {
        return Ok(());
    }
    let what = format!("it belongs to user {}, not to {}", found.uid(), me.as_raw());
    Err(OpenError::unwritable(path, what))
}

fn permissions(path: &Path, what: &str, mend: &'static str) -> OpenError {
    OpenError::Permissions { path: path.to_owned(), what: what.to_owned(), mend }
}

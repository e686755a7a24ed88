//! One writer at a time: a lock file of its own, held around each transaction.
//!
//! `SQLite` alone starves processes that share a database. The lock is advisory (`flock`) and
//! ends with its holder; the file is never removed.

use std::fs::{File, OpenOptions, TryLockError};
use std::io;
use std::os::unix::fs::{MetadataExt, OpenOptionsExt};
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

pub(crate) struct LockFile {
    path: PathBuf,
    file: File,
    identity: Identity,
}

/// Held until dropped.
pub(crate) struct Locked<'a>(&'a File);

/// What a file is, whatever its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Identity {
    device: u64,
    inode: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wait {
    /// As long as it takes.
    Block,
    /// Not at all.
    Try,
    Until(Instant),
}

impl Identity {
    pub(crate) fn of(path: &Path) -> io::Result<Self> {
        std::fs::metadata(path).map(|found| Self::new(&found))
    }

    fn new(found: &std::fs::Metadata) -> Self {
        Self { device: found.dev(), inode: found.ino() }
    }
}

impl LockFile {
    pub(crate) fn open(path: PathBuf) -> io::Result<Self> {
        let (file, identity) = open(&path)?;
        Ok(Self { path, file, identity })
    }

    /// Nothing if somebody else holds it and `wait` is over.
    pub(crate) fn lock(&mut self, wait: Wait) -> io::Result<Option<Locked<'_>>> {
        loop {
            if !acquire(&self.file, wait)? {
                return Ok(None);
            }
            // Somebody may have replaced the file: then this lock excludes nobody.
            if Identity::of(&self.path).is_ok_and(|there| there == self.identity) {
                return Ok(Some(Locked(&self.file)));
            }
            (self.file, self.identity) = open(&self.path)?;
        }
    }
}

impl Drop for Locked<'_> {
    fn drop(&mut self) {
        // Explicitly: a child process that is just being started may hold a copy of the file.
        // If it fails, the lock ends with this process.
        let _ = self.0.unlock();
    }
}

fn open(path: &Path) -> io::Result<(File, Identity)> {
    let mut options = OpenOptions::new();
    let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
    let file = options.open(path)?;
    let identity = Identity::new(&file.metadata()?);
    Ok((file, identity))
}

fn acquire(file: &File, wait: Wait) -> io::Result<bool> {
    loop {
        let locked = match wait {
            Wait::Block => file.lock().map_err(TryLockError::Error),
            Wait::Try | Wait::Until(_) => file.try_lock(),
        };
        match locked {
            Ok(()) => return Ok(true),
            Err(TryLockError::Error(error)) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(TryLockError::Error(error)) => return Err(error),
            Err(TryLockError::WouldBlock) => match wait {
                Wait::Until(end) if Instant::now() < end => {
                    thread::sleep(Duration::from_micros(200));
                }
                Wait::Block | Wait::Try | Wait::Until(_) => return Ok(false),
            },
        }
    }
}

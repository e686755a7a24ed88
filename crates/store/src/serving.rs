//! Gateways that keep one state directory's servers are of one mind about them.
//!
//! What a config file says is put into the directory, and what it does not say is taken out: two
//! gateways with different files would take each other's servers away.

use std::fs::{File, OpenOptions, TryLockError};
use std::io::{self, Read};
use std::os::unix::fs::{FileExt, OpenOptionsExt};
use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use crate::error::OpenError;
use crate::state_dir::StateDir;

/// Held as long as a gateway serves. The lock (`flock`) ends with its process.
#[derive(Debug)]
pub struct Serving(File);

/// Others hold the lock for themselves only for a moment.
const WAIT: Duration = Duration::from_secs(1);
const LOOK: Duration = Duration::from_millis(1);

impl Serving {
    /// Fails where another gateway serves whose `mind`, a few bytes of text, is another one.
    pub fn begin(path: &Path, mind: &str) -> Result<Self, OpenError> {
        let path = StateDir::existing(path)?;
        let unwritable = |error| OpenError::unwritable(&path.serving(), error);
        let busy = || OpenError::Serving { path: path.path().to_owned() };
        let mut options = OpenOptions::new();
        let options = options.read(true).write(true).create(true).truncate(false).mode(0o600);
        let mut serving = Self(options.open(path.serving()).map_err(unwritable)?);
        // Whoever is alone says what holds.
        match serving.0.try_lock() {
            Ok(()) => {
                serving.renew(mind).map_err(unwritable)?;
                serving.0.unlock().map_err(unwritable)?;
            }
            Err(TryLockError::WouldBlock) => {}
            Err(TryLockError::Error(error)) => return Err(unwritable(error)),
        }
        serving.share().map_err(unwritable)?.ok_or_else(busy)?;
        let mut there = String::new();
        serving.0.read_to_string(&mut there).map_err(unwritable)?;
        if there == mind { Ok(serving) } else { Err(busy()) }
    }

    /// This one is of another mind now, and says so for all.
    pub fn renew(&self, mind: &str) -> io::Result<()> {
        self.0.write_all_at(mind.as_bytes(), 0)?;
        self.0.set_len(u64::try_from(mind.len()).unwrap_or(u64::MAX))
    }

    /// Nothing if somebody keeps it for themselves.
    fn share(&self) -> io::Result<Option<()>> {
        let until = Instant::now() + WAIT;
        loop {
            match self.0.try_lock_shared() {
                Ok(()) => return Ok(Some(())),
                Err(TryLockError::Error(error)) => return Err(error),
                Err(TryLockError::WouldBlock) if Instant::now() < until => thread::sleep(LOOK),
                Err(TryLockError::WouldBlock) => return Ok(None),
            }
        }
    }
}

//! The log as it grows, whatever is put in its place.

use std::path::{Path, PathBuf};

use toolgate_store::{Entry, Follow, Log};

use crate::exit::Failure;
use crate::output;

/// A restored copy, or a state directory made anew, is followed like the log before it.
pub(crate) struct Following {
    state: PathBuf,
    log: Follow,
    /// It was told that there is no log.
    is_gone: bool,
}

impl Following {
    /// Behind entry `seq`.
    pub(crate) fn new(state: &Path, log: Log, seq: u64) -> Self {
        Self { state: state.to_owned(), log: log.follow(seq), is_gone: false }
    }

    /// What is new.
    pub(crate) fn poll(&mut self) -> Result<Vec<Entry>, Failure> {
        if self.log.log().is_replaced() && !self.reopen() {
            return Ok(Vec::new());
        }
        match self.log.poll() {
            Ok(entries) => Ok(entries),
            // What is being replaced cannot be read; what is broken is broken still next time.
            Err(_) if self.log.log().is_replaced() => Ok(Vec::new()),
            Err(error) => Err(error.into()),
        }
    }

    /// False if there is nothing to be followed for now.
    fn reopen(&mut self) -> bool {
        let log = match Log::open(&self.state) {
            Ok(log) => log,
            // Half of it may be there so far.
            Err(error) => {
                if !self.is_gone {
                    output::tell(&format!("toolgate: the log was taken away; waiting: {error}"));
                }
                self.is_gone = true;
                return false;
            }
        };
        self.is_gone = false;
        let (seen, chain) = (self.log.seen(), self.log.log().chain());
        let goes_on = log.chain() == chain && log.head().is_ok_and(|head| head.seq >= seen);
        if !goes_on {
            output::tell("toolgate: another log has taken its place; this is all of it:");
        }
        self.log = log.follow(if goes_on { seen } else { 0 });
        true
    }
}

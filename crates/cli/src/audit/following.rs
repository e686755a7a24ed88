//! The log as it grows, whatever is put in its place.

use std::path::{Path, PathBuf};

use toolgate_store::{Entry, Follow, Log};

use crate::exit::Failure;

/// A restored copy, or a state directory made anew, is followed like the log before it.
pub(crate) struct Following {
    state: PathBuf,
    log: Follow,
    /// It was told that there is no log.
    is_gone: bool,
    remark: Option<String>,
}

impl Following {
    /// Behind entry `seq`.
    pub(crate) fn new(state: &Path, log: Log, seq: u64) -> Self {
        Self { state: state.to_owned(), log: log.follow(seq), is_gone: false, remark: None }
    }

    /// What there is to say of the log itself.
    pub(crate) fn remark(&self) -> Option<&str> {
        self.remark.as_deref()
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
                    self.remark = Some(format!("the log was taken away; waiting: {error}"));
                }
                self.is_gone = true;
                return false;
            }
        };
        (self.is_gone, self.remark) = (false, None);
        let (seen, chain) = (self.log.seen(), self.log.log().chain());
        let goes_on = log.chain() == chain && log.head().is_ok_and(|head| head.seq >= seen);
        if !goes_on {
            let text = "another log has taken its place, and is read from its beginning";
            self.remark = Some(text.to_owned());
        }
        self.log = log.follow(if goes_on { seen } else { 0 });
        true
    }
}

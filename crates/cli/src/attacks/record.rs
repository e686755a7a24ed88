//! What the gate's own log says of a play.

use std::path::Path;

use crate::args::DecisionArg;
use crate::audit::{self, Decision};
use crate::exit::Failure;

/// Decisions by what they were, and whether the log holds.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) allowed: usize,
    pub(super) denied: usize,
    pub(super) limited: usize,
    pub(super) entries: u64,
    pub(super) intact: bool,
}

impl Record {
    pub(super) fn read(state: &Path) -> Result<Self, Failure> {
        let log = audit::open(state)?;
        let report = log.verify(None);
        let intact = audit::findings(&report).is_empty() && log.unclosed(1)?.is_empty();
        let mut record = Self { entries: report.entries, intact, ..Self::default() };
        for entry in log.entries(1) {
            let entry = entry?;
            match Decision::of(&entry).map(|decision| decision.word()) {
                Some(DecisionArg::Allow) => record.allowed += 1,
                Some(DecisionArg::Deny | DecisionArg::Pending) => record.denied += 1,
                Some(DecisionArg::Limit) => record.limited += 1,
                None => {}
            }
        }
        Ok(record)
    }
}

//! What the gate's own log says of a play.

use std::path::Path;

use toolgate_store::Call;

use crate::args::DecisionArg;
use crate::audit::{self, Decision, Filter, View};
use crate::exit::Failure;
use crate::output;

/// Decisions by what they were, and whether the log holds.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Record {
    pub(super) allowed: usize,
    pub(super) denied: usize,
    pub(super) limited: usize,
    pub(super) entries: u64,
    pub(super) intact: bool,
    /// As `audit tail` shows them.
    pub(super) lines: Vec<String>,
}

impl Record {
    pub(super) fn read(state: &Path) -> Result<Self, Failure> {
        let log = audit::open(state)?;
        let report = log.verify(None);
        let intact = audit::findings(&report).is_empty() && log.unclosed(1)?.is_empty();
        let mut record = Self { entries: report.entries, intact, ..Self::default() };
        let view = View { filter: Filter::default(), json: false, colour: output::is_colourful() };
        for entry in log.entries(1) {
            let entry = entry?;
            let Some(word) = Decision::of(&entry).map(|decision| decision.word()) else { continue };
            match word {
                DecisionArg::Allow => record.allowed += 1,
                DecisionArg::Deny | DecisionArg::Pending => record.denied += 1,
                DecisionArg::Limit => record.limited += 1,
            }
            record.lines.push(view.decision(&Call { entry, closing: None }));
        }
        Ok(record)
    }

    pub(super) fn words(&self) -> String {
        let limited = match self.limited {
            0 => String::new(),
            limited => format!(", {limited} over a limit"),
        };
        let state = if self.intact { "intact" } else { "NOT INTACT" };
        let Self { allowed, denied, entries, .. } = self;
        format!(
            "{allowed} allowed, {denied} denied{limited}; the log of {entries} entries is {state}"
        )
    }
}

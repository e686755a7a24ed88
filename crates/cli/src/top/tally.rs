//! Decisions, counted by what they were.

use crate::args::DecisionArg;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) allow: u64,
    pub(crate) deny: u64,
    pub(crate) limit: u64,
    pub(crate) pending: u64,
}

impl Tally {
    pub(super) fn add(&mut self, word: DecisionArg) {
        *match word {
            DecisionArg::Allow => &mut self.allow,
            DecisionArg::Deny => &mut self.deny,
            DecisionArg::Limit => &mut self.limit,
            DecisionArg::Pending => &mut self.pending,
        } += 1;
    }

    pub(crate) fn all(&self) -> u64 {
        self.allow + self.deny + self.limit + self.pending
    }
}

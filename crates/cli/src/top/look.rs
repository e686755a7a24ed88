//! One look.

use toolgate_store::{Approval, Budget, Freeze};

use super::tally::Tally;

/// Everything that is shown, as of one moment.
#[derive(Clone, Debug, Default)]
pub(crate) struct Look {
    pub(crate) at_ms: u64,
    /// So far back decisions are counted.
    pub(crate) window_s: u64,
    /// Of the last seconds, in tenths.
    pub(crate) calls_per_10s: u64,
    pub(crate) all: Tally,
    /// By name, those with most calls first.
    pub(crate) servers: Vec<(String, Tally)>,
    pub(crate) grants: Vec<(String, Tally)>,
    /// Most frequent first.
    pub(crate) denials: Vec<Denial>,
    /// Fullest first.
    pub(crate) budgets: Vec<Budget>,
    /// Oldest first.
    pub(crate) approvals: Vec<Approval>,
    pub(crate) freezes: Vec<Freeze>,
    /// What there is to say of the log itself.
    pub(crate) remark: Option<String>,
}

/// Why calls did not pass, and how often.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Denial {
    pub(crate) code: String,
    /// JSON pointer; empty where no rule stands behind it.
    pub(crate) rule: String,
    pub(crate) count: u64,
}

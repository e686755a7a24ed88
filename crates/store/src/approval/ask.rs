//! What a gateway tells and hears when a call needs a person's yes.

use crate::chain::hex;
use crate::facts::Facts;

use super::{Binding, Rule};

/// A yes that an admission needs.
#[derive(Clone, Copy, Debug)]
pub struct Owed {
    pub binding: Binding,
}

/// A question to people.
#[derive(Clone, Debug)]
pub struct Asking {
    pub binding: Binding,
    pub facts: Facts,
    /// The rules that want it; the first one stands in the log.
    pub rules: Vec<Rule>,
    /// The author's words, for the people who are asked.
    pub words: Option<String>,
    /// Who may answer; anybody who approves at all if empty.
    pub approvers: Vec<String>,
    /// Where the secret is found whose holder may answer too: `env:NAME` or `file:/path`.
    pub signed_by: Option<String>,
    /// Whether a yes may come through the very client that asks.
    pub in_client: bool,
    /// Canonical JSON text of the arguments: what a person says yes to. Empty if there are none.
    pub arguments: String,
    pub fingerprint: Option<[u8; 32]>,
    /// How long the question stands, and a yes to it.
    pub timeout_ms: u64,
    /// An equal call after this time puts the question before people once more.
    pub remind_after_ms: u64,
    /// How many questions of its principal may be open.
    pub pending_max: u64,
    /// What the agent hears of it.
    pub retry_after_ms: Option<u64>,
}

/// What became of a question.
#[must_use]
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Asked {
    /// It was answered meanwhile: nothing was recorded; admit the call again.
    Answered { id: String },
    /// Too many are open. The denial is recorded.
    Full { decision_id: String, retry_after_ms: u64 },
    /// Nobody had asked this.
    New(Question),
    /// It is open already.
    Same(Question),
    /// The directory has changed: nothing was recorded; the call is to be decided again.
    Stale,
}

/// An open question.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Question {
    pub id: String,
    /// The entry that says that the call waits.
    pub decision_id: String,
    pub left_ms: u64,
    /// Whether people are to be told: it is new, or was told of long ago.
    pub tell: bool,
}

/// How it stands with the yes that a call needs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Standing {
    /// Somebody said no. That stands until the question expires.
    Denied {
        id: String,
        by: String,
        reason: Option<String>,
        left_ms: u64,
    },
    /// Nobody answered in time.
    Expired {
        id: String,
    },
    Pending {
        id: String,
        left_ms: u64,
    },
    /// Nobody was asked, or the yes was used.
    Unasked,
}

impl Asking {
    /// Longer arguments are shown cut; they are bound whole.
    pub const ARGUMENTS_BYTES_MAX: usize = 256 * 1024;
}

/// 64 random bits. They name a question, and prove nothing.
pub(crate) fn random_id() -> Option<String> {
    let mut bytes = [0; 8];
    getrandom::fill(&mut bytes).ok()?;
    Some(format!("apr_{}", hex(&bytes)))
}

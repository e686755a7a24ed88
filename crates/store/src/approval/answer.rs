//! Who answers, and why an answer may not count.

use thiserror::Error;
use toolgate_policy::Principal;

use crate::error::Unavailable;

/// A person's answer.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    pub yes: bool,
    pub by: Approver,
    pub reason: Option<String>,
}

/// Who answers, as whoever checked it names them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approver {
    /// `os` for a user of this machine, `toolgate` for an account, `webhook` for whomever a signed
    /// answer names.
    pub issuer: String,
    pub subject: String,
    pub way: Way,
    /// The grant whose token was shown, if one was.
    pub grant: Option<String>,
}

/// How an answer came.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Way {
    Cli,
    Console,
    /// Through the client that makes the call: proof of nothing against a client that lies.
    InClient,
    Webhook,
}

/// Why an answer changes nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum AnswerError {
    #[error("approval `{id}` was answered already: {answer} by {by}")]
    Answered { id: String, answer: &'static str, by: String },
    #[error("approval `{id}` has expired: the call has to be made again, which asks anew")]
    Expired { id: String },
    #[error("approval `{id}` is for {} to answer, not for {who}", approvers.join(", "))]
    NotAnApprover { id: String, who: String, approvers: Vec<String> },
    #[error(
        "approval `{id}` cannot be answered through the client that makes the call: its policy \
         does not say so"
    )]
    NotInClient { id: String },
    #[error("approval `{id}` is about a call of {who} itself: somebody else has to answer")]
    OwnCall { id: String, who: String },
    #[error("the delivery `{delivery}` was used already; every message needs an id of its own")]
    Replayed { delivery: String },
    #[error(transparent)]
    Unavailable(#[from] Unavailable),
    #[error("there is no approval `{id}`; `toolgate approvals list` shows what waits")]
    Unknown { id: String },
    #[error("approval `{id}` has been used already: the call was let through as {decision_id}")]
    Used { id: String, decision_id: String },
    #[error("approval `{id}` was withdrawn: whoever asked does not wait for it any more")]
    Withdrawn { id: String },
}

impl Approver {
    /// As people and the log name them.
    pub fn name(&self) -> String {
        format!("{}:{}", self.issuer, self.subject)
    }

    /// Whether this is the principal of a call. An account of the same name is the same person,
    /// whoever vouches for either.
    pub(super) fn is(&self, principal: &Principal) -> bool {
        let named = matches!(self.way, Way::Console | Way::Webhook);
        (named || self.issuer == principal.issuer) && self.subject == principal.subject
    }

    /// Whether a policy's word for somebody means this one: issuer and subject, or the subject
    /// alone where it is one of our own issuers that knows it. Others' issuers are addresses, and
    /// anybody may be called anything there.
    pub fn is_called(&self, name: &str) -> bool {
        let full = name.strip_prefix(&*self.issuer).and_then(|rest| rest.strip_prefix(':'));
        full == Some(&*self.subject) || (name == self.subject && !self.issuer.contains(':'))
    }
}

impl Way {
    const ALL: [Self; 4] = [Self::Cli, Self::Console, Self::InClient, Self::Webhook];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cli => "cli",
            Self::Console => "console",
            Self::InClient => "in_client",
            Self::Webhook => "webhook",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|way| way.as_str() == text)
    }
}

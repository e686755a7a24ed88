//! One question that a policy asks of a call, and how it ended.

use std::sync::Arc;

use crate::call::Call;
use crate::decision::{Approval, Obligation, Reason};
use crate::explain::facts::Fact;
use crate::explain::level::Level;
use crate::explain::{facts, held, remedy};
use crate::limit::Charge;
use crate::rule::{Check, Test};

#[derive(Clone, Debug)]
pub struct Step {
    /// Which policy asks, where several decide: 0 is the outermost.
    pub layer: usize,
    /// JSON pointer into that policy; empty where no key of it stands behind the question.
    pub pointer: Arc<str>,
    pub asks: Asks,
    pub ends: Ends,
    /// The conditions, each with the value that it found.
    pub facts: Vec<Fact>,
    /// The author's words for the agent.
    pub on_deny: Option<Arc<str>>,
    /// Whether an entry lists the name; of [`Asks::Listing`] only.
    pub is_listed: bool,
    /// How full the limit's window is; nothing until it is weighed.
    pub level: Option<Level>,
    /// Whether it only says what it would have done.
    pub is_shadow: bool,
    /// What would make it pass, where that can be said.
    pub remedy: Option<String>,
}

/// What is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Asks {
    /// Whether a person must say yes.
    Approve,
    /// Nothing: it denies.
    Deny,
    DenyIf,
    /// Whether the tool is hidden.
    Hide,
    Limit,
    /// Whether the section lists the name.
    Listing,
    Require,
    RequiredArgs,
    Schema,
    /// Whether all programs read the name and the arguments alike.
    Spelling,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Ends {
    Asks(Approval),
    Denies(Reason),
    Passes,
    Spends(Charge),
}

impl Asks {
    /// As documents spell it, where they do.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Approve => "require_approval",
            Self::Deny => "deny",
            Self::DenyIf => "deny_if",
            Self::Hide => "hide",
            Self::Limit => "limit",
            Self::Listing => "listed",
            Self::Require => "require",
            Self::RequiredArgs => "required_args",
            Self::Schema => "schema",
            Self::Spelling => "spelling",
        }
    }

    fn of(test: &Test) -> Self {
        match test {
            Test::Approve(_) => Self::Approve,
            Test::Deny => Self::Deny,
            Test::DenyIf(_) => Self::DenyIf,
            Test::Limit(_) => Self::Limit,
            Test::Require(_) => Self::Require,
            Test::RequiredArgs => Self::RequiredArgs,
            Test::Schema => Self::Schema,
        }
    }
}

impl Ends {
    pub(super) fn of(reason: Option<Reason>) -> Self {
        reason.map_or(Self::Passes, Self::Denies)
    }

    /// In one word.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Asks(_) => "asks",
            Self::Denies(_) => "denies",
            Self::Passes => "passes",
            Self::Spends(_) => "spends",
        }
    }
}

impl Step {
    pub(super) fn new(layer: usize, pointer: Arc<str>, asks: Asks, ends: Ends) -> Self {
        let remedy = match (&ends, asks) {
            (Ends::Denies(_), Asks::Hide) => Some(remedy::hidden()),
            (Ends::Denies(reason), Asks::Spelling) => Some(reason.message.clone()),
            _ => None,
        };
        let (facts, on_deny, is_listed, level) = (Vec::new(), None, false, None);
        let is_shadow = false;
        Self { layer, pointer, asks, ends, facts, on_deny, is_listed, level, is_shadow, remedy }
    }

    pub(super) fn in_shadow(self, is_shadow: bool) -> Self {
        Self { is_shadow, ..self }
    }

    pub(super) fn of(check: &Check, layer: usize, call: &Call) -> Self {
        let ends = match held(check, layer, call) {
            Err(reason) => Ends::Denies(reason),
            Ok(owed) => owed.into_iter().next().map_or(Ends::Passes, Ends::owing),
        };
        let (asks, pointer) = (Asks::of(&check.test), Arc::clone(&check.pointer));
        let facts = facts::of(check, call);
        let remedy = remedy::of(&ends, asks, &facts);
        let (on_deny, is_shadow) = (check.on_deny.clone(), check.shadow);
        Self { facts, on_deny, is_shadow, remedy, ..Self::new(layer, pointer, asks, ends) }
    }
}

impl Ends {
    /// One check owes one thing.
    fn owing(obligation: Obligation) -> Self {
        match obligation {
            Obligation::Approve(approval) => Self::Asks(approval),
            Obligation::Spend(charges) => {
                charges.into_iter().next().map_or(Self::Passes, Self::Spends)
            }
        }
    }
}

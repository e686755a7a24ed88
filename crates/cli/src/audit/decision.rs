//! One entry of the log, as far as it is a decision.

use toolgate_store::{Denied, Entry, Facts, Kind, Opening};

use crate::args::DecisionArg;
use toolgate_store::Effect;

/// An entry that let a call through or did not.
#[derive(Clone, Copy)]
pub(crate) struct Decision<'a> {
    pub(crate) entry: &'a Entry,
    pub(crate) facts: &'a Facts,
    pub(crate) what: What<'a>,
}

#[derive(Clone, Copy)]
pub(crate) enum What<'a> {
    Denied(&'a Denied),
    Opened(&'a Opening),
}

impl<'a> Decision<'a> {
    /// Nothing for an outcome or a note.
    pub(crate) fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.kind {
            Kind::Opened(opened) => {
                Some(Self { entry, facts: &opened.facts, what: What::Opened(opened) })
            }
            Kind::Denied(denied) => {
                Some(Self { entry, facts: &denied.facts, what: What::Denied(denied) })
            }
            Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => None,
        }
    }

    pub(crate) fn word(&self) -> DecisionArg {
        match self.what {
            What::Opened(_) => DecisionArg::Allow,
            What::Denied(denied) => match denied.effect {
                Effect::Deny => DecisionArg::Deny,
                Effect::Limit => DecisionArg::Limit,
                Effect::Pending => DecisionArg::Pending,
            },
        }
    }

    /// Why it was not let through.
    pub(crate) fn code(&self) -> Option<&'a str> {
        match self.what {
            What::Denied(denied) => Some(&denied.code),
            What::Opened(_) => None,
        }
    }

    /// JSON pointer of the rule that did not let it through; empty where none did.
    pub(crate) fn rule(&self) -> &'a str {
        match self.what {
            What::Denied(denied) => &denied.pointer,
            What::Opened(_) => "",
        }
    }

    /// The name of what was called; of the method where that is no tool.
    pub(crate) fn tool(&self) -> &'a str {
        self.facts.tool.as_deref().unwrap_or(&self.facts.method)
    }
}

impl DecisionArg {
    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Deny => "deny",
            Self::Limit => "limit",
            Self::Pending => "pending",
        }
    }
}

//! What became of a call when it was made, as the log has it.

use crate::{Effect, Entry, Facts, Kind, Spent};
use toolgate_policy::{Bound, Charge, Code, Refund, Subject};

/// A decision of the log.
pub(super) struct Recorded<'a> {
    pub(super) entry: &'a Entry,
    pub(super) facts: &'a Facts,
    pub(super) then: Then<'a>,
    /// What it spent, or would have.
    spent: &'a [Spent],
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then<'a> {
    Allowed,
    Denied {
        code: &'a str,
        pointer: &'a str,
    },
    /// A person had not said yes.
    Held {
        pointer: &'a str,
    },
    Limited {
        pointer: &'a str,
    },
    /// By something that is no policy: a tool that changed, a gateway that was stopped.
    Otherwise {
        code: &'a str,
    },
}

impl<'a> Recorded<'a> {
    /// Nothing for an entry that is no decision.
    pub(super) fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.kind {
            Kind::Opened(opened) => {
                let (facts, spent) = (&opened.facts, &opened.spent);
                Some(Self { entry, facts, then: Then::Allowed, spent })
            }
            Kind::Denied(denied) => {
                let (code, pointer) = (denied.code.as_str(), denied.pointer.as_str());
                let then = match denied.effect {
                    Effect::Limit => Then::Limited { pointer },
                    Effect::Pending => Then::Held { pointer },
                    Effect::Deny if code.starts_with("approval") => Then::Held { pointer },
                    Effect::Deny if Code::parse(code).is_some() => Then::Denied { code, pointer },
                    Effect::Deny => Then::Otherwise { code },
                };
                Some(Self { entry, facts: &denied.facts, then, spent: &denied.wanted })
            }
            _ => None,
        }
    }

    /// What the record says that it was counted by.
    pub(super) fn charges(&self) -> Vec<Charge> {
        let charge = |spent: &Spent| Charge {
            counter: spent.counter.clone(),
            amount: spent.amount,
            bounds: spent.bounds.iter().map(bound).collect(),
        };
        self.spent.iter().map(charge).collect()
    }

    /// A person had said yes: limits are counted last.
    pub(super) fn is_approved(&self) -> bool {
        let passed = matches!(self.then, Then::Allowed | Then::Limited { .. });
        passed && self.facts.approval.is_some()
    }

    /// What it may have been about. Of what is only named, the log does not say which it was.
    pub(super) fn subjects(&self) -> &'static [Subject] {
        match (self.facts.method.as_str(), &self.facts.tool) {
            ("tools/call", _) => &[Subject::Tool],
            ("prompts/get", _) => &[Subject::Prompt],
            ("resources/read" | "resources/subscribe", _) => &[Subject::Resource],
            ("subscriptions/listen", _) => &[Subject::ResourceMention],
            ("completion/complete", _) => &[Subject::PromptMention, Subject::ResourceMention],
            (_, None) => &[Subject::ServerRequest],
            (_, Some(_)) => &[],
        }
    }

    pub(super) fn name(&self) -> &'a str {
        self.facts.tool.as_deref().unwrap_or(&self.facts.method)
    }
}

fn bound(level: &crate::Level) -> Bound {
    Bound {
        scope: level.scope,
        window: level.window,
        max: level.max,
        pointer: level.pointer.as_str().into(),
        layer: level.layer,
        on_deny: None,
        refund: Refund::default(),
    }
}

impl Then<'_> {
    pub(super) fn reason(&self) -> String {
        match self {
            Self::Allowed => String::new(),
            Self::Denied { code, pointer: "" } | Self::Otherwise { code } => (*code).to_owned(),
            Self::Denied { pointer, .. } | Self::Held { pointer } | Self::Limited { pointer } => {
                (*pointer).to_owned()
            }
        }
    }
}

//! The answer: allowed with obligations, or denied with a reason.

use std::sync::Arc;

use crate::call::Call;
use crate::limit::Charge;
use crate::shadow::Shadow;
use crate::terms::Terms;

#[must_use]
#[derive(Debug)]
pub enum Decision {
    Allow(Allowed),
    Deny(Denied),
}

/// A call that may go upstream once its obligations are met. Only this crate makes one, and
/// the call inside is the very call that was decided.
#[derive(Debug)]
pub struct Allowed {
    pub(crate) call: Call,
    pub(crate) obligations: Vec<Obligation>,
    pub(crate) shadow: Option<Box<Shadow>>,
}

/// A call that must not go upstream, and why.
#[derive(Debug)]
pub struct Denied {
    pub call: Call,
    /// Which policy denies, where several decide: 0 is the outermost.
    pub layer: usize,
    pub reason: Reason,
}

/// Owed before forwarding, in this order: ask first, spend last, so that a refused approval
/// costs no budget.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Obligation {
    Approve(Approval),
    Spend(Vec<Charge>),
}

/// A person's yes.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Approval {
    /// JSON pointer of the rule that wants it.
    pub pointer: Arc<str>,
    /// Which policy wants it, where several decide: 0 is the outermost.
    pub layer: usize,
    pub on_deny: Option<Arc<str>>,
    pub terms: Terms,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Reason {
    pub code: Code,
    /// JSON pointer into the document; empty where no rule stands behind the denial.
    pub pointer: Arc<str>,
    /// What the agent hears: why, and what would pass.
    pub message: String,
}

/// Stable names: they stand in records, answers and tests.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Code {
    AmbiguousArgument,
    AmountInvalid,
    ConditionNotMet,
    ConditionUnknown,
    DefaultDeny,
    DefinitionUnknown,
    DenyIf,
    Hidden,
    NoPolicy,
    RequiredArgumentMissing,
    RuleDeny,
    SchemaInvalid,
}

impl Code {
    pub const ALL: [Self; 12] = [
        Self::AmbiguousArgument,
        Self::AmountInvalid,
        Self::ConditionNotMet,
        Self::ConditionUnknown,
        Self::DefaultDeny,
        Self::DefinitionUnknown,
        Self::DenyIf,
        Self::Hidden,
        Self::NoPolicy,
        Self::RequiredArgumentMissing,
        Self::RuleDeny,
        Self::SchemaInvalid,
    ];

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|code| code.as_str() == text)
    }

    pub fn as_str(self) -> &'static str {
        match self {
            Self::AmbiguousArgument => "ambiguous_argument",
            Self::AmountInvalid => "amount_invalid",
            Self::ConditionNotMet => "condition_not_met",
            Self::ConditionUnknown => "condition_unknown",
            Self::DefaultDeny => "default_deny",
            Self::DefinitionUnknown => "definition_unknown",
            Self::DenyIf => "deny_if",
            Self::Hidden => "hidden",
            Self::NoPolicy => "no_policy",
            Self::RequiredArgumentMissing => "required_argument_missing",
            Self::RuleDeny => "rule_deny",
            Self::SchemaInvalid => "schema_invalid",
        }
    }
}

impl Allowed {
    /// What was decided.
    pub fn call(&self) -> &Call {
        &self.call
    }

    pub fn obligations(&self) -> &[Obligation] {
        &self.obligations
    }

    /// What rules in shadow would have made of it; nothing where they have nothing to say.
    pub fn shadow(&self) -> Option<&Shadow> {
        self.shadow.as_deref()
    }

    pub fn take_shadow(&mut self) -> Option<Box<Shadow>> {
        self.shadow.take()
    }

    /// The same call, with what would have become of another name that it mentions, should
    /// nothing have stopped it under its own.
    #[must_use]
    pub fn or_shadow(mut self, other: Option<Box<Shadow>>) -> Self {
        let stops =
            |shadow: &Option<Box<Shadow>>| shadow.as_ref().is_some_and(|s| s.stop.is_some());
        if stops(&other) && !stops(&self.shadow) {
            self.shadow = other;
        }
        self
    }

    /// The call, no longer allowed, and what it owes.
    pub fn into_parts(self) -> (Call, Vec<Obligation>) {
        (self.call, self.obligations)
    }
}

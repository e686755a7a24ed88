//! What becomes of a call, in one word.

use std::fmt;

/// As tests in documents spell it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Effect {
    Allow,
    /// A person must say yes first.
    Approve,
    Deny,
    /// For this caller the tool does not exist.
    Hidden,
    /// Nothing but a limit stands in the way.
    Limit,
}

impl Effect {
    pub const ALL: [Self; 5] = [Self::Allow, Self::Approve, Self::Deny, Self::Hidden, Self::Limit];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Approve => "approve",
            Self::Deny => "deny",
            Self::Hidden => "hidden",
            Self::Limit => "limit",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|effect| effect.as_str() == text)
    }
}

impl fmt::Display for Effect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

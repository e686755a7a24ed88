//! One test on the arguments: a path, an operator, a value.

pub(crate) mod cells;
mod host_in;
mod host_public;
mod literal;
mod number;
mod operator;
mod path_sensitive;
mod path_within;
mod pattern;
#[cfg(test)]
mod tests;

pub(crate) use operator::{OPERATORS, Operator};

use toolgate_json::Value;

use crate::path::{Doubt, Lookup, Path};

#[derive(Debug)]
pub(crate) struct Condition {
    pub(crate) path: Path,
    pub(crate) operator: Operator,
}

/// Whether a value is as an operator wants it. No value is coerced: what cannot be judged as it
/// stands is unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Match {
    No,
    Unknown,
    Yes,
}

/// What a condition says of a call.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Judgement<'a> {
    /// Nothing stands at the path, and the operator does not ask whether something does.
    Absent,
    /// It cannot be said what stands at the path.
    Doubt(Doubt<'a>),
    Match(Match, Value<'a>),
    /// Nothing stands at the path, and the operator asks for just that, or its opposite.
    Missing(bool),
}

impl Condition {
    pub(crate) fn judge<'a>(&self, arguments: Option<Value<'a>>) -> Judgement<'a> {
        match self.path.find(arguments) {
            Lookup::Absent => {
                self.operator.judge_absent().map_or(Judgement::Absent, Judgement::Missing)
            }
            Lookup::Doubt(doubt) => Judgement::Doubt(doubt),
            Lookup::Found(value) => Judgement::Match(self.operator.judge(value), value),
        }
    }
}

impl Match {
    pub(crate) fn of(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }

    pub(crate) fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    /// Yes if any is, else unknown if any is.
    pub(crate) fn any(all: impl Iterator<Item = Self>) -> Self {
        let mut result = Self::No;
        for one in all {
            match one {
                Self::Yes => return Self::Yes,
                Self::Unknown => result = Self::Unknown,
                Self::No => {}
            }
        }
        result
    }

    /// No if any is, else unknown if any is.
    pub(crate) fn all(all: impl Iterator<Item = Self>) -> Self {
        Self::any(all.map(Self::not)).not()
    }
}

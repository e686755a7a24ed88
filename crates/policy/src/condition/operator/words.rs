//! What an operator asks, in the words of a denial.

use std::fmt;

use toolgate_json::{Kind, Value};

use super::{Bound, Operator, Test};
use crate::condition::literal::Listed;
use crate::words::short;

impl Operator {
    /// What would hold: `must be at most 500`.
    pub(crate) fn required(&self) -> String {
        self.must(true)
    }

    /// What would not: `must be at most 500` for `gt`.
    pub(crate) fn forbidden(&self) -> String {
        self.must(false)
    }

    /// How a value would have to be written for this operator to judge it, beyond its type.
    pub(crate) fn spelling(&self, value: Value<'_>) -> Option<&'static str> {
        match (&self.0, value.kind()) {
            (Test::Any(operator) | Test::Each(operator), Kind::Array) => {
                value.items().find_map(|item| operator.spelling(item))
            }
            (Test::Host(_) | Test::Public(_), Kind::String) => {
                Some("write `https://host/path` or `host`, with nothing that hides the host")
            }
            (Test::Sensitive(_) | Test::Within(_), Kind::String) => {
                Some("write a plain path, without `..`, `~`, `%`, `\\`, variables or patterns")
            }
            _ => None,
        }
    }

    fn must(&self, holds: bool) -> String {
        let (negated, words) = match &self.0 {
            Test::Any(operator) => {
                (false, format!("be a list with an item that {}", operator.required()))
            }
            Test::Contains(part) => (false, format!("contain {}", short(&part.literal))),
            Test::Each(operator) => {
                (false, format!("be a list in which every item {}", operator.required()))
            }
            Test::Equal(literal) => (false, format!("be {}", short(literal))),
            Test::Exists(wanted) => (!wanted, "be given".to_owned()),
            Test::Host(hosts) => (false, format!("be a URL or host of {}", short(hosts))),
            Test::Length { min, max } => (false, length(*min, *max)),
            Test::NoneOf(list) => (true, format!("be one of {}", short(&Listed(list)))),
            Test::NotEqual(literal) => (true, format!("be {}", short(literal))),
            Test::OneOf(list) => (false, format!("be one of {}", short(&Listed(list)))),
            Test::Order(bound, number) => {
                let bound = if holds { *bound } else { bound.opposite() };
                return format!("must be {bound} {number}");
            }
            Test::Pattern(_, text) => (false, format!("have the form `{}`", short(text))),
            Test::Public(wanted) => (!wanted, "be a URL or host of the public internet".to_owned()),
            Test::Search(regex) => (false, format!("match `{}`", short(regex))),
            Test::Sensitive(wanted) => {
                (!wanted, "be a path to keys, credentials or the system's folders".to_owned())
            }
            Test::Within(roots) => (false, format!("be a path within {}", short(roots))),
        };
        if negated == holds { format!("must not {words}") } else { format!("must {words}") }
    }
}

impl Bound {
    fn opposite(self) -> Self {
        match self {
            Self::AtLeast => Self::LessThan,
            Self::AtMost => Self::MoreThan,
            Self::LessThan => Self::AtLeast,
            Self::MoreThan => Self::AtMost,
        }
    }
}

impl fmt::Display for Bound {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
            Self::LessThan => "less than",
            Self::MoreThan => "more than",
        })
    }
}

fn length(min: u64, max: Option<u64>) -> String {
    let bound = match (min, max) {
        (min, None) => format!("at least {min}"),
        (0, Some(max)) => format!("at most {max}"),
        (min, Some(max)) => format!("{min} to {max}"),
    };
    format!("be {bound} characters or items long")
}

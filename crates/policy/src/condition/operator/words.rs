//! What an operator asks, in the words of a denial: "must be {words}".

use std::fmt;

use super::{Bound, Operator, Test};
use crate::condition::literal::{Listed, Literal};
use crate::words::short;

impl fmt::Display for Operator {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0 {
            Test::Contains(literal) => write!(f, "something that contains {}", short(literal)),
            Test::Each(operator) => write!(f, "a list whose every item is {operator}"),
            Test::Equal(literal) => write!(f, "{}", short(literal)),
            Test::Exists(true) => f.write_str("given"),
            Test::Exists(false) => f.write_str("left out"),
            Test::Host(hosts) => write!(f, "a URL or host of {}", short(hosts)),
            Test::Length { min, max } => length(*min, *max, f),
            Test::NoneOf(list) => write!(f, "none of {}", listed(list)),
            Test::NotEqual(literal) => write!(f, "other than {}", short(literal)),
            Test::OneOf(list) => write!(f, "one of {}", listed(list)),
            Test::Order(bound, number) => write!(f, "{} {number}", bound.words()),
            Test::Pattern(_, text) => write!(f, "text of the form `{}`", short(text)),
            Test::Search(regex) => write!(f, "text that matches `{}`", short(regex)),
            Test::Within(roots) => write!(f, "a path within {}", short(roots)),
        }
    }
}

impl Bound {
    fn words(self) -> &'static str {
        match self {
            Self::AtLeast => "at least",
            Self::AtMost => "at most",
            Self::LessThan => "less than",
            Self::MoreThan => "more than",
        }
    }
}

fn listed(list: &[Literal]) -> String {
    short(&Listed(list))
}

fn length(min: u64, max: Option<u64>, f: &mut fmt::Formatter<'_>) -> fmt::Result {
    match (min, max) {
        (min, None) => write!(f, "at least {min} characters or items long"),
        (0, Some(max)) => write!(f, "at most {max} characters or items long"),
        (min, Some(max)) => write!(f, "{min} to {max} characters or items long"),
    }
}

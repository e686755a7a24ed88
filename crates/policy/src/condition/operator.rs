//! The operators: each with the value it needs and what it asks of an argument.

use std::cmp::Ordering;

use memchr::memmem::Finder;
use regex::Regex;
use toolgate_json::{Kind, Value};

use super::host_in::Hosts;
use super::literal::Literal;
use super::number::Number;
use super::path_within::Roots;
use super::{Match, host_public, path_sensitive, pattern};

mod read;
mod words;

/// All names, in the order of the documentation.
pub(crate) const OPERATORS: &[&str] = &[
    "eq",
    "neq",
    "in",
    "not_in",
    "lt",
    "lte",
    "gt",
    "gte",
    "regex",
    "contains",
    "exists",
    "matches",
    "path_within",
    "host_in",
    "length",
    "each",
    "any",
    "host_public",
    "path_sensitive",
];

/// What is asked of an argument.
#[derive(Debug)]
pub(crate) struct Operator(pub(super) Test);

#[derive(Debug)]
pub(super) enum Test {
    Any(Box<Operator>),
    Contains(Part),
    Each(Box<Operator>),
    Equal(Literal),
    Exists(bool),
    Host(Hosts),
    Length {
        min: u64,
        max: Option<u64>,
    },
    NoneOf(Vec<Literal>),
    NotEqual(Literal),
    OneOf(Vec<Literal>),
    Order(Bound, Number),
    /// For the whole text.
    Pattern(Regex, String),
    Public(bool),
    /// Somewhere in the text.
    Search(Regex),
    Sensitive(bool),
    Within(Roots),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Bound {
    AtLeast,
    AtMost,
    LessThan,
    MoreThan,
}

impl Operator {
    /// Reads one operator with its value; the error says what it needs.
    pub(crate) fn new(op: &str, value: Value<'_>) -> Result<Self, String> {
        Ok(Self(match op {
            "any" => Test::Any(Box::new(read::each(value)?)),
            "contains" => Test::Contains(Part::new(Literal::read(value)?)),
            "each" => Test::Each(Box::new(read::each(value)?)),
            "eq" => Test::Equal(Literal::read(value)?),
            "exists" => Test::Exists(read::flag(value)?),
            "gt" => Test::Order(Bound::MoreThan, Number::read(value)?),
            "gte" => Test::Order(Bound::AtLeast, Number::read(value)?),
            "host_in" => Test::Host(Hosts::read(value)?),
            "host_public" => Test::Public(read::flag(value)?),
            "in" => Test::OneOf(read::list(value)?),
            "length" => read::length(value)?,
            "lt" => Test::Order(Bound::LessThan, Number::read(value)?),
            "lte" => Test::Order(Bound::AtMost, Number::read(value)?),
            "matches" => {
                Test::Pattern(pattern::full(value)?, value.as_str().unwrap_or_default().into())
            }
            "neq" => Test::NotEqual(Literal::read(value)?),
            "not_in" => Test::NoneOf(read::list(value)?),
            "path_sensitive" => Test::Sensitive(read::flag(value)?),
            "path_within" => Test::Within(Roots::read(value)?),
            "regex" => Test::Search(pattern::search(value)?),
            _ => return Err(read::unknown(op)),
        }))
    }

    /// Whether a whole text is matched by a regular expression.
    pub(crate) fn matching(pattern: &str) -> Option<Self> {
        let regex = Regex::new(&format!(r"\A(?:{pattern})\z")).ok()?;
        Some(Self(Test::Pattern(regex, pattern.to_owned())))
    }

    /// What holds if nothing stands at the path; nothing if the operator does not ask that.
    pub(crate) fn judge_absent(&self) -> Option<bool> {
        match self.0 {
            Test::Exists(wanted) => Some(!wanted),
            _ => None,
        }
    }

    pub(crate) fn judge(&self, value: Value<'_>) -> Match {
        match &self.0 {
            Test::Any(operator) if value.kind() == Kind::Array => {
                Match::any(value.items().map(|item| operator.judge(item)))
            }
            Test::Contains(part) => part.judge(value),
            Test::Each(operator) if value.kind() == Kind::Array => {
                Match::all(value.items().map(|item| operator.judge(item)))
            }
            Test::Any(_) | Test::Each(_) => Match::Unknown,
            Test::Equal(literal) => literal.equals(value),
            Test::Exists(wanted) => Match::of(value.is_null() != *wanted),
            Test::Host(hosts) => on_text(value, |text| hosts.judge(text)),
            Test::Length { min, max } => length(*min, *max, value),
            Test::NoneOf(list) => one_of(list, value).not(),
            Test::NotEqual(literal) => literal.equals(value).not(),
            Test::OneOf(list) => one_of(list, value),
            Test::Order(bound, number) => match number.compare(value) {
                Some(order) => Match::of(bound.holds(order)),
                None => Match::Unknown,
            },
            Test::Pattern(regex, _) | Test::Search(regex) => {
                on_text(value, |text| Match::of(regex.is_match(text)))
            }
            Test::Public(wanted) => either(*wanted, on_text(value, host_public::judge)),
            Test::Sensitive(wanted) => either(*wanted, on_text(value, path_sensitive::judge)),
            Test::Within(roots) => on_text(value, |text| roots.judge(text)),
        }
    }
}

/// What an array or a text is to contain.
#[derive(Debug)]
pub(super) struct Part {
    pub(super) literal: Literal,
    /// Ready to be looked for in a text, if it is one itself.
    finder: Option<Box<Finder<'static>>>,
}

impl Part {
    fn new(literal: Literal) -> Self {
        let finder = match &literal {
            Literal::Text(text) => Some(Box::new(Finder::new(text).into_owned())),
            _ => None,
        };
        Self { literal, finder }
    }

    fn judge(&self, value: Value<'_>) -> Match {
        match (value.kind(), &self.finder) {
            (Kind::Array, _) => Match::any(value.items().map(|item| self.literal.equals(item))),
            (Kind::String, Some(finder)) => {
                on_text(value, |text| Match::of(finder.find(text.as_bytes()).is_some()))
            }
            _ => Match::Unknown,
        }
    }
}

impl Bound {
    fn holds(self, order: Ordering) -> bool {
        match self {
            Self::AtLeast => order.is_ge(),
            Self::AtMost => order.is_le(),
            Self::LessThan => order.is_lt(),
            Self::MoreThan => order.is_gt(),
        }
    }
}

fn either(wanted: bool, judged: Match) -> Match {
    if wanted { judged } else { judged.not() }
}

fn on_text(value: Value<'_>, judge: impl FnOnce(&str) -> Match) -> Match {
    value.as_str().map_or(Match::Unknown, |text| judge(&text))
}

/// A value whose type no member has cannot be judged.
fn one_of(list: &[Literal], value: Value<'_>) -> Match {
    let others = || list.iter().filter(|literal| !matches!(literal, Literal::Null));
    let of_its_type = || others().filter(|literal| literal.is_comparable(value));
    if value.is_null() && others().count() < list.len() {
        Match::Yes
    } else if others().next().is_some() && of_its_type().next().is_none() {
        Match::Unknown
    } else {
        Match::any(of_its_type().map(|literal| literal.equals(value)))
    }
}

fn length(min: u64, max: Option<u64>, value: Value<'_>) -> Match {
    let length = match value.kind() {
        Kind::Array => value.items().count(),
        Kind::String => value.as_str().unwrap_or_default().chars().count(),
        _ => return Match::Unknown,
    };
    let length = u64::try_from(length).unwrap_or(u64::MAX);
    Match::of(length >= min && max.is_none_or(|max| length <= max))
}

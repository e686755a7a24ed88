//! JSON values of a policy, compared in depth with values of a call.

use std::cmp::Ordering;
use std::fmt;

use toolgate_json::{Kind, Value};

use super::Match;
use super::number::Number;
use crate::fold::{Key, Likeness};

/// A value that a policy names.
#[derive(Clone, Debug)]
pub(crate) enum Literal {
    Array(Vec<Literal>),
    Bool(bool),
    Null,
    Number(Number),
    Object(Vec<(Key, Literal)>),
    Text(String),
}

impl Literal {
    pub(super) fn read(value: Value<'_>) -> Result<Self, String> {
        Ok(match value.kind() {
            Kind::Array => Self::Array(value.items().map(Self::read).collect::<Result<_, _>>()?),
            Kind::False => Self::Bool(false),
            Kind::Null => Self::Null,
            Kind::Number => Self::Number(Number::read(value)?),
            Kind::Object => Self::Object(
                value
                    .entries()
                    .map(|(key, value)| {
                        Ok((Key::new(&key.as_str().unwrap_or_default()), Self::read(value)?))
                    })
                    .collect::<Result<_, String>>()?,
            ),
            Kind::String => Self::Text(value.as_str().unwrap_or_default().into_owned()),
            Kind::True => Self::Bool(true),
        })
    }

    /// Whether both are of one type, so that one could equal the other.
    pub(super) fn is_comparable(&self, value: Value<'_>) -> bool {
        match self {
            Self::Array(_) => value.kind() == Kind::Array,
            Self::Bool(_) => matches!(value.kind(), Kind::False | Kind::True),
            Self::Null => true,
            Self::Number(_) => value.kind() == Kind::Number,
            Self::Object(_) => value.kind() == Kind::Object,
            Self::Text(_) => value.kind() == Kind::String,
        }
    }

    /// Whether `value` equals this. Values of different types cannot be compared, but anything
    /// can be with this `null`.
    pub(super) fn equals(&self, value: Value<'_>) -> Match {
        match (self, value.kind()) {
            (Self::Null, kind) => Match::of(kind == Kind::Null),
            (Self::Bool(own), Kind::False | Kind::True) => Match::of(value.as_bool() == Some(*own)),
            (Self::Number(own), Kind::Number) => match own.compare(value) {
                Some(order) => Match::of(order == Ordering::Equal),
                None => Match::Unknown,
            },
            (Self::Text(own), Kind::String) => Match::of(value.is(own)),
            (Self::Array(own), Kind::Array) => equal_arrays(own, value),
            (Self::Object(own), Kind::Object) => equal_objects(own, value),
            _ => Match::Unknown,
        }
    }
}

fn equal_arrays(own: &[Literal], value: Value<'_>) -> Match {
    if value.items().count() != own.len() {
        return Match::No;
    }
    Match::all(own.iter().zip(value.items()).map(|(own, item)| own.equals(item)))
}

fn equal_objects(own: &[(Key, Literal)], value: Value<'_>) -> Match {
    let mut held = Match::of(value.entries().count() == own.len());
    for (key, member) in value.entries() {
        let mut likeness = own.iter().map(|(name, literal)| (name.compare(key), literal));
        let equal = match likeness.find(|(likeness, _)| *likeness != Likeness::Other) {
            Some((Likeness::Same, literal)) => literal.equals(member),
            // A reader may take the one for the other, and then anything can be meant.
            Some(_) => return Match::Unknown,
            None => Match::No,
        };
        held = Match::all([held, equal].into_iter());
    }
    held
}

impl fmt::Display for Literal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Array(items) => write!(f, "[{}]", Listed(items)),
            Self::Bool(value) => value.fmt(f),
            Self::Null => f.write_str("null"),
            Self::Number(number) => number.fmt(f),
            Self::Object(_) => f.write_str("{…}"),
            Self::Text(text) => {
                let mut quoted = Vec::new();
                toolgate_json::quote(text, &mut quoted);
                f.write_str(&String::from_utf8_lossy(&quoted))
            }
        }
    }
}

/// Several literals, for a message.
pub(super) struct Listed<'a>(pub(super) &'a [Literal]);

impl fmt::Display for Listed<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, literal) in self.0.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            write!(f, "{separator}{literal}")?;
        }
        Ok(())
    }
}

//! JSON-RPC ids: strings and whole numbers that every parser reads alike.

use toolgate_json::{Decimal, Kind, Value};

/// Of an id with its quotes. In bytes.
const SIZE_BYTES_MAX: usize = 256;

/// The largest whole number that every parser keeps: 2^53 - 1.
const NUMBER_MAX: u64 = (1 << 53) - 1;

/// An id to look up by. The number 1 and the text "1" are two ids.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Id {
    Number(i64),
    Text(String),
}

impl Id {
    /// Reads an id, a `progressToken` or a `requestId`. `1.0` is 1: some servers echo it so.
    pub fn read(value: Value<'_>) -> Option<Self> {
        if value.raw().len() > SIZE_BYTES_MAX {
            return None;
        }
        if let Some(text) = value.as_str() {
            return is_readable(&text).then(|| Self::Text(text.into_owned()));
        }
        let literal = value.as_number()?;
        if let Ok(number) = literal.parse::<i64>() {
            return (number.unsigned_abs() <= NUMBER_MAX).then_some(Self::Number(number));
        }
        let number = Decimal::known(literal)?;
        let whole = u64::try_from(number.scaled(0)?).ok()?;
        let whole = i64::try_from(whole).ok().filter(|_| whole <= NUMBER_MAX)?;
        Some(Self::Number(whole))
    }
}

/// Whether every parser reads the id alike and every peer echoes it as it came: a string, or a
/// whole number without point, exponent or minus zero.
pub(crate) fn is_valid(value: Value<'_>) -> bool {
    if value.raw().len() > SIZE_BYTES_MAX {
        return false;
    }
    match value.kind() {
        Kind::String => value.as_str().is_some_and(|text| is_readable(&text)),
        Kind::Number => {
            let number = std::str::from_utf8(value.raw()).ok().and_then(|n| n.parse::<i64>().ok());
            number.is_some_and(|n| n.unsigned_abs() <= NUMBER_MAX) && value.raw() != b"-0"
        }
        Kind::Array | Kind::False | Kind::Null | Kind::Object | Kind::True => false,
    }
}

/// A lone surrogate reads as U+FFFD: several such ids would be one.
fn is_readable(text: &str) -> bool {
    !text.contains(char::REPLACEMENT_CHARACTER)
}

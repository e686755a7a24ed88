//! Numbers of a policy, compared exactly with numbers of a call.

use std::cmp::Ordering;
use std::fmt;

use toolgate_json::{Decimal, Value};

/// A number that a policy names.
#[derive(Clone, Debug)]
pub(crate) struct Number {
    exact: Decimal,
    /// The same in billionths, where that is short: most comparisons need no more.
    short: Option<i128>,
}

impl Number {
    pub(super) fn exact(&self) -> &Decimal {
        &self.exact
    }

    pub(super) fn read(value: Value<'_>) -> Result<Self, String> {
        let literal = value.as_number().ok_or("the value must be a number")?;
        let exact = Decimal::known(literal).ok_or_else(|| {
            format!("programs read the number `{literal}` differently: write it with fewer digits")
        })?;
        Ok(Self { exact, short: short(literal) })
    }

    /// How `value` stands to this number; nothing if it is no number, or one that programs
    /// read differently.
    pub(super) fn compare(&self, value: Value<'_>) -> Option<Ordering> {
        let literal = value.as_number()?;
        if let (Some(own), Some(theirs)) = (self.short, short(literal)) {
            return Some(theirs.cmp(&own));
        }
        Some(Decimal::known(literal)?.cmp(&self.exact))
    }
}

/// The literal in billionths if it has at most 15 digits, 9 of them decimal places, and no
/// exponent: a double holds all of these.
fn short(literal: &str) -> Option<i128> {
    const DIGITS_MAX: usize = 15;
    const PLACES: usize = 9;
    let (negative, digits) = match literal.strip_prefix('-') {
        Some(digits) => (true, digits),
        None => (false, literal),
    };
    if digits.len() > DIGITS_MAX {
        return None;
    }
    let (mut value, mut places) = (0_i128, None);
    for byte in digits.bytes() {
        match (byte, &mut places) {
            (b'0'..=b'9', places) => {
                value = value * 10 + i128::from(byte - b'0');
                *places = places.map(|n: usize| n + 1);
            }
            (b'.', None) => places = Some(0),
            _ => return None,
        }
    }
    let missing = PLACES.checked_sub(places.unwrap_or(0))?;
    let value = value * 10_i128.pow(u32::try_from(missing).ok()?);
    Some(if negative { -value } else { value })
}

impl fmt::Display for Number {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.exact.fmt(f)
    }
}

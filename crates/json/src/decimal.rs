//! Numbers as they were written: exact, of any length.

use std::cmp::Ordering;
use std::fmt;

/// An exact decimal: `0.d₁d₂d₃… × 10^exponent`, the first and last digit not 0; zero has no digits.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct Decimal {
    negative: bool,
    digits: Vec<u8>,
    exponent: i64,
}

impl Decimal {
    /// Reads a JSON number literal. Exponents saturate beyond ±2^62.
    pub fn parse(literal: &str) -> Option<Self> {
        let (negative, rest) = match literal.strip_prefix('-') {
            Some(rest) => (true, rest),
            None => (false, literal),
        };
        let (mantissa, power) = match rest.split_once(['e', 'E']) {
            Some((mantissa, power)) => (mantissa, exponent(power)?),
            None => (rest, 0),
        };
        let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
        if whole.is_empty() || !whole.bytes().chain(fraction.bytes()).all(|b| b.is_ascii_digit()) {
            return None;
        }
        let mut digits: Vec<u8> = whole.bytes().chain(fraction.bytes()).map(|b| b - b'0').collect();
        let zeros = digits.iter().take_while(|d| **d == 0).count();
        digits.drain(..zeros);
        while digits.last() == Some(&0) {
            digits.pop();
        }
        if digits.is_empty() {
            return Some(Self { negative: false, digits, exponent: 0 });
        }
        let point = i64::try_from(whole.len()).ok()? - i64::try_from(zeros).ok()?;
        Some(Self { negative, digits, exponent: point.saturating_add(power) })
    }

    /// Reads a literal that every parser reads alike: an IEEE 754 double holds it, since its
    /// shortest round-trip decimal is the literal itself. 0.1 is known; 2^53+1 and 1e400 are not.
    pub fn known(literal: &str) -> Option<Self> {
        let exact = Self::parse(literal)?;
        let small = exact.digits.len() <= 15 && (-290..=290).contains(&exact.exponent);
        if small {
            return Some(exact);
        }
        let double: f64 = literal.parse().ok()?;
        let shortest = Self::parse(&format!("{double:e}"))?;
        (double.is_finite() && shortest == exact).then_some(exact)
    }

    pub fn is_negative(&self) -> bool {
        self.negative
    }

    pub fn is_integer(&self) -> bool {
        i64::try_from(self.digits.len()).is_ok_and(|length| length <= self.exponent.max(0))
            || self.digits.is_empty()
    }

    /// The value times `10^scale` as an integer; nothing if that is negative, not whole or too
    /// large.
    pub fn scaled(&self, scale: u32) -> Option<u128> {
        if self.digits.is_empty() {
            return Some(0);
        }
        let places = self.exponent.checked_add(i64::from(scale))?;
        let zeros = u32::try_from(places - i64::try_from(self.digits.len()).ok()?).ok()?;
        if self.negative {
            return None;
        }
        let mantissa = self.digits.iter().try_fold(0_u128, |value, digit| {
            value.checked_mul(10)?.checked_add(u128::from(*digit))
        })?;
        mantissa.checked_mul(10_u128.checked_pow(zeros)?)
    }
}

fn exponent(power: &str) -> Option<i64> {
    let (negative, digits) = match power.as_bytes().split_first()? {
        (b'-', digits) => (true, digits),
        (b'+', digits) => (false, digits),
        _ => (false, power.as_bytes()),
    };
    if digits.is_empty() {
        return None;
    }
    let size = digits.iter().try_fold(0_i64, |value, byte| {
        byte.is_ascii_digit()
            .then(|| value.saturating_mul(10).saturating_add(i64::from(byte - b'0')).min(1 << 62))
    })?;
    Some(if negative { -size } else { size })
}

impl Ord for Decimal {
    fn cmp(&self, other: &Self) -> Ordering {
        let size = |a: &Self, b: &Self| match (a.digits.is_empty(), b.digits.is_empty()) {
            (true, true) => Ordering::Equal,
            (true, false) => Ordering::Less,
            (false, true) => Ordering::Greater,
            (false, false) => a.exponent.cmp(&b.exponent).then_with(|| a.digits.cmp(&b.digits)),
        };
        match (self.negative, other.negative) {
            (false, false) => size(self, other),
            (true, true) => size(other, self),
            (false, true) => Ordering::Greater,
            (true, false) => Ordering::Less,
        }
    }
}

impl PartialOrd for Decimal {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

/// One spelling per value: `0`, `-12.5`, and `1.5e30` where plain digits would need padding.
impl fmt::Display for Decimal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let digits: String = self.digits.iter().map(|d| char::from(b'0' + d)).collect();
        if self.negative {
            f.write_str("-")?;
        }
        let Ok(point) = usize::try_from(self.exponent) else { return self.scientific(f, &digits) };
        match point {
            _ if digits.is_empty() => f.write_str("0"),
            0 => write!(f, "0.{digits}"),
            _ if point < digits.len() => write!(f, "{}.{}", &digits[..point], &digits[point..]),
            1..=21 => write!(f, "{digits:0<point$}"),
            _ => self.scientific(f, &digits),
        }
    }
}

impl Decimal {
    fn scientific(&self, f: &mut fmt::Formatter<'_>, digits: &str) -> fmt::Result {
        let (first, rest) = digits.split_at(1);
        let point = if rest.is_empty() { "" } else { "." };
        write!(f, "{first}{point}{rest}e{}", self.exponent - 1)
    }
}

//! Quantities that limits count.

use std::fmt;

use toolgate_json::Decimal;

/// An exact quantity in units of 10⁻¹⁸; at most about 3.4 × 10²⁰.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Amount(u128);

impl Amount {
    pub const ZERO: Self = Self(0);
    /// One call.
    pub const ONE: Self = Self(SCALE);
    /// The smallest step there is.
    pub const STEP: Self = Self(1);

    /// Nothing if `decimal` is negative, too large, or has more than 18 decimal places.
    pub fn new(decimal: &Decimal) -> Option<Self> {
        decimal.scaled(PLACES).map(Self)
    }

    pub fn from_units(units: u128) -> Self {
        Self(units)
    }

    pub fn units(self) -> u128 {
        self.0
    }

    pub fn checked_add(self, other: Self) -> Option<Self> {
        self.0.checked_add(other.0).map(Self)
    }

    #[must_use]
    pub fn saturating_sub(self, other: Self) -> Self {
        Self(self.0.saturating_sub(other.0))
    }
}

const PLACES: u32 = 18;
const SCALE: u128 = 10_u128.pow(PLACES);

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (whole, fraction) = (self.0 / SCALE, self.0 % SCALE);
        if fraction == 0 {
            return write!(f, "{whole}");
        }
        let digits = format!("{fraction:018}");
        write!(f, "{whole}.{}", digits.trim_end_matches('0'))
    }
}

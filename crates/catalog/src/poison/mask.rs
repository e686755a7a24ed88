//! Sets of classes of words.

use std::ops::{BitAnd, BitOr, BitOrAssign, Not};

const WORDS: usize = 9;
/// That many classes there may be.
#[cfg(test)]
pub(super) const BITS: usize = WORDS * 64;

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) struct Mask([u64; WORDS]);

impl Mask {
    /// The class of this number alone; none beyond the last.
    pub(super) fn one(bit: usize) -> Self {
        let mut mask = Self::default();
        if let Some(word) = mask.0.get_mut(bit / 64) {
            *word = 1 << (bit % 64);
        }
        mask
    }

    pub(super) fn is_empty(self) -> bool {
        self == Self::default()
    }

    /// Whether they have a class in common.
    pub(super) fn meets(self, other: Self) -> bool {
        self.0.iter().zip(other.0).any(|(one, other)| one & other != 0)
    }

    pub(super) fn holds(self, all: Self) -> bool {
        self & all == all
    }
}

impl BitAnd for Mask {
    type Output = Self;

    fn bitand(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] & other.0[at]))
    }
}

impl BitOr for Mask {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(std::array::from_fn(|at| self.0[at] | other.0[at]))
    }
}

impl BitOrAssign for Mask {
    fn bitor_assign(&mut self, other: Self) {
        *self = *self | other;
    }
}

impl Not for Mask {
    type Output = Self;

    fn not(self) -> Self {
        Self(self.0.map(|word| !word))
    }
}

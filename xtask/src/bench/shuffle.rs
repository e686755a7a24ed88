//! Another order in every repeat, so that no arm always runs behind the same neighbour.

use std::time::{SystemTime, UNIX_EPOCH};

/// xorshift64: good enough to shuffle eight things.
pub(crate) struct Shuffle(u64);

impl Shuffle {
    pub(crate) fn by_clock() -> Self {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Self(now.as_secs() | 1)
    }

    /// Fisher and Yates.
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            let other = self.next() % (last as u64 + 1);
            items.swap(last, usize::try_from(other).unwrap_or_default());
        }
    }

    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn every_order_comes_up() {
        let mut shuffle = Shuffle(1);
        let orders: HashSet<_> = (0..100)
            .map(|_| {
                let mut items = [1, 2, 3];
                shuffle.shuffle(&mut items);
                items
            })
            .collect();
        assert_eq!(orders.len(), 6);
    }
}

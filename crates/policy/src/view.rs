//! How much one counter holds within one window: an upper bound that is never too low.
//!
//! Up to [`SPANS_MAX`] moments are kept exactly. Beyond that, moments of the same slice (a
//! sixtieth of the window) are one span that expires with its newest moment: the cut slice
//! counts whole, so the answer is at worst one slice too strict, never too generous. Calendar
//! windows are one span. Once all spans have expired, moments are exact again.

use std::collections::VecDeque;

use crate::amount::Amount;
use crate::limit::{Align, Window};

const SPANS_MAX: usize = 256;
const SLICES: u64 = 60;
const SECOND_NS: u64 = 1_000_000_000;

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct View {
    pub window: Window,
    pub coarse: bool,
    /// Oldest first.
    pub spans: VecDeque<Span>,
}

/// What was spent from some moment to another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Span {
    pub newest_ns: u64,
    pub amount: Amount,
}

/// When more could be spent.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Room {
    Now,
    At(u64),
    Never,
}

fn full() -> Amount {
    Amount::from_units(u128::MAX)
}

impl View {
    pub fn new(window: Window) -> Self {
        Self { window, coarse: false, spans: VecDeque::new() }
    }

    /// Whether something spent at `then_ns` still counts.
    pub fn covers(&self, then_ns: u64, now_ns: u64) -> bool {
        self.expiry(then_ns) > now_ns
    }

    /// Drops what no longer counts. Time must not run backwards between calls.
    pub fn expire(&mut self, now_ns: u64) {
        while self.spans.front().is_some_and(|span| !self.covers(span.newest_ns, now_ns)) {
            self.spans.pop_front();
        }
        if self.spans.is_empty() {
            self.coarse = false;
        }
    }

    /// Counts `amount` at `now_ns`, which is not before anything counted so far.
    pub fn add(&mut self, now_ns: u64, amount: Amount) {
        self.expire(now_ns);
        self.push(Span { newest_ns: now_ns, amount });
        if self.spans.len() > SPANS_MAX {
            self.coarse = true;
            for span in std::mem::take(&mut self.spans) {
                self.push(span);
            }
        }
    }

    fn push(&mut self, span: Span) {
        let slot = self.slot(span.newest_ns);
        let same = self.spans.back().is_some_and(|last| self.slot(last.newest_ns) == slot);
        match self.spans.back_mut() {
            Some(last) if same => {
                last.newest_ns = span.newest_ns;
                // A full span stays full: see `refund`.
                last.amount = last.amount.checked_add(span.amount).unwrap_or(full());
            }
            _ => self.spans.push_back(span),
        }
    }

    /// Gives back what was spent at `then_ns`.
    pub fn refund(&mut self, then_ns: u64, amount: Amount) {
        let slot = self.slot(then_ns);
        let at = self.spans.partition_point(|span| span.newest_ns < then_ns);
        let same = self.spans.get(at).is_some_and(|span| self.slot(span.newest_ns) == slot);
        if let Some(span) = self.spans.get_mut(at).filter(|span| same && span.amount != full()) {
            span.amount = span.amount.saturating_sub(amount);
        }
    }

    /// All that counts now; nothing if it is more than an [`Amount`] holds.
    pub fn sum(&self) -> Option<Amount> {
        self.spans.iter().try_fold(Amount::ZERO, |sum, span| sum.checked_add(span.amount))
    }

    /// From when on nothing that was spent so far counts any more; nothing if none does now.
    pub fn reset_ns(&self) -> Option<u64> {
        self.spans.back().map(|span| self.expiry(span.newest_ns))
    }

    /// When `amount` more stays within `max`, given that nothing else is spent meanwhile.
    pub fn room(&self, amount: Amount, max: Amount) -> Room {
        let fits = |used: Option<Amount>| {
            used.and_then(|used| used.checked_add(amount)).is_some_and(|all| all <= max)
        };
        if max == Amount::ZERO || amount > max {
            return Room::Never;
        }
        if fits(self.sum()) {
            return Room::Now;
        }
        // Newest first: the longest tail that leaves room stays, the span before it must go.
        let mut kept = Some(Amount::ZERO);
        for span in self.spans.iter().rev() {
            kept = kept.and_then(|kept| kept.checked_add(span.amount));
            if !fits(kept) {
                return Room::At(self.expiry(span.newest_ns));
            }
        }
        Room::Now
    }

    /// The moment from which something spent at `then_ns` no longer counts.
    fn expiry(&self, then_ns: u64) -> u64 {
        let length_ns = self.length_ns();
        match self.window.align {
            Align::Calendar => (then_ns / length_ns).saturating_add(1).saturating_mul(length_ns),
            Align::Sliding => then_ns.saturating_add(length_ns),
        }
    }

    /// Moments of one slot become one span.
    fn slot(&self, then_ns: u64) -> u64 {
        match self.window.align {
            Align::Calendar => then_ns / self.length_ns(),
            Align::Sliding if self.coarse => then_ns / self.length_ns().div_ceil(SLICES),
            Align::Sliding => then_ns,
        }
    }

    fn length_ns(&self) -> u64 {
        self.window.length_s.get().saturating_mul(SECOND_NS)
    }
}

#[cfg(test)]
mod tests;

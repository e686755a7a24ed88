//! The counters as bytes: so that a start reads the end of the log, not all of it.
//!
//! Only a shortcut. It is sealed with the directory's key; one that does not check is ignored,
//! and the counters come from the log.

use std::collections::VecDeque;
use std::num::NonZeroU64;

use hashbrown::HashMap;
use toolgate_policy::{Align, Amount, CounterKey, Span, View, Window};

use crate::chain::ChainId;
use crate::counters::{Counter, Counters};
use crate::digest::Key;
use crate::head::Head;

/// Counters as of an entry of the log.
#[derive(Debug)]
pub(crate) struct Snapshot {
    pub(crate) head: Head,
    pub(crate) newest_ns: u64,
    pub(crate) counters: Counters,
}

/// Changes with the layout: another one is not read.
const LAYOUT: u64 = 2;
const SEAL_LENGTH: usize = 32;

pub(crate) fn encode(head: &Head, newest_ns: u64, counters: &Counters, key: &Key) -> Vec<u8> {
    let mut out = Vec::with_capacity(256 * counters.by_key.len() + 256);
    number(&mut out, LAYOUT);
    out.extend_from_slice(&head.chain.0);
    number(&mut out, head.seq);
    out.extend_from_slice(&head.hash);
    number(&mut out, newest_ns);
    number(&mut out, counters.forgotten_seq);
    length(&mut out, counters.by_key.len());
    for (name, counter) in &counters.by_key {
        length(&mut out, name.as_bytes().len());
        out.extend_from_slice(name.as_bytes());
        number(&mut out, counter.last_seq);
        length(&mut out, counter.views.len());
        for view in &counter.views {
            encode_view(&mut out, view);
        }
    }
    let seal = key.seal(&out);
    out.extend_from_slice(&seal);
    out
}

fn encode_view(out: &mut Vec<u8>, view: &View) {
    number(out, view.window.length_s.get());
    out.push(u8::from(view.window.align == Align::Calendar));
    out.push(u8::from(view.coarse));
    length(out, view.spans.len());
    for span in &view.spans {
        number(out, span.newest_ns);
        out.extend_from_slice(&span.amount.units().to_le_bytes());
    }
}

/// Nothing if it was not written by [`encode`] with the same key.
pub(crate) fn decode(bytes: &[u8], key: &Key) -> Option<Snapshot> {
    let (body, seal) = bytes.split_at_checked(bytes.len().checked_sub(SEAL_LENGTH)?)?;
    if key.seal(body) != seal {
        return None;
    }
    let mut input = Input(body);
    if input.number()? != LAYOUT {
        return None;
    }
    let head = Head { chain: ChainId(input.take()?), seq: input.number()?, hash: input.take()? };
    let newest_ns = input.number()?;
    let forgotten_seq = input.number()?;
    let mut by_key = HashMap::new();
    for _ in 0..input.number()? {
        let name = input.length()?;
        let name = CounterKey::from_bytes(input.bytes(name)?);
        let last_seq = input.number()?;
        let views = (0..input.number()?).map(|_| decode_view(&mut input)).collect::<Option<_>>()?;
        by_key.insert(name, Counter { last_seq, views });
    }
    Some(Snapshot { head, newest_ns, counters: Counters::new(by_key, forgotten_seq) })
}

fn decode_view(input: &mut Input<'_>) -> Option<View> {
    let length_s = NonZeroU64::new(input.number()?)?;
    let [calendar, coarse] = input.take()?;
    let align = if calendar == 1 { Align::Calendar } else { Align::Sliding };
    let mut spans = VecDeque::new();
    for _ in 0..input.number()? {
        let newest_ns = input.number()?;
        let amount = Amount::from_units(u128::from_le_bytes(input.take()?));
        spans.push_back(Span { newest_ns, amount });
    }
    Some(View { window: Window { length_s, align }, coarse: coarse == 1, spans })
}

fn number(out: &mut Vec<u8>, value: u64) {
    out.extend_from_slice(&value.to_le_bytes());
}

fn length(out: &mut Vec<u8>, value: usize) {
    number(out, u64::try_from(value).unwrap_or(u64::MAX));
}

struct Input<'a>(&'a [u8]);

impl<'a> Input<'a> {
    fn bytes(&mut self, length: usize) -> Option<&'a [u8]> {
        let (bytes, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(bytes)
    }

    fn take<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes(N)?.try_into().ok()
    }

    fn number(&mut self) -> Option<u64> {
        self.take().map(u64::from_le_bytes)
    }

    fn length(&mut self) -> Option<usize> {
        self.number()?.try_into().ok()
    }
}

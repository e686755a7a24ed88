//! Keys of our own in `_meta`: nobody else may write them.

use std::ops::Range;

use bytes::Bytes;
use memchr::{memchr_iter, memmem};
use toolgate_json::{Document, Value};

use crate::cut::cut;
use crate::key::RESERVED_PREFIX;
use crate::splice::splice;

/// The message without the keys of ours in any `_meta`; nothing if there are none.
///
/// An upstream that forges them could pass off its own words as the gateway's.
pub fn strip_reserved(document: &Document) -> Option<Bytes> {
    if !may_hold_reserved(document.bytes()) {
        return None;
    }
    let mut cuts = Vec::new();
    search(document.root(), &mut cuts);
    if cuts.is_empty() {
        return None;
    }
    let edits: Vec<(Range<usize>, &[u8])> = cuts.into_iter().map(|cut| (cut, &b""[..])).collect();
    Some(splice(document.bytes(), &edits))
}

/// A look at the bytes that spares most messages the search: the prefix stands there as it is,
/// with an escaped slash, or hidden by `\u`.
fn may_hold_reserved(text: &[u8]) -> bool {
    let name = RESERVED_PREFIX.trim_end_matches('/').as_bytes();
    let plain = memchr_iter(b'/', text).any(|slash| {
        let before = text[..slash].strip_suffix(b"\\").unwrap_or(&text[..slash]);
        let start = before.len().saturating_sub(name.len());
        before[start..].eq_ignore_ascii_case(name)
    });
    plain || memmem::find(text, b"\\u").is_some()
}

/// Collects cuts in document order.
fn search(value: Value<'_>, cuts: &mut Vec<Range<usize>>) {
    for item in value.items() {
        search(item, cuts);
    }
    for (key, member) in value.entries() {
        search_member(key, member, cuts);
    }
}

fn search_member(key: Value<'_>, member: Value<'_>, cuts: &mut Vec<Range<usize>>) {
    if key.is("_meta") {
        strip(member, cuts);
    } else {
        search(member, cuts);
    }
}

fn strip(meta: Value<'_>, cuts: &mut Vec<Range<usize>>) {
    let members: Vec<_> = meta
        .entries()
        .map(|(key, value)| (key.span().start..value.span().end, !is_reserved(key)))
        .collect();
    let own = cut(&members);
    let first = cuts.len();
    cuts.extend(own);
    for (key, value) in meta.entries().filter(|(key, _)| !is_reserved(*key)) {
        search_member(key, value, cuts);
    }
    for item in meta.items() {
        search(item, cuts);
    }
    cuts[first..].sort_unstable_by_key(|cut| cut.start);
}

fn is_reserved(key: Value<'_>) -> bool {
    let name = key.as_str().unwrap_or_default();
    let head = name.as_bytes().get(..RESERVED_PREFIX.len());
    head.is_some_and(|head| head.eq_ignore_ascii_case(RESERVED_PREFIX.as_bytes()))
}

//! The only ways in which bytes change between the two sides.

use std::ops::Range;

use bytes::Bytes;
use memchr::{memchr2, memmem};
use toolgate_json::Document;

/// Replaces ranges of `text`; the edits stand in order and apart from each other.
///
/// # Panics
/// If they do not, or reach beyond the text.
pub fn splice(text: &[u8], edits: &[(Range<usize>, &[u8])]) -> Bytes {
    let added: usize = edits.iter().map(|(_, new)| new.len()).sum();
    let mut out = Vec::with_capacity(text.len() + added);
    let mut at = 0;
    for (range, new) in edits {
        out.extend_from_slice(&text[at..range.start]);
        out.extend_from_slice(new);
        at = range.end;
    }
    out.extend_from_slice(&text[at..]);
    Bytes::from(out)
}

/// The message as one line for a reader of lines, its value unchanged.
///
/// CR and LF between tokens become spaces: Python's text streams split at a bare CR, so a second
/// message could hide in white space. U+0085, U+2028 and U+2029 stand in strings only and are
/// escaped: Node's `readline` and Python's `splitlines` split there.
pub fn one_line(document: &Document) -> Bytes {
    let text = document.bytes();
    let mut edits: Vec<(Range<usize>, &[u8])> = Vec::new();
    let mut at = 0;
    // Strings hold no raw CR or LF, so each of them stands between tokens.
    while let Some(found) = memchr2(b'\r', b'\n', &text[at..]) {
        edits.push((at + found..at + found + 1, b" "));
        at += found + 1;
    }
    for (separator, escape) in SEPARATORS {
        let found = memmem::find_iter(text, separator);
        edits.extend(found.map(|at| (at..at + separator.len(), *escape)));
    }
    if edits.is_empty() {
        return text.clone();
    }
    edits.sort_unstable_by_key(|(range, _)| range.start);
    splice(text, &edits)
}

const SEPARATORS: &[(&[u8], &[u8])] = &[
    ("\u{85}".as_bytes(), b"\\u0085"),
    ("\u{2028}".as_bytes(), b"\\u2028"),
    ("\u{2029}".as_bytes(), b"\\u2029"),
];

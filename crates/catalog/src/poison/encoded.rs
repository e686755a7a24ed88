//! Orders written so that a person cannot read them: base64, hexadecimal, percent and `\u`
//! escapes, and what hidden characters spell.

use super::evidence::{EVIDENCE_MAX, Evidence};
use super::hidden::{selected, untagged};
use super::text::judge_nested;
use crate::visible;

/// An order needs some length.
const RUN_MIN: usize = 24;
/// Decoded text that is decoded again.
const DEPTH_MAX: u32 = 2;

/// Every run of letters that decodes to text that is itself alarming.
pub(super) fn encoded(text: &str, depth: u32, found: &mut Vec<Evidence>) {
    if depth >= DEPTH_MAX {
        return;
    }
    let bytes = text.as_bytes();
    let mut at = 0;
    while at < bytes.len() {
        let length = bytes[at..].iter().take_while(|byte| in_run(**byte)).count();
        if length >= RUN_MIN && found.len() < EVIDENCE_MAX {
            run(text, at, length, depth, found);
        }
        at += length + 1;
    }
    unseen(text, depth, found);
}

fn in_run(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'=' | b'%' | b'\\')
}

fn run(text: &str, at: usize, length: usize, depth: u32, found: &mut Vec<Evidence>) {
    let written = &text[at..at + length];
    let decoded = [base64(written), hexadecimal(written), percent(written)];
    for plain in decoded.into_iter().flatten() {
        if is_text(&plain)
            && let Some(judged) = judge_nested(&plain, &|_| false, depth + 1)
        {
            found.push(Evidence {
                id: "encoded-order",
                weight: judged.score.min(7),
                said: format!(
                    "an order in encoded form: {}",
                    judged.evidence.first().map_or("", |one| &one.said)
                ),
                quote: Some(visible(&plain.chars().take(160).collect::<String>())),
                span: at..at + length,
            });
            return;
        }
    }
}

/// Tag characters and selectors that spell something are judged by what they spell.
fn unseen(text: &str, depth: u32, found: &mut [Evidence]) {
    if text.is_ascii() {
        return;
    }
    let tags: String = text.chars().filter_map(untagged).collect();
    let bytes: Vec<u8> = text.chars().filter_map(selected).collect();
    for spelled in [tags, String::from_utf8(bytes).unwrap_or_default()] {
        let Some(judged) = judge_nested(&spelled, &|_| false, depth + 1) else { continue };
        let hidden = found.iter_mut().find(|one| one.id == "hidden-unicode");
        if let (Some(hidden), Some(order)) = (hidden, judged.evidence.first()) {
            hidden.weight += judged.score;
            hidden.said = format!("{}, an order: {}", hidden.said, order.said);
        }
    }
}

fn is_text(plain: &str) -> bool {
    plain.len() >= 12
        && plain.contains(' ')
        && plain.chars().all(|c| !c.is_control() || matches!(c, '\n' | '\r' | '\t'))
}

/// Both alphabets of RFC 4648.
fn base64(written: &str) -> Option<String> {
    let mut bits = 0_u32;
    let mut held = 0;
    let mut out = Vec::with_capacity(written.len() * 3 / 4);
    for byte in written.trim_end_matches('=').bytes() {
        let six = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' | b'-' => 62,
            b'/' | b'_' => 63,
            _ => return None,
        };
        bits = (bits << 6 | u32::from(six)) & 0xffff;
        held += 6;
        if held >= 8 {
            held -= 8;
            let whole = u8::try_from(bits >> held & 0xff).ok()?;
            if whole < b'\t' {
                return None;
            }
            out.push(whole);
        }
    }
    String::from_utf8(out).ok()
}

fn hexadecimal(written: &str) -> Option<String> {
    let digits = written.replace("\\x", "");
    let pairs = digits.as_bytes().chunks_exact(2);
    if !pairs.remainder().is_empty() {
        return None;
    }
    let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
    String::from_utf8(pairs.map(byte).collect::<Option<_>>()?).ok()
}

fn percent(written: &str) -> Option<String> {
    if !written.contains('%') {
        return None;
    }
    let mut out = Vec::with_capacity(written.len());
    let mut rest = written.as_bytes();
    while let Some((first, more)) = rest.split_first() {
        let pair = more.get(..2).and_then(|pair| std::str::from_utf8(pair).ok());
        let escaped = pair.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        if let (b'%', Some(byte)) = (first, escaped) {
            out.push(byte);
            rest = &more[2..];
        } else {
            out.push(*first);
            rest = more;
        }
    }
    String::from_utf8(out).ok()
}

//! What stands in a text and is not seen: tag characters, zero width, turned writing direction,
//! variation selectors, private use, terminal escapes.

use std::fmt::Write;
use std::ops::Range;

use crate::visible;

use super::evidence::{EVIDENCE_MAX, Evidence};

/// A longer escape is none.
const ESCAPE_MAX: usize = 512;

/// One kind of unseen character.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    Ansi,
    Bidi,
    Control,
    PrivateUse,
    Selector,
    Tag,
    ZeroWidth,
}

/// Characters that are on both sides of a joiner in honest text: pictures, and scripts whose
/// letters join (Unicode 16.0, 9.2 and 23.2).
fn joins(letter: char) -> bool {
    is_picture(letter)
        || matches!(letter, '\u{590}'..='\u{8ff}' | '\u{900}'..='\u{dff}' | '\u{1780}'..='\u{17ff}'
            | '\u{1000}'..='\u{109f}' | '\u{1800}'..='\u{18af}')
}

fn is_picture(letter: char) -> bool {
    matches!(letter, '\u{a9}' | '\u{ae}' | '\u{203c}' | '\u{2049}' | '\u{2100}'..='\u{2bff}'
        | '\u{3030}' | '\u{303d}' | '\u{3297}' | '\u{3299}' | '\u{1f000}'..='\u{1faff}'
        | '\u{fe0f}')
}

/// Every run of hidden characters that honest text has no use for.
pub(super) fn hidden(text: &str) -> Vec<Evidence> {
    let runs = runs(text).into_iter().filter_map(|(kind, span)| evidence(text, kind, span));
    runs.take(EVIDENCE_MAX).collect()
}

/// Where they stand, all of them; a terminal escape with all that belongs to it (ECMA-48).
pub(super) fn spans(text: &str) -> Vec<Range<usize>> {
    let runs = runs(text).into_iter();
    let told = runs.filter(|(kind, span)| evidence(text, *kind, span.clone()).is_some());
    let whole = |(kind, span): (Kind, Range<usize>)| match kind {
        Kind::Ansi => span.start..escape_end(text, span.end),
        _ => span,
    };
    told.map(whole).collect()
}

/// A control sequence ends with a letter, an operating system command with BEL or ST.
fn escape_end(text: &str, from: usize) -> usize {
    let rest = &text.as_bytes()[from..];
    let count = |ends: fn(&u8) -> bool| rest.iter().skip(1).take(ESCAPE_MAX).position(ends);
    let is_sequence = text[..from].ends_with('\u{9b}');
    let length = match rest.first() {
        Some(0x40..=0x7e) if is_sequence => 1,
        Some(_) if is_sequence => count(|byte| matches!(byte, 0x40..=0x7e)).map_or(0, |at| at + 2),
        Some(b'[') => count(|byte| matches!(byte, 0x40..=0x7e)).map_or(1, |at| at + 2),
        Some(b']' | b'P' | b'_' | b'^') => {
            count(|byte| matches!(byte, 0x07 | 0x1b)).map_or(1, |at| at + 2)
        }
        Some(byte) if byte.is_ascii_graphic() => 1,
        _ => 0,
    };
    text.floor_char_boundary(from + length)
}

fn runs(text: &str) -> Vec<(Kind, Range<usize>)> {
    let mut found: Vec<(Kind, Range<usize>)> = Vec::new();
    let mut before = None;
    let mut rest = text.char_indices().peekable();
    while let Some((at, letter)) = rest.next() {
        let after = rest.peek().map(|(_, letter)| *letter);
        if let Some(kind) = kind(letter, before, after, at) {
            let end = at + letter.len_utf8();
            match found.last_mut() {
                Some((last, span)) if *last == kind && span.end == at => span.end = end,
                _ => found.push((kind, at..end)),
            }
        }
        before = Some(letter);
    }
    found
}

/// Whether a text may hold anything of the kind: most texts are ASCII without controls.
pub(super) fn is_plain(text: &str) -> bool {
    text.bytes().all(|byte| matches!(byte, b'\t' | b'\n' | b'\r' | 0x20..=0x7e))
}

fn kind(letter: char, before: Option<char>, after: Option<char>, at: usize) -> Option<Kind> {
    let joined = before.is_some_and(joins) || after.is_some_and(joins);
    match letter {
        '\u{1b}' | '\u{9b}' => Some(Kind::Ansi),
        '\u{8}' | '\u{7f}' | '\u{0}'..='\u{6}' => Some(Kind::Control),
        '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}' => Some(Kind::Bidi),
        // A flag of England is a black flag and tags.
        '\u{e0000}'..='\u{e007f}' => Some(Kind::Tag),
        '\u{fe00}'..='\u{fe0d}' | '\u{e0100}'..='\u{e01ef}' => Some(Kind::Selector),
        '\u{fe0e}' | '\u{fe0f}' if before.is_none_or(|one| !takes_selector(one)) => {
            Some(Kind::Selector)
        }
        '\u{feff}' if at == 0 => None,
        '\u{200c}' | '\u{200d}' if joined => None,
        '\u{200e}' | '\u{200f}' if is_rtl(before) || is_rtl(after) => None,
        '\u{34f}'
        | '\u{180e}'
        | '\u{200b}'..='\u{200f}'
        | '\u{2060}'..='\u{2065}'
        | '\u{206a}'..='\u{206f}'
        | '\u{feff}'
        | '\u{115f}'
        | '\u{1160}'
        | '\u{3164}'
        | '\u{ffa0}'
        | '\u{fff9}'..='\u{fffb}'
        | '\u{1d173}'..='\u{1d17a}' => Some(Kind::ZeroWidth),
        '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10fffd}' => Some(Kind::PrivateUse),
        _ => None,
    }
}

fn takes_selector(letter: char) -> bool {
    is_picture(letter) || letter.is_ascii_digit() || matches!(letter, '#' | '*')
}

fn is_rtl(letter: Option<char>) -> bool {
    matches!(
        letter,
        Some('\u{590}'..='\u{8ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}')
    )
}

fn evidence(text: &str, kind: Kind, span: Range<usize>) -> Option<Evidence> {
    let run = &text[span.clone()];
    let count = run.chars().count();
    let (id, weight, said) = match kind {
        Kind::Ansi => {
            ("ansi-escape", 5, "a terminal escape that can hide or paint over text".into())
        }
        Kind::Bidi => {
            ("bidi-unicode", 5, format!("{count} characters that turn the direction of writing"))
        }
        Kind::Control => ("control-character", 4, format!("{count} control characters")),
        Kind::PrivateUse if count < 3 => return None,
        Kind::PrivateUse => ("hidden-unicode", 4, format!("{count} characters of private use")),
        Kind::Selector => ("hidden-unicode", 5, selectors(run)?),
        Kind::Tag => ("hidden-unicode", 7, tags(text, &span)?),
        Kind::ZeroWidth => ("hidden-unicode", 4, format!("{count} characters without width")),
    };
    Some(Evidence { id, weight, said, quote: Some(visible(run)), span })
}

/// Tag characters spell ASCII (U+E0020 is a space); after a black flag they are a region's flag.
fn tags(text: &str, span: &Range<usize>) -> Option<String> {
    let run = &text[span.clone()];
    let is_flag = text[..span.start].ends_with('\u{1f3f4}') && run.ends_with('\u{e007f}');
    if is_flag && run.chars().count() <= 8 {
        return None;
    }
    let spelled: String = run.chars().filter_map(untagged).collect();
    Some(format!("tag characters that spell `{}`", visible(&spelled)))
}

pub(super) fn untagged(letter: char) -> Option<char> {
    let code = u32::from(letter).checked_sub(0xe_0000)?;
    char::from_u32(code).filter(|plain| matches!(plain, ' '..='~'))
}

/// Selectors can carry bytes: 16 of them from U+FE00, 240 from U+E0100. One alone picks a form
/// of a letter.
fn selectors(run: &str) -> Option<String> {
    let bytes: Vec<u8> = run.chars().filter_map(selected).collect();
    if bytes.len() < 2 && !run.starts_with(['\u{fe0e}', '\u{fe0f}']) {
        return None;
    }
    let mut said = format!("{} variation selectors", bytes.len());
    if let Ok(text) = std::str::from_utf8(&bytes)
        && bytes.len() > 2
        && bytes.iter().all(|byte| (0x20..0x7f).contains(byte))
    {
        let _ = write!(said, " that spell `{text}`");
    }
    Some(said)
}

pub(super) fn selected(letter: char) -> Option<u8> {
    let code = u32::from(letter);
    match code {
        0xfe00..=0xfe0f => u8::try_from(code - 0xfe00).ok(),
        0xe_0100..=0xe_01ef => u8::try_from(code - 0xe_0100 + 16).ok(),
        _ => None,
    }
}

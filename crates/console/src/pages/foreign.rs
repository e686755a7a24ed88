//! Other people's words, so that what cannot be seen is seen, and what looks like something else
//! is told.
//!
//! A mark is markup of ours around the name of a character: no text can imitate one.

use toolgate_catalog::{is_hidden, skeleton};

/// A stretch of text, or one character that would not be seen as what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Piece {
    /// The character's name, in place of itself: `U+202E`.
    pub(super) mark: bool,
    pub(super) text: String,
    /// A line ends behind it.
    pub(super) breaks: bool,
}

/// Text in pieces.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Foreign(pub(super) Vec<Piece>);

impl Foreign {
    pub(super) fn of(text: &str) -> Self {
        Self::but(text, |_| false)
    }

    /// Several lines, where it is plain that they are lines.
    pub(super) fn lines(text: &str) -> Self {
        Self::but(text, |c| c == '\n')
    }

    fn but(text: &str, is_plain: fn(char) -> bool) -> Self {
        let mut pieces: Vec<Piece> = Vec::new();
        for c in text.chars() {
            let breaks = c == '\n';
            if let Some(name) = mark(c).filter(|_| !is_plain(c)) {
                pieces.push(Piece { mark: true, text: name, breaks });
                continue;
            }
            match pieces.last_mut().filter(|last| !last.mark) {
                Some(last) => last.text.push(c),
                None => pieces.push(Piece { mark: false, text: c.to_string(), breaks: false }),
            }
        }
        Self(pieces)
    }
}

/// What stands in place of a character that is not seen, or seen as a plain space.
fn mark(c: char) -> Option<String> {
    let space = c != ' ' && c.is_whitespace();
    let private = matches!(c, '\u{e000}'..='\u{f8ff}' | '\u{f0000}'..='\u{10ffff}');
    match c {
        '\n' => Some("\u{21b5}".to_owned()),
        '\t' => Some("TAB".to_owned()),
        _ if is_hidden(c) || space || private => Some(format!("U+{:04X}", u32::from(c))),
        _ => None,
    }
}

/// Words with letters that look like Latin ones and are not, as a name among names would have:
/// mixed with Latin letters, or nothing else in the word. Each such letter is named.
pub(super) fn look_alikes(text: &str) -> Vec<String> {
    let words = text.split(|c: char| !c.is_alphanumeric()).filter(|word| !word.is_ascii());
    let alike = |c: char| !c.is_ascii() && c.is_alphabetic() && is_latin(&skeleton_of(c));
    let suspicious = |word: &&str| {
        let any = word.chars().any(alike);
        let latin = word.chars().any(|c| c.is_ascii_alphabetic());
        any && (latin || word.chars().all(|c| alike(c) || c.is_ascii()))
    };
    let mut found: Vec<String> = Vec::new();
    for word in words.filter(suspicious) {
        let named =
            |c: char| if alike(c) { format!("{c} (U+{:04X})", u32::from(c)) } else { c.into() };
        let word: String = word.chars().map(named).collect();
        if found.len() < LOOK_ALIKES_MAX && !found.contains(&word) {
            found.push(word);
        }
    }
    found
}

const LOOK_ALIKES_MAX: usize = 5;

fn skeleton_of(c: char) -> String {
    skeleton(c.encode_utf8(&mut [0; 4]))
}

fn is_latin(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shown(text: &str) -> String {
        let pieces = Foreign::of(text).0;
        pieces
            .iter()
            .map(|p| if p.mark { format!("[{}]", p.text) } else { p.text.clone() })
            .collect()
    }

    #[test]
    fn what_cannot_be_seen_is_named() {
        assert_eq!(shown("a\u{202e}b"), "a[U+202E]b");
        assert_eq!(shown("\u{1b}[31mred"), "[U+001B][31mred");
        assert_eq!(
            shown("x\u{200b}\u{e0041}\u{feff}y\u{0}"),
            "x[U+200B][U+E0041][U+FEFF]y[U+0000]"
        );
        assert_eq!(shown("a\u{a0}b\u{3000}c d"), "a[U+00A0]b[U+3000]c d");
        assert_eq!(shown("one\r\ntwo\t"), "one[U+000D][\u{21b5}]two[TAB]");
        assert_eq!(shown("é 漢字 🙂"), "é 漢字 🙂");
    }

    /// Whatever a text says, it cannot look like a mark to the template.
    #[test]
    fn no_control_or_format_character_gets_through() {
        for c in (0..=0x0010_ffff_u32).filter_map(char::from_u32).filter(|c| is_hidden(*c)) {
            let pieces = Foreign::of(&c.to_string()).0;
            assert!(pieces[0].mark && !pieces[0].text.contains(c), "{:x}", u32::from(c));
        }
    }

    #[test]
    fn letters_that_look_like_others_are_told() {
        assert_eq!(look_alikes("pay to p\u{430}ypal"), ["p\u{430} (U+0430)ypal"]);
        assert_eq!(look_alikes("\u{441}\u{43e}"), ["\u{441} (U+0441)\u{43e} (U+043E)"]);
        for honest in ["paypal", "café señor", "Привет, мир", "漢字", "naïve"] {
            assert!(look_alikes(honest).is_empty(), "{honest}");
        }
    }
}

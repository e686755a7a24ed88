//! What a tool's definition costs: the tokens that it takes of every conversation.
//!
//! An estimate by a rule that fits in a sentence, so that anybody can check it: a word, a group of
//! three digits, a run of punctuation, a run of white space and a character beyond ASCII are one
//! token each. How far it is off is measured in `docs/catalog.md`.

use toolgate_json::{canonical, quote};

use crate::Tool;

/// The context that shares are told of.
pub const CONTEXT_TOKENS: u32 = 200_000;

/// Longer words are few and cost more: one token more for each further quarter of this.
const WORD_LETTERS: usize = 12;
/// As for words: rows of dashes, encoded data.
const RUN_SIGNS: usize = 8;

/// What hosts hand to the model of a tool: name, description and input schema, as compact JSON.
pub fn tokens(tool: &Tool<'_>) -> u32 {
    let mut text = br#"{"name":"#.to_vec();
    quote(&tool.name, &mut text);
    text.extend_from_slice(br#","description":"#);
    quote(&tool.description, &mut text);
    if let Some(schema) = tool.value.get("inputSchema") {
        text.extend_from_slice(br#","inputSchema":"#);
        canonical(schema, &mut text);
    }
    text.push(b'}');
    count(&String::from_utf8_lossy(&text))
}

/// The share of the context, in tenths of a percent.
pub fn share_permille(tokens: u32) -> u32 {
    u32::try_from(u64::from(tokens) * 1000 / u64::from(CONTEXT_TOKENS)).unwrap_or(u32::MAX)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Class {
    Digit,
    Lower,
    Sign,
    Space,
    Upper,
    Wide,
}

fn class(c: char) -> Class {
    match c {
        'a'..='z' => Class::Lower,
        'A'..='Z' => Class::Upper,
        '0'..='9' => Class::Digit,
        c if !c.is_ascii() => Class::Wide,
        c if c.is_ascii_whitespace() => Class::Space,
        _ => Class::Sign,
    }
}

fn count(text: &str) -> u32 {
    let mut tokens = 0;
    let mut rest = text;
    while let Some(first) = rest.chars().next() {
        let (length, cost) = piece(rest, class(first));
        tokens += cost;
        rest = &rest[length.max(first.len_utf8())..];
    }
    u32::try_from(tokens).unwrap_or(u32::MAX)
}

/// How long the piece is that `text` begins with, in bytes, and what it costs.
fn piece(text: &str, first: Class) -> (usize, usize) {
    let run = |from: usize, wanted: Class| {
        text[from..].bytes().take_while(|byte| class(char::from(*byte)) == wanted).count()
    };
    match first {
        Class::Digit => {
            let length = run(0, Class::Digit);
            (length, length.div_ceil(3))
        }
        Class::Lower => word(run(0, Class::Lower)),
        Class::Sign => {
            let length = run(0, Class::Sign);
            (length, 1 + length.saturating_sub(RUN_SIGNS).div_ceil(RUN_SIGNS / 2))
        }
        // One space belongs to the word behind it.
        Class::Space => match run(0, Class::Space) {
            1 if text.as_bytes().get(1).is_some_and(u8::is_ascii_alphabetic) => (1, 0),
            length => (length, 1),
        },
        Class::Upper => match run(0, Class::Upper) {
            1 => word(1 + run(1, Class::Lower)),
            length => word(length),
        },
        Class::Wide => (0, 1),
    }
}

fn word(letters: usize) -> (usize, usize) {
    (letters, 1 + letters.saturating_sub(WORD_LETTERS).div_ceil(WORD_LETTERS / 4))
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn words_digits_signs_and_spaces_are_one_token_each() {
        assert_eq!(count(""), 0);
        assert_eq!(count("read the file"), 3);
        assert_eq!(count("readTheFile"), 3);
        assert_eq!(count("HTTP request"), 2);
        assert_eq!(count("2026"), 2);
        assert_eq!(count(r#"{"type":"string"}"#), 5);
        assert_eq!(count("a\n\n  b"), 3);
        assert_eq!(count("日本"), 2);
    }

    #[test]
    fn what_is_no_word_costs_by_its_length() {
        assert!(count(&"x".repeat(3000)) >= 990);
        assert!(count(&"-".repeat(400)) >= 95);
    }

    proptest! {
        #[test]
        fn any_text_has_a_count_and_more_text_no_smaller_one(a in ".*", b in ".*") {
            let both = count(&format!("{a} {b}"));
            prop_assert!(both + 1 >= count(&a));
            prop_assert!(u64::from(both) <= (a.len() + b.len() + 1) as u64);
        }
    }
}

//! Text as a hurried reader takes it: hidden characters gone, compatible forms and look-alike
//! letters folded to Latin, with the way back to the bytes that came.

use std::borrow::Cow;

use unicode_normalization::UnicodeNormalization;

use crate::is_hidden;

/// Folded text. Case is kept: words in capitals say something.
pub(super) struct Folded<'a> {
    pub(super) text: Cow<'a, str>,
    /// Where each byte of `text` came from; none if nothing was folded.
    origin: Vec<u32>,
    source: &'a str,
}

impl<'a> Folded<'a> {
    pub(super) fn of(source: &'a str) -> Self {
        if source.is_ascii() {
            return Self { text: Cow::Borrowed(source), origin: Vec::new(), source };
        }
        let mut text = String::with_capacity(source.len());
        let mut origin = Vec::with_capacity(source.len() + 1);
        for (at, letter) in source.char_indices() {
            // What cannot be read parts words for us, not for a model.
            if letter == '\u{fffd}' || is_hidden(letter) && !letter.is_control() {
                continue;
            }
            if letter.is_ascii() {
                text.push(letter);
            } else {
                text.extend(std::iter::once(letter).nfkc().map(latin));
            }
            origin.resize(text.len(), place(at));
        }
        Self { text: Cow::Owned(text), origin, source }
    }

    /// The bytes of the source from which these bytes of the folded text came.
    pub(super) fn source_span(&self, start: usize, end: usize) -> (usize, usize) {
        if self.origin.is_empty() {
            return (start, end);
        }
        let at = |index: usize| self.origin.get(index).map_or(self.source.len(), |at| *at as usize);
        let last = at(end.saturating_sub(1));
        let width = self.source[last..].chars().next().map_or(0, char::len_utf8);
        (at(start), last + width)
    }
}

/// A text that long is cut before it comes here.
fn place(at: usize) -> u32 {
    u32::try_from(at).unwrap_or(u32::MAX)
}

/// The letters of other scripts that are drawn like Latin ones (UTS #39, the common part).
fn latin(letter: char) -> char {
    match letter {
        'а' | 'α' | 'ɑ' => 'a',
        'А' | 'Α' => 'A',
        'В' | 'Β' => 'B',
        'с' | 'ϲ' => 'c',
        'С' => 'C',
        'ԁ' => 'd',
        'е' | 'ҽ' => 'e',
        'Е' | 'Ε' => 'E',
        'ɡ' => 'g',
        'һ' => 'h',
        'Н' | 'Η' => 'H',
        'і' | 'ı' | 'ι' => 'i',
        'І' | 'Ι' => 'I',
        'ј' => 'j',
        'К' | 'Κ' => 'K',
        'ⅼ' => 'l',
        'М' | 'Μ' => 'M',
        'Ν' => 'N',
        'о' | 'ο' => 'o',
        'О' | 'Ο' => 'O',
        'р' | 'ρ' => 'p',
        'Р' | 'Ρ' => 'P',
        'ѕ' => 's',
        'Ѕ' => 'S',
        'Т' | 'Τ' => 'T',
        'υ' => 'u',
        'ν' | 'ѵ' => 'v',
        'ѡ' => 'w',
        'х' | 'χ' => 'x',
        'Х' | 'Χ' => 'X',
        'у' | 'γ' => 'y',
        'Υ' => 'Y',
        'Ζ' => 'Z',
        '\u{2018}' | '\u{2019}' | '\u{201b}' | '\u{2bc}' => '\'',
        '\u{201c}' | '\u{201d}' => '"',
        _ => letter,
    }
}

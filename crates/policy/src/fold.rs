//! Keys that two readers could take for one: equal after case folding or NFKC.

use std::borrow::Cow;

use toolgate_json::Value;
use unicode_normalization::UnicodeNormalization;

/// A key that a path names, or that a tool declares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Key {
    text: String,
    folded: String,
    /// The first byte of `folded`, if all of `text` is ASCII.
    first: Option<u8>,
}

/// How a key of the arguments relates to a [`Key`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Likeness {
    Other,
    Same,
    /// Not the same, but some reader would take it for the same.
    Twin,
}

impl Key {
    pub(crate) fn new(text: &str) -> Self {
        let folded = folded(text).into_owned();
        let first = folded.bytes().next().filter(|_| text.is_ascii());
        Self { text: text.to_owned(), folded, first }
    }

    pub(crate) fn text(&self) -> &str {
        &self.text
    }

    /// Whether some reader takes the one for the other.
    pub(crate) fn is_like(&self, other: &Self) -> bool {
        self.folded == other.folded
    }

    /// Compares with a key of a JSON object. Allocates for escaped or non-ASCII keys alone.
    pub(crate) fn compare(&self, key: Value<'_>) -> Likeness {
        let raw = key.raw();
        let inner = raw.get(1..raw.len() - 1).unwrap_or_default();
        if let (Some(own), Some(first)) = (self.first, inner.first())
            && first.is_ascii_alphanumeric()
            && first.to_ascii_lowercase() != own
        {
            // A plain letter folds to itself, or to no ASCII at all, whatever follows.
            return Likeness::Other;
        }
        if inner.iter().any(|b| !b.is_ascii() || *b == b'\\') {
            return self.compare_text(&key.as_str().unwrap_or_default());
        }
        if inner == self.text.as_bytes() {
            Likeness::Same
        } else if inner.eq_ignore_ascii_case(self.folded.as_bytes()) {
            Likeness::Twin
        } else {
            Likeness::Other
        }
    }

    fn compare_text(&self, key: &str) -> Likeness {
        if key == self.text {
            Likeness::Same
        } else if folded(key) == self.folded {
            Likeness::Twin
        } else {
            Likeness::Other
        }
    }
}

/// One spelling for all keys that some reader could take for one another: NFKC, case folded,
/// without characters that no eye sees.
pub(crate) fn folded(text: &str) -> Cow<'_, str> {
    if text.bytes().all(|b| b.is_ascii() && !b.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    if text.is_ascii() {
        return Cow::Owned(text.to_ascii_lowercase());
    }
    // Up and down again: `ß` meets `SS`, and `ſ` meets `s`.
    Cow::Owned(composed(&composed(text).to_uppercase().to_lowercase()))
}

/// NFKC, without characters that no eye sees.
pub(crate) fn composed(text: &str) -> String {
    text.chars().filter(|c| !is_ignorable(*c)).nfkc().filter(|c| !is_ignorable(*c)).collect()
}

/// Characters that most fonts show as nothing (Unicode `Default_Ignorable_Code_Point`, the
/// ones in use).
pub(crate) fn is_ignorable(c: char) -> bool {
    matches!(c,
        '\u{ad}' | '\u{34f}' | '\u{61c}' | '\u{115f}'..='\u{1160}' | '\u{17b4}'..='\u{17b5}'
        | '\u{180b}'..='\u{180f}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{3164}' | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
        | '\u{ffa0}' | '\u{fff0}'..='\u{fff8}' | '\u{1d173}'..='\u{1d17a}'
        | '\u{e0000}'..='\u{e0fff}')
}

#[cfg(test)]
mod tests;

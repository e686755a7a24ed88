//! Foreign text in messages: shortened, on one line, with nothing that no eye sees.

use std::fmt;

use crate::fold::is_ignorable;

const CHARS_MAX: usize = 60;

/// The start of `text`, if it is long; control and invisible characters escaped.
pub(crate) fn short(text: &(impl fmt::Display + ?Sized)) -> String {
    cut(text, CHARS_MAX)
}

/// At most `chars_max` characters of `text`.
pub(crate) fn cut(text: &(impl fmt::Display + ?Sized), chars_max: usize) -> String {
    let text = text.to_string();
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == chars_max {
            out.push('…');
            break;
        }
        if c.is_control() || is_ignorable(c) {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

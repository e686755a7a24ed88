//! Foreign text in messages: shortened, on one line.

use std::fmt;

const CHARS_MAX: usize = 60;

/// At most 60 characters of `text`, control characters escaped.
pub(crate) fn short(text: &(impl fmt::Display + ?Sized)) -> String {
    let text = text.to_string();
    let mut out = String::new();
    for (i, c) in text.chars().enumerate() {
        if i == CHARS_MAX {
            out.push('…');
            break;
        }
        if c.is_control() {
            out.extend(c.escape_default());
        } else {
            out.push(c);
        }
    }
    out
}

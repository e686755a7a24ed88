//! Text in columns of a terminal.

use std::os::fd::AsFd;

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// How wide a terminal is; nothing if it is none.
pub(crate) fn width(of: &impl AsFd) -> Option<usize> {
    let size = rustix::termios::tcgetwinsize(of).ok()?;
    // Some say nothing of their size.
    Some(if size.ws_col == 0 { 80 } else { usize::from(size.ws_col) })
}

pub(super) fn columns(text: &str) -> usize {
    text.width()
}

/// As much of a text as fits, with a mark where something is missing.
pub(super) fn cut(text: &str, width: usize) -> String {
    if columns(text) <= width {
        return text.to_owned();
    }
    let mut room = width.saturating_sub(1);
    let mut cut = String::new();
    for c in text.chars() {
        let wide = c.width().unwrap_or(0);
        if wide > room {
            break;
        }
        room -= wide;
        cut.push(c);
    }
    if width > 0 {
        cut.push('…');
    }
    cut
}

/// A text with spaces behind it up to a width.
pub(super) fn pad(text: &str, width: usize) -> String {
    format!("{text}{}", " ".repeat(width.saturating_sub(columns(text))))
}

/// Lines of a width, broken between words where that can be.
pub(super) fn wrap(text: &str, width: usize) -> Vec<String> {
    let mut lines = vec![String::new()];
    for word in text.split_whitespace() {
        let mut word = word;
        loop {
            let line = lines.last_mut().map_or(0, |line| columns(line));
            let gap = usize::from(line > 0);
            if line + gap + columns(word) <= width || (line == 0 && width == 0) {
                push(&mut lines, word, gap > 0);
                break;
            }
            if line > 0 {
                lines.push(String::new());
                continue;
            }
            let (head, tail) = split(word, width);
            push(&mut lines, head, false);
            lines.push(String::new());
            word = tail;
        }
    }
    lines
}

fn push(lines: &mut [String], word: &str, gap: bool) {
    if let Some(line) = lines.last_mut() {
        if gap {
            line.push(' ');
        }
        line.push_str(word);
    }
}

/// A word that is longer than a line; at least one character goes into it.
fn split(word: &str, width: usize) -> (&str, &str) {
    let mut used = 0;
    for (at, c) in word.char_indices() {
        used += c.width().unwrap_or(0);
        if used > width && at > 0 {
            return word.split_at(at);
        }
    }
    (word, "")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_as_wide_as_they_may_be() {
        assert_eq!(wrap("one two three", 7), ["one two", "three"]);
        assert_eq!(wrap("one two three", 80), ["one two three"]);
        assert_eq!(wrap("abcdefgh ij", 3), ["abc", "def", "gh", "ij"]);
        assert_eq!(wrap("漢字漢字", 4), ["漢字", "漢字"]);
        assert_eq!(wrap("", 9), [""]);
        assert_eq!(wrap("ab", 0), ["ab"]);
    }

    #[test]
    fn what_is_cut_says_so() {
        assert_eq!(cut("abcdef", 6), "abcdef");
        assert_eq!(cut("abcdef", 4), "abc…");
        assert_eq!(cut("漢字漢字", 5), "漢字…");
        assert_eq!(cut("abc", 0), "");
        assert_eq!(pad("漢", 4), "漢  ");
    }
}

//! Other people's words, fit to be shown.

use crate::visible::visible;

/// Longer descriptions are cut: they are meant for models.
const CHARS_MAX: usize = 6000;

/// One line: every character can be seen.
pub(super) fn line(text: &str) -> String {
    visible(text)
}

/// Several lines.
pub(super) fn lines(text: &str) -> String {
    let text = text.trim().replace("\r\n", "\n").replace('\t', "    ");
    let cut: String = text.chars().take(CHARS_MAX).collect();
    let mut shown = cut.split('\n').map(visible).collect::<Vec<_>>().join("\n");
    if cut.len() < text.len() {
        shown.push('…');
    }
    shown
}

/// Only the start of it, in one line.
pub(super) fn start(text: &str, chars_max: usize) -> String {
    let text = text.split_whitespace().collect::<Vec<_>>().join(" ");
    let cut: String = text.chars().take(chars_max).collect();
    let more = if cut.len() < text.len() { "…" } else { "" };
    format!("{}{more}", visible(&cut))
}

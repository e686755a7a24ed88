//! Arguments for people: exact, and nothing in them that could hide another part.

use std::fmt::Write as _;

use toolgate_store::Approval;
use unicode_width::UnicodeWidthChar;

use crate::json::indented;
use crate::output::visible;

/// Longer runs of blanks push what follows out of sight: they are told by their length.
const BLANKS_MAX: usize = 16;

/// The lines of all arguments that there are to show.
pub(crate) fn arguments(approval: &Approval) -> Vec<String> {
    let Some(text) = &approval.arguments else {
        return vec!["(no longer kept)".to_owned()];
    };
    if text.is_empty() {
        return vec!["(none)".to_owned()];
    }
    let mut lines: Vec<String> = indented(text).lines().map(exact).collect();
    if approval.is_cut() {
        let (shown, all) = (text.len(), approval.arguments_bytes);
        lines.push(format!("… CUT: {shown} of {all} bytes are shown; nobody can read the rest"));
    }
    lines
}

/// Indentation is ours; whatever comes behind it is not.
fn exact(line: &str) -> String {
    let inner = line.trim_start_matches(' ');
    let indent = line.len() - inner.len();
    line[..indent].to_owned() + &without_gaps(&visible(inner))
}

/// Blanks of every width: what is wide and empty hides as well as what is many.
fn without_gaps(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(start) = rest.find(char::is_whitespace) {
        out.push_str(&rest[..start]);
        let behind = rest[start..].trim_start();
        let gap = &rest[start..rest.len() - behind.len()];
        let count = gap.chars().count();
        if count > BLANKS_MAX {
            // A string takes everything.
            let _ = write!(out, "⟨{count} blanks⟩");
        } else {
            out.push_str(gap);
        }
        rest = behind;
    }
    out + rest
}

/// One line of a list.
pub(crate) fn brief(approval: &Approval, chars_max: usize) -> String {
    let text = approval.arguments.as_deref().unwrap_or_default();
    let line = without_gaps(&visible(text));
    if line.chars().count() <= chars_max {
        return line;
    }
    let size = format!("… ({} bytes)", approval.arguments_bytes);
    let kept = chars_max.saturating_sub(size.chars().count());
    line.chars().take(kept).collect::<String>() + &size
}

/// Lines no wider than `width`; what goes on is marked.
pub(crate) fn folded(lines: &[String], width: usize) -> Vec<String> {
    const MARK: &str = "  ↳ ";
    let width = width.max(MARK.len() + 8);
    let mut out = Vec::new();
    for line in lines {
        let (mut part, mut used) = (String::new(), 0);
        for c in line.chars() {
            let wide = c.width().unwrap_or(0);
            if used + wide > width {
                out.push(std::mem::replace(&mut part, MARK.to_owned()));
                used = MARK.chars().count();
            }
            part.push(c);
            used += wide;
        }
        out.push(part);
    }
    out
}

/// How long something stands still: `40 s`, `12 min`, `3 h`.
pub(crate) fn left(ms: u64) -> String {
    match ms.div_ceil(1000) {
        s @ 0..120 => format!("{s} s"),
        s @ 120..7_200 => format!("{} min", s / 60),
        s => format!("{} h", s / 3_600),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_line_is_out_of_sight() {
        let gap = " ".repeat(5000);
        let line = exact(&format!("    \"cmd\": \"ls{gap}; rm -rf\u{202e}\u{1b}[2J\u{2003}\""));
        assert_eq!(line, "    \"cmd\": \"ls⟨5000 blanks⟩; rm -rf\\u{202e}\\u{1b}[2J\u{2003}\"");
        assert_eq!(exact("a \u{3000}b"), "a \u{3000}b");
        assert_eq!(without_gaps(&"\u{3000}".repeat(17)), "⟨17 blanks⟩");
    }

    #[test]
    fn folding_loses_nothing_and_is_never_too_wide() {
        let line = "語".repeat(30) + &"x".repeat(100) + "END";
        let lines = folded(&[line.clone(), String::new()], 40);
        let joined: String = lines.iter().map(|part| part.trim_start_matches("  ↳ ")).collect();
        assert_eq!(joined, line);
        let width = |line: &str| line.chars().map(|c| c.width().unwrap_or(0)).sum::<usize>();
        assert!(lines.iter().all(|line| width(line) <= 40), "{lines:?}");
        assert_eq!(lines.last().map(String::as_str), Some(""));
    }

    #[test]
    fn times_that_are_left_are_short() {
        assert_eq!([left(0), left(1), left(119_000)], ["0 s", "1 s", "119 s"]);
        assert_eq!([left(120_000), left(7_200_000)], ["2 min", "2 h"]);
    }
}

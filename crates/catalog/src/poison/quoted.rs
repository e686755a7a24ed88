//! Words that a text only shows: an example in quotes, or what one shall never do.

use super::evidence::Evidence;

/// How far before a quote the words that introduce it are looked for.
const LEAD_BYTES: usize = 90;

/// Whether evidence rests on words that are shown, not said.
pub(super) fn is_shown(text: &str, one: &Evidence) -> bool {
    is_example(text, one) || is_forbidden(text, one)
}

/// `such as 'ignore previous instructions'`: within quotes, and introduced as an example of what is
/// looked for.
fn is_example(text: &str, one: &Evidence) -> bool {
    let before = text.get(..one.span.end).unwrap_or_default().trim_end_matches(['\'', '"', '`']);
    let after = text.get(before.len()..).unwrap_or_default();
    let lead = &before[before.ceil_char_boundary(before.len().saturating_sub(LEAD_BYTES))..];
    let Some(open) = lead.rfind(['\'', '"', '`']) else { return false };
    let mark = lead[open..].chars().next().unwrap_or('"');
    let near = &after[..after.floor_char_boundary(LEAD_BYTES)];
    let line = near.split(['\n', '.']).next().unwrap_or_default();
    // A mark between letters is an apostrophe.
    let opens = !lead[..open].ends_with(char::is_alphanumeric);
    let introduced = ["detect", "injection", "jailbreak", "like ", "such as", "phrases", "e.g."];
    let small = lead[..open].to_ascii_lowercase();
    opens && line.contains(mark) && introduced.iter().any(|word| small.contains(word))
}

/// `Never run rm -rf`.
fn is_forbidden(text: &str, one: &Evidence) -> bool {
    if !matches!(one.id, "command-order" | "exfiltration-order" | "secrets-file") {
        return false;
    }
    let before = text.get(..one.span.start).unwrap_or_default();
    let tail = &before[before.ceil_char_boundary(before.len().saturating_sub(24))..];
    let mut words =
        tail.rsplit(|c: char| !c.is_alphanumeric() && c != '\'').filter(|w| !w.is_empty());
    let last = words.next().unwrap_or_default().to_ascii_lowercase();
    matches!(&*last, "never" | "don't" | "cannot")
        || last == "not"
            && words.next().is_some_and(|word| {
                ["do", "must", "should", "may"].iter().any(|one| word.eq_ignore_ascii_case(one))
            })
}

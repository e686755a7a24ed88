//! A text without what speaks against it.

use std::ops::Range;

use super::evidence::Evidence;
use super::hidden;

/// A sentence is looked for that far around what was found.
const SENTENCE_BYTES: usize = 400;

/// Hidden characters go without a trace, sentences with findings leave a mark.
pub(super) fn clean(text: &str, evidence: &[Evidence]) -> String {
    let hidden = hidden::spans(text);
    let is_hidden =
        |one: &&Evidence| hidden.binary_search_by_key(&one.span.start, |span| span.start).is_ok();
    let mut cuts: Vec<(Range<usize>, &str)> = Vec::new();
    for one in evidence.iter().filter(|one| !is_hidden(one)) {
        let span = sentence(text, &one.span);
        match cuts.iter_mut().find(|(known, _)| known.start < span.end && span.start < known.end) {
            Some((known, _)) => {
                *known = known.start.min(span.start)..known.end.max(span.end);
            }
            None => cuts.push((span, one.id)),
        }
    }
    cuts.extend(hidden.into_iter().map(|span| (span, "")));
    cuts.sort_by_key(|(span, _)| (span.start, span.end));
    let mut out = String::with_capacity(text.len());
    let mut at = 0;
    for (span, id) in cuts {
        out.push_str(text.get(at..span.start).unwrap_or_default());
        if !id.is_empty() && span.end > at {
            out.push_str("[removed: ");
            out.push_str(id);
            out.push(']');
        }
        at = at.max(span.end);
    }
    out.push_str(&text[at..]);
    out
}

/// What stands for a text of which nothing can be kept.
pub(super) fn nothing(evidence: &[Evidence]) -> String {
    format!("[removed: {}]", evidence.first().map_or("", |one| one.id))
}

/// From the end of the sentence before to the end of its own, which stays.
fn sentence(text: &str, span: &Range<usize>) -> Range<usize> {
    let before =
        &text[text.ceil_char_boundary(span.start.saturating_sub(SENTENCE_BYTES))..span.start];
    let start = before
        .char_indices()
        .rev()
        .find(|(at, letter)| *letter == '\n' || ends(before, *at, *letter, &text[span.start..]))
        .map_or(before.len(), |(at, letter)| before.len() - at - letter.len_utf8());
    let start = span.start - start;
    let start = start + (text[start..].len() - text[start..].trim_start_matches(' ').len());
    let until = text.floor_char_boundary(span.end + SENTENCE_BYTES);
    let after = &text[span.end..until];
    let end = after
        .char_indices()
        .find(|(at, letter)| *letter == '\n' || ends(after, *at, *letter, ""))
        .map_or(until, |(at, _)| span.end + at);
    start.min(span.start)..end
}

/// A point ends a sentence where a space follows, or nothing.
fn ends(text: &str, at: usize, letter: char, next: &str) -> bool {
    let rest = text.get(at + 1..).unwrap_or_default();
    let after = rest.chars().next().or_else(|| next.chars().next());
    matches!(letter, '.' | '!' | '?') && after.is_none_or(char::is_whitespace)
}

//! What the author may have meant.

use crate::document::notation::Notation;
use crate::document::scalar::is_json_number;
use crate::document::table::Table;

/// The candidate that is most like `word`, if one is like it at all.
pub fn nearest<'a>(word: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    // Longer words are no typos, and comparing costs the product of the lengths.
    const LENGTH_MAX: usize = 40;
    if word.len() > LENGTH_MAX {
        return None;
    }
    let folded = fold(word);
    let candidates: Vec<_> = candidates.into_iter().collect();
    let close = candidates
        .iter()
        .map(|candidate| (strsim::osa_distance(&folded, &fold(candidate)), *candidate))
        .filter(|(distance, candidate)| *distance <= allowed(candidate))
        .min_by_key(|(distance, _)| *distance);
    // `maximum` and `operator`, `req` and `cond`.
    let begins = |candidate: &&&str| {
        folded.len() >= 3 && (candidate.starts_with(&folded) || folded.starts_with(**candidate))
    };
    close.map(|(_, candidate)| candidate).or_else(|| candidates.iter().find(begins).copied())
}

/// Whether one letter makes the difference.
pub(crate) fn is_slip(word: &str, key: &str) -> bool {
    strsim::osa_distance(word, key) == 1
}

/// Where else such a key stands: `belongs directly under a tool`.
pub(crate) fn elsewhere(key: &str, notation: &Notation) -> Option<String> {
    let known = notation.tables.iter().filter(|table| table.key(key).is_some());
    let places: Vec<_> = known.map(|table| table.place).collect();
    match places.as_slice() {
        [] => None,
        [place] => Some(format!("`{key}` belongs {place}")),
        [one, other, ..] => Some(format!("`{key}` belongs {one}, or {other}")),
    }
}

/// `a`, `b` or `c`; what would not be a text without them has its quotes.
pub fn any_of(words: &[&str]) -> String {
    let quote = |word: &&str| {
        if is_json_number(word) { format!("`\"{word}\"`") } else { format!("`{word}`") }
    };
    let quoted: Vec<_> = words.iter().map(quote).collect();
    match quoted.split_last() {
        None => String::new(),
        Some((last, [])) => last.clone(),
        Some((last, rest)) => format!("{} or {last}", rest.join(", ")),
    }
}

/// The key of `table` that an unknown key may be meant for.
pub(crate) fn key(word: &str, table: &Table) -> Option<&'static str> {
    nearest(word, table.keys.iter().map(|key| key.name))
}

/// All keys of `table`.
pub(crate) fn known(table: &Table) -> String {
    let names: Vec<_> = table.keys.iter().map(|key| format!("`{}`", key.name)).collect();
    format!("known here: {}", names.join(", "))
}

fn fold(word: &str) -> String {
    word.to_lowercase().replace(['-', ' '], "_")
}

fn allowed(candidate: &str) -> usize {
    match candidate.len() {
        0..=2 => 0,
        3..=4 => 1,
        5..=8 => 2,
        _ => 3,
    }
}

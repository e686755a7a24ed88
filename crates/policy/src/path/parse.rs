//! The text of a path, read once when a document is read.

use super::Segment;
use crate::fold::Key;

/// More would be a mistake: no message is nested more deeply.
const SEGMENTS_MAX: usize = 64;

pub(super) fn segments(text: &str) -> Result<Vec<Segment>, String> {
    let Some(mut rest) = text.strip_prefix("args") else { return Err(no_args(text)) };
    if !rest.starts_with(['.', '[']) {
        return Err(no_args(text));
    }
    let mut segments = Vec::new();
    while !rest.is_empty() {
        let error = |what: &str| format!("{what} at character {} of `{text}`", at(text, rest));
        let (segment, behind) = segment(rest).map_err(error)?;
        if segments.len() == SEGMENTS_MAX {
            return Err(format!("`{text}` has more than {SEGMENTS_MAX} steps"));
        }
        segments.push(segment);
        rest = behind;
    }
    Ok(segments)
}

/// Whether a key needs no quotes in a path.
pub(super) fn is_plain(key: &str) -> bool {
    !key.is_empty() && !key.chars().any(needs_quotes)
}

fn needs_quotes(c: char) -> bool {
    matches!(c, '.' | '[' | ']' | '"') || c.is_whitespace() || c.is_control()
}

fn segment(rest: &str) -> Result<(Segment, &str), &'static str> {
    if let Some(rest) = rest.strip_prefix("[\"") {
        return quoted(rest);
    }
    if let Some(rest) = rest.strip_prefix('[') {
        return index(rest);
    }
    let Some(rest) = rest.strip_prefix('.') else { return Err("a `.` or `[` is missing") };
    let end = rest.find(needs_quotes).unwrap_or(rest.len());
    let (key, behind) = rest.split_at(end);
    match (key.is_empty(), behind.chars().next()) {
        (true, _) => Err("a key is missing"),
        (false, None | Some('.' | '[')) => Ok((Segment::Key(Key::new(key)), behind)),
        (false, Some(_)) => Err("a key with such characters needs quotes, as in `[\"a b\"]`,"),
    }
}

fn index(rest: &str) -> Result<(Segment, &str), &'static str> {
    const WRONG: &str = "an item is a whole number from 0 and a key stands in quotes; neither is";
    let (digits, behind) = rest.split_once(']').ok_or("a `]` is missing for the `[`")?;
    if digits.len() > 1 && digits.starts_with('0') || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return Err(WRONG);
    }
    let index: u32 = digits.parse().map_err(|_| WRONG)?;
    Ok((Segment::Index(index as usize), behind))
}

fn quoted(rest: &str) -> Result<(Segment, &str), &'static str> {
    let (mut end, mut escaped) = (None, false);
    for (at, byte) in rest.bytes().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = true,
            b'"' => {
                end = Some(at);
                break;
            }
            _ => {}
        }
    }
    let end = end.ok_or("a closing quote is missing for the key")?;
    let key: String = serde_json::from_str(&format!("\"{}\"", &rest[..end]))
        .map_err(|_| "the quotes hold no JSON string")?;
    let behind = rest[end + 1..].strip_prefix(']').ok_or("a `]` is missing for the key")?;
    Ok((Segment::Key(Key::new(&key)), behind))
}

fn no_args(text: &str) -> String {
    let tail = ["params.arguments", "arguments", "$.args", "$"]
        .iter()
        .find_map(|start| text.strip_prefix(start))
        .filter(|tail| tail.starts_with(['.', '[']));
    match tail {
        Some(tail) => format!("a path starts with `args`: write `args{tail}` for `{text}`"),
        None if text.starts_with("state.") => {
            format!("`{text}` is a counter, not an argument: a counter is bounded by a limit")
        }
        None => format!("a path names an argument, as `args.amount` does; `{text}` does not"),
    }
}

/// Counts from 1, in characters.
fn at(text: &str, rest: &str) -> usize {
    text[..text.len() - rest.len()].chars().count() + 1
}

//! Splices between brackets: JSON, and YAML that is written like it.

use crate::document::node::{Node, Value};
use crate::document::span::line;

use super::piece;
use super::source::{Source, Splices};
use super::text::EditError;

pub(super) fn insert(
    source: &Source,
    parent: &Node,
    index: usize,
    (key, value): (Option<&str>, &Node),
    splices: &mut Splices,
) {
    let text = &source.text;
    let value = piece::inline(value, source.is_json);
    let new = match key {
        Some(key) => format!("{}: {value}", piece::text(key, source.is_json)),
        None => value,
    };
    let bounds = bounds(parent);
    let Some(first) = bounds.first() else {
        let (start, end) = (parent.span.start + 1, parent.span.end.saturating_sub(1));
        let blank = text.get(start..end).is_some_and(|inner| inner.trim().is_empty());
        splices.put(start, if blank { end } else { start }, new);
        return;
    };
    if index == 0 {
        let gap = own_line(text, first.0).unwrap_or_else(|| " ".to_owned());
        splices.put(first.0, first.0, format!("{new},{gap}"));
        return;
    }
    let before = bounds[index.min(bounds.len()) - 1];
    let gap = own_line(text, before.0).unwrap_or_else(|| " ".to_owned());
    splices.put(before.1, before.1, format!(",{gap}{new}"));
}

pub(super) fn drop(
    source: &Source,
    parent: &Node,
    index: usize,
    splices: &mut Splices,
) -> Result<(), EditError> {
    let text = &source.text;
    let bounds = bounds(parent);
    let unreadable = || EditError::Layout("no comma was found where one must be");
    let (start, end) = *bounds.get(index).ok_or_else(unreadable)?;
    if bounds.get(index + 1).is_some() {
        let comma = comma(source, end).ok_or_else(unreadable)?;
        let mut behind = comma + 1;
        behind += text[behind..].len() - text[behind..].trim_start_matches(' ').len();
        let first = line(text, start).start;
        let ends_line = text[behind..].starts_with(['\n', '\r']);
        if ends_line && text[first..start].trim().is_empty() {
            splices.put(first, line(text, behind).end + 1, "");
        } else {
            splices.put(start, behind, "");
        }
        return Ok(());
    }
    let Some(before) = index.checked_sub(1).and_then(|index| bounds.get(index)) else {
        let behind = comma(source, end).map_or(end, |comma| comma + 1);
        let (from, to) = (parent.span.start + 1, parent.span.end.saturating_sub(1));
        let commented = source.comments.iter().any(|c| from <= c.start && c.end <= to);
        if commented {
            splices.put(start, behind, "");
        } else {
            splices.put(from, to, "");
        }
        return Ok(());
    };
    let comma = comma(source, before.1).ok_or_else(unreadable)?;
    if text[comma + 1..start].trim().is_empty() {
        splices.put(comma, end, "");
    } else {
        splices.put(comma, comma + 1, "");
        splices.put(start, end, "");
    }
    Ok(())
}

/// Start and end of each member or item.
fn bounds(parent: &Node) -> Vec<(usize, usize)> {
    match &parent.value {
        Value::Map(members) => members
            .iter()
            .map(|member| (member.key_span.start, member.node.span.end.max(member.key_span.end)))
            .collect(),
        _ => parent.items().iter().map(|item| (item.span.start, item.span.end)).collect(),
    }
}

/// The line break and the indentation in front of what begins its line.
fn own_line(text: &str, start: usize) -> Option<String> {
    let first = line(text, start).start;
    let indent = &text[first..start];
    let newline = if text[..first].ends_with("\r\n") { "\r\n" } else { "\n" };
    (first > 0 && indent.trim().is_empty()).then(|| format!("{newline}{indent}"))
}

/// The comma behind `at`, with nothing but space and comments in between.
fn comma(source: &Source, mut at: usize) -> Option<usize> {
    loop {
        if let Some(comment) = source.comments.iter().find(|comment| comment.start == at) {
            at = comment.end;
            continue;
        }
        match source.text[at..].chars().next()? {
            ',' => return Some(at),
            c if c.is_whitespace() => at += c.len_utf8(),
            _ => return None,
        }
    }
}

//! Splices where YAML is laid out by indentation: whole lines come and go.

use std::fmt::Write as _;

use crate::document::node::{Member, Node, Value};
use crate::document::span::{Span, line};

use super::piece;
use super::source::{Source, Splices, is_flow};
use super::text::EditError;

const STEP: usize = 2;
const SHARED: EditError = EditError::Layout("it shares its line with something else");

/// Takes lines away; their comments stay, each on a line of its own. What is left without members
/// is written as such.
pub(super) fn drop(
    source: &Source,
    (parent, owner): (&Node, Option<&Member>),
    index: usize,
    splices: &mut Splices,
) -> Result<(), EditError> {
    let text = &source.text;
    let (start, node) = starts(source, parent, index)?;
    let first = line(text, start);
    let indent = &text[first.start..start];
    if !indent.bytes().all(|byte| byte == b' ') {
        return Err(SHARED);
    }
    let end = line(text, end_of(text, node, start)).end;
    let mut kept = String::new();
    for comment in source.comments.iter().filter(|c| first.start <= c.start && c.end <= end) {
        let own = text[comment.start..comment.end].trim_end();
        let _ = write!(kept, "{indent}{own}{}", newline(text));
    }
    let behind = (end + 1).min(text.len());
    if behind == text.len() && !text.ends_with('\n') && kept.is_empty() && first.start > 0 {
        // The last line has no end: that of the line before it goes.
        splices.put(first.start - 1, text.len(), newline(text));
    } else {
        splices.put(first.start, behind, kept);
    }
    let count = parent.members().len() + parent.items().len();
    if count == 1 {
        let owner = owner.ok_or(EditError::Layout("nothing else is in the document"))?;
        let at = colon(text, owner).ok_or(SHARED)? + 1;
        let empty = if matches!(parent.value, Value::List(_)) { " []" } else { " {}" };
        splices.put(at, at, empty);
    }
    Ok(())
}

pub(super) fn insert(
    source: &Source,
    parent: &Node,
    index: usize,
    new: (Option<&str>, &Node),
    splices: &mut Splices,
) -> Result<(), EditError> {
    let text = &source.text;
    let count = parent.members().len() + parent.items().len();
    let near = index.min(count).saturating_sub(1);
    let (start, node) = starts(source, parent, near)?;
    let first = line(text, start);
    let indent = text[..start].len() - first.start;
    let is_own_line = text[first.start..start].bytes().all(|byte| byte == b' ');
    let lines = lines(new, indent, newline(text));
    if index == 0 {
        if !is_own_line {
            return Err(SHARED);
        }
        splices.put(first.start, first.start, lines + newline(text));
        return Ok(());
    }
    let at = content_end(text, end_of(text, node, start));
    let ending = if at == text.len() { newline(text) } else { "" };
    splices.put(at, at, format!("{}{lines}{ending}", newline(text)));
    Ok(())
}

/// Writes into `{}` or `[]`, which then is laid out in lines. Whether it can be.
pub(super) fn unfold(
    source: &Source,
    (parent, owner): (&Node, Option<&Member>),
    new: (Option<&str>, &Node),
    splices: &mut Splices,
) -> bool {
    let (text, Some(owner)) = (&source.text, owner) else { return false };
    if source.is_json || !parent.members().is_empty() || !parent.items().is_empty() {
        return false;
    }
    let first = line(text, owner.key_span.start);
    let indent = owner.key_span.start - first.start;
    let Some(colon) = colon(text, owner) else { return false };
    let is_own_line = text[first.start..owner.key_span.start].bytes().all(|byte| byte == b' ');
    let here = line(text, parent.span.end);
    let rest = text[parent.span.end..here.end].trim();
    let is_plain = text[colon + 1..parent.span.start].bytes().all(|byte| byte == b' ');
    // A key that begins its line may still stand inside brackets.
    let is_block = !in_flow(source, owner);
    if !(is_own_line && is_plain && is_block && (rest.is_empty() || rest.starts_with('#'))) {
        return false;
    }
    splices.put(colon + 1, parent.span.end, "");
    let at = content_end(text, parent.span.end);
    let lines = lines(new, indent + STEP, newline(text));
    let ending = if at == text.len() { newline(text) } else { "" };
    splices.put(at, at, format!("{}{lines}{ending}", newline(text)));
    true
}

fn in_flow(source: &Source, member: &Member) -> bool {
    fn search(node: &Node, text: &str, at: Span, flow: bool) -> Option<bool> {
        let flow = flow || is_flow(text, node);
        for member in node.members() {
            if member.key_span == at {
                return Some(flow);
            }
            if let Some(found) = search(&member.node, text, at, flow) {
                return Some(found);
            }
        }
        node.items().iter().find_map(|item| search(item, text, at, flow))
    }
    search(&source.tree, &source.text, member.key_span, false).unwrap_or(true)
}

/// Where a member or an item begins: its key, or its dash.
fn starts<'a>(
    source: &Source,
    parent: &'a Node,
    index: usize,
) -> Result<(usize, &'a Node), EditError> {
    if let Some(member) = parent.members().get(index) {
        return Ok((member.key_span.start, &member.node));
    }
    let item = parent.items().get(index).ok_or(SHARED)?;
    let before = source.text[..item.span.start].trim_end_matches(' ');
    if before.ends_with('-') { Ok((before.len() - 1, item)) } else { Err(SHARED) }
}

/// Where the last thing in a node ends.
fn end_of(text: &str, node: &Node, start: usize) -> usize {
    let end = if is_flow(text, node) {
        node.span.end
    } else if let Some(last) = node.members().last() {
        end_of(text, &last.node, last.key_span.end)
    } else if let Some(last) = node.items().last() {
        end_of(text, last, last.span.start)
    } else if matches!(node.value, Value::Empty) {
        // No width of its own.
        line(text, start).end
    } else {
        node.span.end
    };
    let trimmed = text[..end].trim_end().len();
    trimmed.max(start)
}

/// The end of the line, without what ends it.
fn content_end(text: &str, at: usize) -> usize {
    let end = line(text, at).end;
    if text[..end].ends_with('\r') { end - 1 } else { end }
}

fn colon(text: &str, owner: &Member) -> Option<usize> {
    let behind = &text[owner.key_span.end..];
    let gap = behind.len() - behind.trim_start_matches(' ').len();
    behind[gap..].starts_with(':').then_some(owner.key_span.end + gap)
}

fn newline(text: &str) -> &'static str {
    if text.contains("\r\n") { "\r\n" } else { "\n" }
}

/// A member in lines, what is deep in it in brackets; an item on one line.
fn lines((key, value): (Option<&str>, &Node), indent: usize, newline: &str) -> String {
    let margin = " ".repeat(indent);
    let Some(key) = key else { return format!("{margin}- {}", piece::inline(value, false)) };
    let key = piece::text(key, false);
    let inner = indent + STEP;
    let within: Vec<String> = match &value.value {
        Value::Map(members) => members
            .iter()
            .map(|member| lines((Some(&member.key), &member.node), inner, newline))
            .collect(),
        Value::List(items) => {
            items.iter().map(|item| lines((None, item), inner, newline)).collect()
        }
        _ => Vec::new(),
    };
    if within.is_empty() {
        return format!("{margin}{key}: {}", piece::inline(value, false));
    }
    format!("{margin}{key}:{newline}{}", within.join(newline))
}

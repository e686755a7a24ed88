//! What is to be written, in either notation.

use std::fmt::Write as _;

use crate::document::findings::Findings;
use crate::document::json;
use crate::document::keys::POLICY;
use crate::document::node::{Member, Node, Text, Value};
use crate::document::scalar::{is_json_number, lookalike, resolve};
use crate::document::span::Span;
use crate::document::text::is_misleading;

use super::text::EditError;
use super::{Condition, Limit};

/// A text that needs no quotes.
pub(super) fn word(text: &str) -> Node {
    node(Value::Text(Text { text: text.to_owned(), plain: false }))
}

pub(super) fn node(value: Value) -> Node {
    Node { span: Span::default(), value }
}

pub(super) fn map<const N: usize>(members: [(&str, Node); N]) -> Node {
    node(Value::Map(members.into_iter().map(|(key, node)| member(key, node)).collect()))
}

pub(super) fn member(key: &str, node: Node) -> Member {
    Member { key: key.to_owned(), key_span: Span::default(), node }
}

pub(super) fn condition(condition: &Condition) -> Result<Node, EditError> {
    let mut findings = Findings::of(&POLICY);
    // Inside a list, so that a bare text or number is one, too.
    let value = json::tree(&format!("[{}]", condition.value), &mut findings);
    let value = value.filter(|_| !findings.failed()).and_then(|list| match list.value {
        Value::List(items) => <[Node; 1]>::try_from(items).ok(),
        _ => None,
    });
    let Some([value]) = value else {
        let what =
            format!("`{}` is no JSON value: a text stands in double quotes", condition.value);
        return Err(EditError::Value(what));
    };
    Ok(map([("path", word(&condition.path)), ("op", word(&condition.op)), ("value", value)]))
}

pub(super) fn limit(limit: &Limit) -> Result<Node, EditError> {
    let number = |text: &str| node(Value::Number(text.to_owned()));
    if !is_json_number(&limit.max) {
        return Err(EditError::Value(format!("`{}` is no number", limit.max)));
    }
    let window = match limit.window.as_str() {
        seconds if is_json_number(seconds) => number(seconds),
        other => word(other),
    };
    let Node { value: Value::Map(mut members), span } =
        map([("max", number(&limit.max)), ("window", window)])
    else {
        return Err(EditError::Unreadable);
    };
    if let Some(scope) = &limit.scope {
        members.push(member("scope", word(scope)));
    }
    if let Some(path) = &limit.increment_from {
        members.push(member("increment_from", word(path)));
    }
    Ok(Node { value: Value::Map(members), span })
}

/// On one line.
pub(super) fn inline(node: &Node, is_json: bool) -> String {
    match &node.value {
        Value::Bool(value) => value.to_string(),
        Value::Broken | Value::Empty | Value::Null => "null".to_owned(),
        Value::List(items) => {
            let items: Vec<_> = items.iter().map(|item| inline(item, is_json)).collect();
            format!("[{}]", items.join(", "))
        }
        Value::Map(members) => {
            let pair = |member: &Member| {
                format!("{}: {}", text(&member.key, is_json), inline(&member.node, is_json))
            };
            let pairs: Vec<_> = members.iter().map(pair).collect();
            format!("{{{}}}", pairs.join(", "))
        }
        Value::Number(literal) => literal.clone(),
        Value::Text(written) => text(&written.text, is_json),
    }
}

/// In quotes where it needs them. Whatever would not be seen is an escape.
pub(super) fn text(text: &str, is_json: bool) -> String {
    if !is_json && is_plain(text) {
        return text.to_owned();
    }
    quoted(text)
}

pub(super) fn quoted(text: &str) -> String {
    let mut bytes = Vec::new();
    toolgate_json::quote(text, &mut bytes);
    let mut out = String::with_capacity(bytes.len());
    for c in String::from_utf8_lossy(&bytes).chars() {
        if c.is_control() || is_misleading(c) {
            let mut units = [0; 2];
            for unit in c.encode_utf16(&mut units) {
                let _ = write!(out, "\\u{unit:04x}");
            }
        } else {
            out.push(c);
        }
    }
    out
}

/// The same to every reader of YAML, wherever it stands.
fn is_plain(text: &str) -> bool {
    let inner = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '.' | '/' | '-');
    text.starts_with(|c: char| c.is_ascii_alphabetic() || c == '_')
        && text.chars().all(inner)
        && matches!(resolve(text), Value::Text(_))
        && lookalike(text).is_none()
}

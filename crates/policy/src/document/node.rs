//! The tree of a document, whichever notation it is in: every key and value with its place.

use std::collections::HashMap;

use toolgate_json::quote;

use crate::document::findings::{Findings, quoted};
use crate::document::span::Span;

/// A value with its place.
#[derive(Clone, Debug)]
pub struct Node {
    pub span: Span,
    pub value: Value,
}

#[derive(Clone, Debug)]
pub enum Value {
    Bool(bool),
    /// Refused already: nothing more is said about it.
    Broken,
    /// YAML only: a key with nothing behind it.
    Empty,
    List(Vec<Node>),
    Map(Vec<Member>),
    Null,
    /// A JSON number, as it was written.
    Number(String),
    Text(Text),
}

#[derive(Clone, Debug)]
pub struct Text {
    pub text: String,
    /// Written without quotes, which only YAML can.
    pub plain: bool,
}

/// A key with its place, and the value behind it.
#[derive(Clone, Debug)]
pub struct Member {
    pub key: String,
    pub key_span: Span,
    pub node: Node,
}

impl Node {
    pub fn get(&self, key: &str) -> Option<&Node> {
        self.member(key).map(|member| &member.node)
    }

    pub fn member(&self, key: &str) -> Option<&Member> {
        self.members().iter().find(|member| member.key == key)
    }

    /// What `pointer` (RFC 6901) leads to.
    pub(crate) fn at(&self, pointer: &str) -> Option<&Node> {
        pointer.split('/').skip(1).try_fold(self, |node, step| match node.items() {
            [] => node.get(&step.replace("~1", "/").replace("~0", "~")),
            items => items.get(step.parse::<usize>().ok()?),
        })
    }

    /// Where that stands: the key, if there is one, else the item.
    pub(crate) fn place(&self, pointer: &str) -> Option<Span> {
        let (parent, step) = pointer.rsplit_once('/')?;
        let parent = self.at(parent)?;
        match parent.items() {
            [] => {
                let key = step.replace("~1", "/").replace("~0", "~");
                parent.member(&key).map(|member| member.key_span)
            }
            _ => self.at(pointer).map(|node| node.span),
        }
    }

    /// Nothing unless this is a mapping.
    pub fn members(&self) -> &[Member] {
        if let Value::Map(members) = &self.value { members } else { &[] }
    }

    /// Nothing unless this is a list.
    pub fn items(&self) -> &[Node] {
        if let Value::List(items) = &self.value { items } else { &[] }
    }

    pub fn text(&self) -> Option<&str> {
        if let Value::Text(text) = &self.value { Some(&text.text) } else { None }
    }

    pub fn number(&self) -> Option<&str> {
        if let Value::Number(literal) = &self.value { Some(literal) } else { None }
    }

    pub fn bool(&self) -> Option<bool> {
        if let Value::Bool(value) = self.value { Some(value) } else { None }
    }

    /// What this is, for messages.
    pub fn what(&self) -> &'static str {
        match &self.value {
            Value::Bool(true) => "`true`",
            Value::Bool(false) => "`false`",
            Value::Broken | Value::Empty => "nothing",
            Value::List(_) => "a list",
            Value::Map(_) => "a mapping",
            Value::Null => "`null`",
            Value::Number(_) => "a number",
            Value::Text(_) => "a text",
        }
    }

    /// Appends the node as JSON. What was refused, or is not there, is `null`.
    pub(crate) fn json(&self, out: &mut Vec<u8>) {
        match &self.value {
            Value::Bool(value) => out.extend_from_slice(value.to_string().as_bytes()),
            Value::Broken | Value::Empty | Value::Null => out.extend_from_slice(b"null"),
            Value::List(items) => {
                out.push(b'[');
                for (i, item) in items.iter().enumerate() {
                    separate(i, out);
                    item.json(out);
                }
                out.push(b']');
            }
            Value::Map(members) => {
                out.push(b'{');
                for (i, member) in members.iter().enumerate() {
                    separate(i, out);
                    quote(&member.key, out);
                    out.push(b':');
                    member.node.json(out);
                }
                out.push(b'}');
            }
            Value::Number(literal) => out.extend_from_slice(literal.as_bytes()),
            Value::Text(text) => quote(&text.text, out),
        }
    }
}

fn separate(i: usize, out: &mut Vec<u8>) {
    if i > 0 {
        out.push(b',');
    }
}

/// Refuses every key that stands in one mapping for the second time: parsers differ in which
/// of the two they take.
pub(crate) fn refuse_duplicates(members: &[Member], findings: &mut Findings) {
    let mut first: HashMap<&str, Span> = HashMap::with_capacity(members.len());
    for member in members {
        match first.get(member.key.as_str()) {
            Some(earlier) => {
                findings
                    .error(member.key_span, format!("duplicate key {}", quoted(&member.key)))
                    .related(*earlier, "it stands here already")
                    .help("keep one of the two");
            }
            None => {
                first.insert(&member.key, member.key_span);
            }
        }
    }
}

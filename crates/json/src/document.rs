//! The tree: nodes in document order, each a byte range of the text.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;

use crate::read::{self, Error, Reading};
use crate::text;

/// One JSON value with its text.
#[derive(Clone, Debug)]
pub struct Document {
    bytes: Bytes,
    nodes: Vec<Node>,
}

/// The place of a value in its [`Document`].
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NodeId(pub(crate) u32);

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    Array,
    False,
    Null,
    Number,
    Object,
    String,
    True,
}

#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Index of the first node behind this one and everything inside it.
    pub(crate) next: u32,
    pub(crate) kind: Kind,
    /// A string with a backslash in it.
    pub(crate) escaped: bool,
}

/// A value inside a [`Document`].
#[derive(Clone, Copy, Debug)]
pub struct Value<'a> {
    document: &'a Document,
    node: u32,
}

impl Document {
    /// Reads exactly one JSON value, white space around it allowed.
    pub fn parse(bytes: Bytes, reading: Reading) -> Result<Self, Error> {
        let nodes = read::nodes(&bytes, reading)?;
        Ok(Self { bytes, nodes })
    }

    /// The text as it came.
    pub fn bytes(&self) -> &Bytes {
        &self.bytes
    }

    pub fn root(&self) -> Value<'_> {
        Value { document: self, node: 0 }
    }

    /// The value at `id`, which must come from this document.
    pub fn at(&self, id: NodeId) -> Value<'_> {
        Value { document: self, node: id.0 }
    }
}

impl<'a> Value<'a> {
    pub fn id(self) -> NodeId {
        NodeId(self.node)
    }

    pub fn kind(self) -> Kind {
        self.node().kind
    }

    pub fn is_null(self) -> bool {
        self.kind() == Kind::Null
    }

    /// Where the value stands in the text, quotes and brackets included. In bytes.
    pub fn span(self) -> Range<usize> {
        self.node().start as usize..self.node().end as usize
    }

    /// The value as it was written.
    pub fn raw(self) -> &'a [u8] {
        &self.document.bytes[self.span()]
    }

    pub fn as_bool(self) -> Option<bool> {
        match self.kind() {
            Kind::True => Some(true),
            Kind::False => Some(false),
            Kind::Array | Kind::Null | Kind::Number | Kind::Object | Kind::String => None,
        }
    }

    /// The string's value, escapes resolved.
    pub fn as_str(self) -> Option<Cow<'a, str>> {
        if self.kind() != Kind::String {
            return None;
        }
        let raw = self.raw();
        Some(text::unquote(&raw[1..raw.len() - 1], self.node().escaped))
    }

    /// The number as it was written.
    pub fn as_number(self) -> Option<&'a str> {
        if self.kind() == Kind::Number { std::str::from_utf8(self.raw()).ok() } else { None }
    }

    /// The member named exactly `key`; the last one, should there be several.
    pub fn get(self, key: &str) -> Option<Value<'a>> {
        self.entries().filter(|(k, _)| k.is(key)).last().map(|(_, value)| value)
    }

    /// The members of an object in document order; nothing for any other kind.
    pub fn entries(self) -> impl Iterator<Item = (Value<'a>, Value<'a>)> {
        let mut children = self.children(Kind::Object);
        std::iter::from_fn(move || Some((children.next()?, children.next()?)))
    }

    /// The items of an array in order; nothing for any other kind.
    pub fn items(self) -> impl Iterator<Item = Value<'a>> {
        self.children(Kind::Array)
    }

    /// Whether this is a string equal to `text`.
    pub fn is(self, text: &str) -> bool {
        if self.kind() != Kind::String {
            return false;
        }
        if self.node().escaped {
            return self.as_str().is_some_and(|s| s == text);
        }
        let raw = self.raw();
        &raw[1..raw.len() - 1] == text.as_bytes()
    }

    /// Whether two members of this object have the same name.
    pub fn has_duplicate_key(self) -> bool {
        let mut keys: Vec<Cow<'_, str>> = self.entries().filter_map(|(k, _)| k.as_str()).collect();
        keys.sort_unstable();
        keys.windows(2).any(|pair| pair[0] == pair[1])
    }

    fn children(self, kind: Kind) -> Children<'a> {
        let inside = self.kind() == kind;
        let end = if inside { self.node().next } else { self.node };
        Children { document: self.document, at: self.node + u32::from(inside), end }
    }

    fn node(self) -> &'a Node {
        &self.document.nodes[self.node as usize]
    }
}

struct Children<'a> {
    document: &'a Document,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Children<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        if self.at >= self.end {
            return None;
        }
        let value = Value { document: self.document, node: self.at };
        self.at = value.node().next;
        Some(value)
    }
}

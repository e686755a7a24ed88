//! A document's text with its tree, and the three changes that all edits are made of.

use crate::document::findings::Findings;
use crate::document::keys::POLICY;
use crate::document::node::{Member, Node, Value};
use crate::document::outline;
use crate::document::pointer::join;
use crate::document::span::Span;

use super::text::EditError;
use super::{block, comments, flow, piece};

pub(super) struct Source {
    pub(super) text: String,
    pub(super) tree: Node,
    pub(super) comments: Vec<Span>,
    pub(super) is_json: bool,
}

/// Bytes in place of others, from the last to the first.
#[derive(Debug, Default)]
pub(super) struct Splices(Vec<(Span, String)>);

impl Splices {
    pub(super) fn put(&mut self, start: usize, end: usize, text: impl Into<String>) {
        self.0.push((Span::new(start, end), text.into()));
    }

    fn apply(mut self, text: &str) -> String {
        self.0.sort_by_key(|(span, _)| std::cmp::Reverse((span.start, span.end)));
        let mut new = text.to_owned();
        for (span, with) in self.0 {
            new.replace_range(span.start..span.end, &with);
        }
        new
    }
}

const UNTOLD: &str = "what is written there is laid out in a way that would not survive it";

impl Source {
    pub(super) fn read(text: &str) -> Result<Self, EditError> {
        let mut findings = Findings::of(&POLICY);
        let tree = outline::tree(text, &mut findings).filter(|_| !findings.failed());
        let tree = tree.ok_or(EditError::Unreadable)?;
        if !matches!(tree.value, Value::Map(_)) {
            return Err(EditError::Unreadable);
        }
        let comments = comments::of(text).ok_or(EditError::Unreadable)?;
        let is_json = text.trim_start().starts_with('{');
        Ok(Self { text: text.to_owned(), tree, comments, is_json })
    }

    pub(super) fn into_text(self) -> String {
        self.text
    }

    pub(super) fn at(&self, pointer: &str) -> Option<&Node> {
        self.tree.at(pointer)
    }

    /// Takes away the member or item at `pointer`.
    pub(super) fn drop(self, pointer: &str) -> Result<Self, EditError> {
        let (parent, index) = self.find(pointer)?;
        let mut splices = Splices::default();
        if is_flow(&self.text, parent) {
            flow::drop(&self, parent, index, &mut splices)?;
        } else {
            let owner = self.owner(parent_of(pointer));
            block::drop(&self, (parent, owner), index, &mut splices)?;
        }
        let mut tree = self.tree.clone();
        match at_mut(&mut tree, parent_of(pointer)).map(|node| &mut node.value) {
            Some(Value::List(items)) => drop_one(items, index),
            Some(Value::Map(members)) => drop_one(members, index),
            _ => return Err(EditError::Nothing(pointer.to_owned())),
        }
        self.done(splices, &tree)
    }

    /// Puts a member, or an item where `key` is none, in front of the one at `index`.
    pub(super) fn insert(
        self,
        into: &str,
        index: usize,
        (key, value): (Option<&str>, &Node),
    ) -> Result<Self, EditError> {
        let parent = self.at(into).ok_or_else(|| EditError::Nothing(into.to_owned()))?;
        let mut splices = Splices::default();
        let owner = self.owner(into);
        if !is_flow(&self.text, parent) {
            block::insert(&self, parent, index, (key, value), &mut splices)?;
        } else if !block::unfold(&self, (parent, owner), (key, value), &mut splices) {
            flow::insert(&self, parent, index, (key, value), &mut splices);
        }
        let mut tree = self.tree.clone();
        let value = value.clone();
        match (at_mut(&mut tree, into).map(|node| &mut node.value), key) {
            (Some(Value::List(items)), None) => items.insert(index.min(items.len()), value),
            (Some(Value::Map(members)), Some(key)) => {
                members.insert(index.min(members.len()), piece::member(key, value));
            }
            _ => return Err(EditError::Nothing(into.to_owned())),
        }
        self.done(splices, &tree)
    }

    /// Writes another value behind a key, or sets a member at the end of `into`.
    pub(super) fn set(self, into: &str, key: &str, value: &Node) -> Result<Self, EditError> {
        let parent = self.at(into).ok_or_else(|| EditError::Nothing(into.to_owned()))?;
        let Some(index) = parent.members().iter().position(|member| member.key == key) else {
            let end = parent.members().len();
            return self.insert(into, end, (Some(key), value));
        };
        let old = &parent.members()[index].node;
        if json(old) == json(value) {
            return Ok(self);
        }
        let pointer = join(into, key);
        let is_scalar = !matches!(old.value, Value::List(_) | Value::Map(_) | Value::Empty);
        if !is_scalar {
            return self.drop(&pointer)?.insert(into, index, (Some(key), value));
        }
        let mut splices = Splices::default();
        let was_quoted = self.text[old.span.start..].starts_with(['"', '\'']);
        let written = match value.text() {
            Some(text) if was_quoted => piece::quoted(text),
            _ => piece::inline(value, self.is_json),
        };
        splices.put(old.span.start, old.span.end, written);
        let mut tree = self.tree.clone();
        if let Some(node) = at_mut(&mut tree, &pointer) {
            *node = value.clone();
        }
        self.done(splices, &tree)
    }

    fn find(&self, pointer: &str) -> Result<(&Node, usize), EditError> {
        let nothing = || EditError::Nothing(pointer.to_owned());
        let (parent, step) = pointer.rsplit_once('/').ok_or_else(nothing)?;
        let parent = self.at(parent).ok_or_else(nothing)?;
        let key = step.replace("~1", "/").replace("~0", "~");
        let index = match &parent.value {
            Value::Map(members) => members.iter().position(|member| member.key == key),
            Value::List(items) => key.parse().ok().filter(|index| *index < items.len()),
            _ => None,
        };
        Ok((parent, index.ok_or_else(nothing)?))
    }

    /// The member that has the node at `pointer` behind its key.
    fn owner(&self, pointer: &str) -> Option<&Member> {
        let (parent, step) = pointer.rsplit_once('/')?;
        self.at(parent)?.member(&step.replace("~1", "/").replace("~0", "~"))
    }

    /// The splices, if they did what they should and nothing else.
    fn done(self, splices: Splices, due: &Node) -> Result<Self, EditError> {
        let new = splices.apply(&self.text);
        let told = |source: &Self| -> Vec<String> {
            let one = |span: &Span| source.text[span.start..span.end].trim_end().to_owned();
            source.comments.iter().map(one).collect()
        };
        let new = Self::read(&new).map_err(|_| EditError::Layout(UNTOLD))?;
        if json(&new.tree) != json(due) {
            return Err(EditError::Layout(UNTOLD));
        }
        if told(&new) != told(&self) {
            return Err(EditError::Layout("a comment stands in the middle of it"));
        }
        Ok(new)
    }
}

pub(super) fn json(node: &Node) -> Vec<u8> {
    let mut out = Vec::new();
    node.json(&mut out);
    out
}

/// Whether it is written with brackets.
pub(super) fn is_flow(text: &str, node: &Node) -> bool {
    match &node.value {
        Value::List(_) => text[node.span.start..].starts_with('['),
        Value::Map(_) => text[node.span.start..].starts_with('{'),
        _ => false,
    }
}

pub(super) fn parent_of(pointer: &str) -> &str {
    pointer.rsplit_once('/').map_or("", |(parent, _)| parent)
}

fn at_mut<'a>(node: &'a mut Node, pointer: &str) -> Option<&'a mut Node> {
    pointer.split('/').skip(1).try_fold(node, |node, step| match &mut node.value {
        Value::Map(members) => {
            let key = step.replace("~1", "/").replace("~0", "~");
            members.iter_mut().find(|member| member.key == key).map(|member| &mut member.node)
        }
        Value::List(items) => items.get_mut(step.parse::<usize>().ok()?),
        _ => None,
    })
}

fn drop_one<T>(all: &mut Vec<T>, index: usize) {
    if index < all.len() {
        all.remove(index);
    }
}

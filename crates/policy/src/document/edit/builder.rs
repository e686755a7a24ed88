//! A document as a builder shows it: each tool, what it can change of it, and what it leaves alone.

use crate::document::findings::Findings;
use crate::document::keys::POLICY;
use crate::document::node::{Member, Node, Value};
use crate::document::outline as reader;
use crate::document::pointer::join;
use crate::document::span::{line, position};
use crate::glob::Glob;

use super::{Condition, Limit, List, source};

/// What becomes of a tool as a whole.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Stance {
    Allow,
    /// A person is asked: where all of these hold, or for every call.
    Approve(Vec<Condition>),
    Deny,
    Hide,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outline {
    pub is_json: bool,
    /// `allow` or `deny`, if it is said.
    pub default: Option<String>,
    pub shadow: bool,
    /// Those that `tools` has, and then those that only `hide` names.
    pub tools: Vec<ToolOutline>,
    /// The keys beside `tools` that say more.
    pub others: Vec<Part>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ToolOutline {
    pub name: String,
    pub cover: Cover,
    pub stance: Stance,
    pub shadow: Option<bool>,
    /// What hides it: its own name, or a pattern, which a builder does not change.
    pub hidden_by: Option<String>,
    pub parts: Vec<Part>,
}

/// What a key of `tools` stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cover {
    Name,
    /// A pattern, or `*`.
    Pattern,
    /// It is not there: `hide` names the tool.
    Unlisted,
}

/// Something that stands in the document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    pub kind: PartKind,
    /// JSON pointer.
    pub pointer: String,
    /// Whether [`Edit::Drop`](super::Edit::Drop) takes it away.
    pub can_drop: bool,
    /// From 1.
    pub line: usize,
    /// As it is written, from the left margin.
    pub text: String,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum PartKind {
    Condition(List, Condition),
    Limit(Limit),
    /// What a builder has no form for: its key.
    Other(String),
}

/// Nothing for a text that cannot be read as a document. It may still have errors.
pub fn outline(text: &str) -> Option<Outline> {
    let mut findings = Findings::of(&POLICY);
    let tree = reader::tree(text, &mut findings)?;
    let hidden = hidden(&tree);
    let empty = Node { span: tree.span, value: Value::Null };
    let entries = tree.get("tools").unwrap_or(&empty).members();
    let mut tools: Vec<_> = entries.iter().map(|entry| tool(text, entry, &hidden)).collect();
    for name in &hidden {
        if !is_pattern(name) && !entries.iter().any(|entry| entry.key == *name) {
            tools.push(unlisted(name));
        }
    }
    let told = ["$schema", "default", "description", "hide", "mode", "tools", "version"];
    let others = tree.members().iter().filter(|member| !told.contains(&member.key.as_str()));
    Some(Outline {
        is_json: text.trim_start().starts_with('{'),
        default: tree.get("default").and_then(Node::text).map(str::to_owned),
        shadow: tree.get("mode").and_then(Node::text) == Some("shadow"),
        others: others.map(|member| other(text, member, "", false)).collect(),
        tools,
    })
}

fn hidden(tree: &Node) -> Vec<String> {
    let Some(hide) = tree.get("hide") else { return Vec::new() };
    let items = hide.items().iter().filter_map(Node::text);
    hide.text().into_iter().chain(items).map(str::to_owned).collect()
}

fn is_pattern(name: &str) -> bool {
    name.contains(['*', '?'])
}

fn unlisted(name: &str) -> ToolOutline {
    ToolOutline {
        name: name.to_owned(),
        cover: Cover::Unlisted,
        stance: Stance::Hide,
        shadow: None,
        hidden_by: Some(name.to_owned()),
        parts: Vec::new(),
    }
}

fn tool(text: &str, entry: &Member, hidden: &[String]) -> ToolOutline {
    let node = &entry.node;
    let hides = |by: &&String| {
        let covers = |glob: Glob| glob.matches(&entry.key);
        **by == entry.key || (is_pattern(by) && Glob::parse(by).is_ok_and(covers))
    };
    let mut by: Vec<_> = hidden.iter().filter(hides).collect();
    // Its own name first: that can be taken away.
    by.sort_by_key(|by| **by != entry.key);
    let hidden_by = by.first().map(|by| (*by).clone());
    let at = join("/tools", &entry.key);
    let parts = node.members().iter().flat_map(|member| parts(text, member, &at)).collect();
    let own = own_stance(node);
    ToolOutline {
        name: entry.key.clone(),
        cover: if is_pattern(&entry.key) { Cover::Pattern } else { Cover::Name },
        stance: if hidden_by.is_some() { Stance::Hide } else { own },
        shadow: node.get("mode").and_then(Node::text).map(|mode| mode == "shadow"),
        hidden_by,
        parts,
    }
}

pub(super) fn own_stance(node: &Node) -> Stance {
    let action = node.get("action").and_then(Node::text);
    let asked = node.get("require_approval");
    let conditions = asked.and_then(|asked| {
        let read: Option<Vec<_>> = asked.items().iter().map(condition).collect();
        read.filter(|all| !all.is_empty())
    });
    match (action, asked.and_then(Node::bool), conditions) {
        (Some("deny"), _, _) => Stance::Deny,
        (Some("require_approval"), _, _) | (_, Some(true), _) => Stance::Approve(Vec::new()),
        (_, _, Some(conditions)) => Stance::Approve(conditions),
        _ => Stance::Allow,
    }
}

fn parts(text: &str, member: &Member, at: &str) -> Vec<Part> {
    let pointer = join(at, &member.key);
    match member.key.as_str() {
        "action" | "mode" => Vec::new(),
        "deny_if" => items(text, &member.node, &pointer, |node| {
            condition(node).map(|found| PartKind::Condition(List::DenyIf, found))
        }),
        "limits" => items(text, &member.node, &pointer, |node| limit(node).map(PartKind::Limit)),
        "rate_limit" => {
            let kind = rate(&member.node).map(PartKind::Limit);
            let part = other(text, member, at, true);
            vec![Part { kind: kind.unwrap_or_else(|| part.kind.clone()), ..part }]
        }
        "require" => items(text, &member.node, &pointer, |node| {
            condition(node).map(|found| PartKind::Condition(List::Require, found))
        }),
        "require_approval" if is_plain_ask(&member.node) => Vec::new(),
        "rules" => items(text, &member.node, &pointer, |_| None),
        _ => vec![other(text, member, at, false)],
    }
}

/// Whether a stance says all of it.
fn is_plain_ask(node: &Node) -> bool {
    node.bool().is_some() || node.items().iter().all(|item| condition(item).is_some())
}

fn items(
    text: &str,
    list: &Node,
    pointer: &str,
    read: impl Fn(&Node) -> Option<PartKind>,
) -> Vec<Part> {
    let key = pointer.rsplit('/').next().unwrap_or_default();
    let one = |(index, item): (usize, &Node)| Part {
        kind: read(item).unwrap_or_else(|| PartKind::Other(key.to_owned())),
        pointer: join(pointer, index),
        can_drop: true,
        line: position(text, item.span.start).0,
        text: written(text, (item.span.start, item.span.end)),
    };
    list.items().iter().enumerate().map(one).collect()
}

fn other(text: &str, member: &Member, at: &str, can_drop: bool) -> Part {
    let end = member.node.span.end.max(member.key_span.end);
    Part {
        kind: PartKind::Other(member.key.clone()),
        pointer: join(at, &member.key),
        can_drop,
        line: position(text, member.key_span.start).0,
        text: written(text, (member.key_span.start, end)),
    }
}

/// As it is written, moved to the left margin.
fn written(text: &str, (start, end): (usize, usize)) -> String {
    let margin = start - line(text, start).start;
    let mut lines = text[start..end].trim_end().lines();
    let mut out = lines.next().unwrap_or_default().to_owned();
    for line in lines {
        let indent = line.len() - line.trim_start_matches(' ').len();
        out.push('\n');
        out.push_str(&line[indent.min(margin)..]);
    }
    out
}

/// Only one that has nothing else.
fn condition(node: &Node) -> Option<Condition> {
    let [path, op] = [node.get("path")?.text()?, node.get("op")?.text()?].map(str::to_owned);
    let value = String::from_utf8(source::json(node.get("value")?)).ok()?;
    (node.members().len() == 3).then_some(Condition { path, op, value })
}

fn limit(node: &Node) -> Option<Limit> {
    let known = ["max", "window", "scope", "increment_from"];
    if !node.members().iter().all(|member| known.contains(&member.key.as_str())) {
        return None;
    }
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let window = node.get("window")?;
    Some(Limit {
        max: node.get("max")?.number()?.to_owned(),
        window: window.text().or(window.number())?.to_owned(),
        scope: text("scope"),
        increment_from: text("increment_from"),
    })
}

fn rate(node: &Node) -> Option<Limit> {
    let Some(text) = node.text() else { return limit(node) };
    let (max, window) = text.split_once('/')?;
    let [max, window] = [max, window].map(str::to_owned);
    Some(Limit { max, window, scope: None, increment_from: None })
}

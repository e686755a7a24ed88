//! The plans as a document.

use std::collections::BTreeSet;

use super::node::{Node, text};
use super::plan::{Entry, Plan};
use super::sharpen::Hint;

/// `{"version": "1", …}`, indented.
pub(super) fn json(description: &str, plans: &[Plan]) -> String {
    let mut parts = vec![
        "\"version\": \"1\"".to_owned(),
        format!("\"description\": {}", text(description, false)),
        "\"default\": \"deny\"".to_owned(),
    ];
    let hidden = hidden(plans);
    if !hidden.is_empty() {
        parts.push(format!("\"hide\": {}", Node::List(hidden).line(false)));
    }
    let tool = |plan: &Plan| {
        let keys = keys(&plan.entry)?.into_iter().map(|(key, node)| (key.to_owned(), node));
        Some(format!("    {}: {}", text(&plan.name, false), Node::Map(keys.collect()).line(false)))
    };
    let tools: Vec<String> = plans.iter().filter_map(tool).collect();
    parts.push(match tools.join(",\n") {
        none if none.is_empty() => "\"tools\": {}".to_owned(),
        tools => format!("\"tools\": {{\n{tools}\n  }}"),
    });
    format!("{{\n  {}\n}}\n", parts.join(",\n  "))
}

/// The same, with a comment above each tool, and what a person can add at the top.
pub(super) fn yaml(description: &str, plans: &[Plan]) -> String {
    let unlisted = |plan: &Plan| matches!(plan.entry, Entry::Unlisted);
    let tools = if plans.iter().all(unlisted) { "tools: {}" } else { "tools:" };
    let mut lines = vec![
        "version: \"1\"".to_owned(),
        format!("description: {}", text(description, false)),
        "default: deny".to_owned(),
    ];
    lines.extend(hints(plans));
    let hidden = hidden(plans);
    if !hidden.is_empty() {
        lines.push(format!("hide: {}", Node::List(hidden).line(true)));
    }
    lines.push(tools.to_owned());
    for plan in plans {
        lines.push(format!("  # {}", comment(&plan.why.join("; "))));
        let name = text(&plan.name, true);
        match keys(&plan.entry) {
            Some(keys) if keys.is_empty() => lines.push(format!("  {name}: {{}}")),
            Some(keys) => {
                lines.push(format!("  {name}:"));
                lines.extend(keys.iter().flat_map(|(key, node)| block(key, node)));
            }
            None => lines.push(format!("  # {}", comment(&plan.name))),
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

fn hidden(plans: &[Plan]) -> Vec<Node> {
    let closed = plans.iter().filter(|plan| matches!(plan.entry, Entry::Closed(_)));
    closed.map(|plan| Node::text(&plan.name)).collect()
}

/// What stands under a tool's name, in both notations; nothing if it is not listed.
fn keys(entry: &Entry) -> Option<Vec<(&'static str, Node)>> {
    match entry {
        Entry::Closed(reason) => {
            Some(vec![("action", Node::text("deny")), ("reason", Node::text(reason))])
        }
        Entry::Open(keys) => Some(keys.clone()),
        Entry::Unlisted => None,
    }
}

/// Each once, with the tools that it is about if they are few.
fn hints(plans: &[Plan]) -> Vec<String> {
    let all: BTreeSet<Hint> = plans.iter().flat_map(|plan| plan.hints.iter().copied()).collect();
    let line = |hint: Hint| {
        let about = plans.iter().filter(|plan| plan.hints.contains(&hint));
        let names: Vec<&str> = about.map(|plan| plan.name.as_str()).collect();
        let names = if names.len() > NAMED_MAX {
            format!("{} tools", names.len())
        } else {
            names.join(", ")
        };
        format!("# {}", comment(&format!("{} ({names})", hint.words())))
    };
    all.into_iter().map(line).collect()
}

const NAMED_MAX: usize = 3;

/// One key of a tool; the items of a list each on a line.
fn block(key: &str, node: &Node) -> Vec<String> {
    let Node::List(items) = node else { return vec![format!("    {key}: {}", node.line(true))] };
    let items = items.iter().map(|item| format!("      - {}", item.line(true)));
    std::iter::once(format!("    {key}:")).chain(items).collect()
}

const COMMENT_CHARS_MAX: usize = 150;

/// Foreign text on one line of comment: everything that a reader could take for a line break is
/// shown, not printed.
fn comment(line: &str) -> String {
    let shown = crate::visible(line);
    match shown.char_indices().nth(COMMENT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

//! The plans as a document.

use super::node::{Node, text};
use super::plan::{Entry, Plan};

/// `{"version": "1", …}`, indented.
pub(super) fn json(description: &str, plans: &[Plan]) -> String {
    let mut parts = vec![
        "\"version\": \"1\"".to_owned(),
        format!("\"description\": {}", text(description, false)),
        "\"default\": \"deny\"".to_owned(),
    ];
    let hidden: Vec<Node> = plans
        .iter()
        .filter(|plan| matches!(plan.entry, Entry::Closed))
        .map(|plan| Node::text(&plan.name))
        .collect();
    if !hidden.is_empty() {
        parts.push(format!("\"hide\": {}", Node::List(hidden).line(false)));
    }
    let tool = |plan: &Plan| {
        let Entry::Open(keys) = &plan.entry else { return None };
        let keys = keys.iter().map(|(key, node)| ((*key).to_owned(), node.clone())).collect();
        Some(format!("    {}: {}", text(&plan.name, false), Node::Map(keys).line(false)))
    };
    let tools: Vec<String> = plans.iter().filter_map(tool).collect();
    parts.push(match tools.join(",\n") {
        none if none.is_empty() => "\"tools\": {}".to_owned(),
        tools => format!("\"tools\": {{\n{tools}\n  }}"),
    });
    format!("{{\n  {}\n}}\n", parts.join(",\n  "))
}

/// With a comment above each tool.
pub(super) fn yaml(description: &str, plans: &[Plan]) -> String {
    let unlisted = |plan: &Plan| matches!(plan.entry, Entry::Unlisted);
    let tools = if plans.iter().all(unlisted) { "tools: {}" } else { "tools:" };
    let mut lines = vec![
        "version: \"1\"".to_owned(),
        format!("description: {}", text(description, false)),
        "default: deny".to_owned(),
        tools.to_owned(),
    ];
    for plan in plans {
        lines.extend(plan.why.iter().map(|line| format!("  # {}", comment(line))));
        let name = text(&plan.name, true);
        match &plan.entry {
            Entry::Closed => {
                lines.push(format!("  {name}:"));
                lines.push("    action: deny".to_owned());
                lines.push(format!("    reason: {}", text(CLOSED, false)));
            }
            Entry::Open(keys) if keys.is_empty() => lines.push(format!("  {name}: {{}}")),
            Entry::Open(keys) => {
                lines.push(format!("  {name}:"));
                lines.extend(keys.iter().flat_map(|(key, node)| block(key, node)));
            }
            Entry::Unlisted => lines.push(format!("  # {}", comment(&plan.name))),
        }
    }
    lines.push(String::new());
    lines.join("\n")
}

const CLOSED: &str = "Blocked by default: what this tool destroys does not come back";

/// One key of a tool; the items of a list each on a line.
fn block(key: &str, node: &Node) -> Vec<String> {
    let Node::List(items) = node else { return vec![format!("    {key}: {}", node.line(true))] };
    let items = items.iter().map(|item| format!("      - {}", item.line(true)));
    std::iter::once(format!("    {key}:")).chain(items).collect()
}

const COMMENT_CHARS_MAX: usize = 110;

/// Foreign text on one line of comment: everything that a reader could take for a line break is
/// shown, not printed.
fn comment(line: &str) -> String {
    let shown = crate::visible(line);
    match shown.char_indices().nth(COMMENT_CHARS_MAX) {
        Some((end, _)) => format!("{}…", &shown[..end]),
        None => shown,
    }
}

//! Nothing that a document says is lost: a check that is not read would deny nothing.

use super::{Document, good};
use crate::document::node::{Node, Value};
use crate::rule::Policy;

/// As many checks, entries and hidden names as the text has.
pub(super) fn check(tree: &Node, policy: &Policy) {
    let mut entries: Vec<_> = tree.get("all_tools").into_iter().collect();
    let tools = tree.get("tools").map(Node::members).unwrap_or_default();
    entries.extend(tools.iter().map(|member| &member.node));
    assert_eq!(policy.entries.len(), entries.len());
    let read: usize = policy.entries.iter().map(|entry| entry.checks.len()).sum();
    assert_eq!(read, entries.into_iter().map(checks).sum::<usize>());
    let mut hidden: Vec<_> = texts(tree.get("hide"));
    hidden.sort_unstable();
    hidden.dedup();
    assert_eq!(policy.hidden.exact.len() + policy.hidden.globs.len(), hidden.len());
}

fn checks(tool: &Node) -> usize {
    let lists = ["require", "deny_if", "limits"];
    let direct: usize = lists.iter().filter_map(|key| tool.get(key)).map(|n| n.items().len()).sum();
    let rules = tool.get("rules").map(Node::items).unwrap_or_default();
    let asks = match tool.get("require_approval").map(|node| &node.value) {
        Some(Value::Bool(true) | Value::List(_)) => 1,
        _ => 0,
    };
    direct + asks + rules.iter().map(rule).sum::<usize>() + actions(tool) + common(tool)
}

fn rule(rule: &Node) -> usize {
    if actions(rule) == 1 {
        return 1;
    }
    rule.get("conditions").map_or(0, |node| node.items().len()) + common(rule)
}

fn actions(node: &Node) -> usize {
    let action = node.get("action").and_then(Node::text);
    usize::from(matches!(action, Some("deny" | "require_approval")))
}

fn common(node: &Node) -> usize {
    let validate = node.get("validate").map(Node::members).unwrap_or_default();
    let wanted = validate.iter().filter(|member| member.node.bool() == Some(true)).count();
    wanted + usize::from(node.get("rate_limit").is_some())
}

fn texts(hide: Option<&Node>) -> Vec<&str> {
    let Some(hide) = hide else { return Vec::new() };
    hide.items().iter().chain([hide]).filter_map(Node::text).collect()
}

#[test]
fn every_check_of_every_good_document_is_read() {
    let mut read = 0;
    for document in good() {
        let policy = document.policy();
        check(&document.tree().unwrap(), &policy);
        read += policy.entries.iter().map(|entry| entry.checks.len()).sum::<usize>();
    }
    assert!(read > 50, "too few checks: {read}");
}

#[test]
fn the_counting_counts() {
    let text = "default: deny\ntools: {t: {require: [{path: args.a, op: eq, value: 1}]}}\n";
    let document = Document { name: "one".into(), text: text.into() };
    let tree = document.tree().unwrap();
    assert_eq!(checks(tree.at("/tools/t").unwrap()), 1);
    assert_eq!(document.policy().entries[0].checks.len(), 1);
}

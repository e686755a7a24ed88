//! Nothing that a document says is lost: a check that is not read would deny nothing.

use super::{Document, good};
use crate::document::node::{Node, Value};
use crate::rule::{Policy, Section};

/// As many checks, entries and hidden names as the text has.
pub(super) fn check(tree: &Node, policy: &Policy) {
    let mut tools: Vec<_> = tree.get("all_tools").into_iter().collect();
    tools.extend(members(tree, "tools"));
    check_section(&tools, Some(&policy.tools));
    for (key, section) in [
        ("prompts", &policy.prompts),
        ("resources", &policy.resources),
        ("server_requests", &policy.server_requests),
    ] {
        assert_eq!(section.is_some(), tree.get(key).is_some(), "{key}");
        check_section(&members(tree, key), section.as_ref());
    }
    let mut hidden: Vec<_> = texts(tree.get("hide"));
    hidden.sort_unstable();
    hidden.dedup();
    assert_eq!(policy.hidden.exact.len() + policy.hidden.globs.len(), hidden.len());
}

/// What stands under names; a section's own `default` is a text.
fn members<'a>(tree: &'a Node, section: &str) -> Vec<&'a Node> {
    let members = tree.get(section).map(Node::members).unwrap_or_default();
    members.iter().map(|member| &member.node).filter(|node| node.text().is_none()).collect()
}

fn check_section(entries: &[&Node], section: Option<&Section>) {
    let read = section.map(|section| &section.entries[..]).unwrap_or_default();
    assert_eq!(read.len(), entries.len());
    let count: usize = read.iter().map(|entry| entry.checks.len()).sum();
    assert_eq!(count, entries.iter().map(|entry| checks(entry)).sum::<usize>());
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
        read += policy.tools.entries.iter().map(|entry| entry.checks.len()).sum::<usize>();
    }
    assert!(read > 50, "too few checks: {read}");
}

#[test]
fn the_counting_counts() {
    let text = "default: deny\ntools: {t: {require: [{path: args.a, op: eq, value: 1}]}}\n";
    let document = Document { name: "one".into(), text: text.into() };
    let tree = document.tree().unwrap();
    assert_eq!(checks(tree.at("/tools/t").unwrap()), 1);
    assert_eq!(document.policy().tools.entries[0].checks.len(), 1);
}

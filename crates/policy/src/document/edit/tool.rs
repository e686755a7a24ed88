//! Edits of one tool, as changes of its entry.

use crate::document::node::{Node, Value};
use crate::document::pointer::join;
use crate::document::terms;

use super::builder::{Stance, own_stance};
use super::piece::{self, word};
use super::source::{Source, parent_of};
use super::text::EditError;

/// Keys that a document begins with.
const HEAD: [&str; 5] = ["$schema", "version", "description", "default", "mode"];
/// Lists of which a builder takes items away.
const LISTS: [&str; 4] = ["deny_if", "limits", "require", "rules"];

/// Sets a key that stands at the top.
pub(super) fn head(source: Source, key: &str, value: &Node) -> Result<Source, EditError> {
    let members = source.tree.members();
    if members.iter().any(|member| member.key == key) {
        return source.set("", key, value);
    }
    let last = members.iter().rposition(|member| HEAD.contains(&member.key.as_str()));
    source.insert("", last.map_or(0, |last| last + 1), (Some(key), value))
}

/// `shadow` is said; `enforce` only where something says otherwise.
pub(super) fn mode(source: Source, tool: Option<&str>, shadow: bool) -> Result<Source, EditError> {
    let value = word(if shadow { "shadow" } else { "enforce" });
    let Some(tool) = tool else {
        if !shadow && source.at("/mode").is_none() {
            return Ok(source);
        }
        return head(source, "mode", &value);
    };
    let (source, at) = listed(source, tool)?;
    source.set(&at, "mode", &value)
}

/// Adds an item to a list directly under the tool.
pub(super) fn push(
    source: Source,
    tool: &str,
    key: &str,
    (item, at): (&Node, Option<usize>),
) -> Result<Source, EditError> {
    let (source, entry) = listed(source, tool)?;
    let list = join(&entry, key);
    match source.at(&list).map(|node| (&node.value, node.items().len())) {
        None => source.set(&entry, key, &piece::node(Value::List(vec![item.clone()]))),
        Some((Value::List(_), count)) => {
            source.insert(&list, at.unwrap_or(count).min(count), (None, item))
        }
        Some(_) => Err(EditError::Layout("something else stands there")),
    }
}

/// What stands in `text`, an entry or a document with that entry, is put under the tool. Lists that
/// are there already go on; a question that is asked there already is not changed.
pub(super) fn add_rule(source: Source, tool: &str, text: &str) -> Result<Source, EditError> {
    let unreadable = |_| EditError::Value("the rule cannot be read".to_owned());
    let rule = Source::read(text).map_err(unreadable)?;
    let (mut source, entry) = listed(source, tool)?;
    let own = rule.tree.get("tools").and_then(|tools| tools.get(tool)).unwrap_or(&rule.tree);
    for member in own.members() {
        let there = join(&entry, &member.key);
        source = match (source.at(&there).map(|node| &node.value), &member.node.value) {
            (Some(_), _) if member.key == "require_approval" => {
                return Err(EditError::Layout("a person is asked there already"));
            }
            (Some(Value::List(_)), Value::List(items)) => {
                let mut source = source;
                for item in items {
                    let count = source.at(&there).map_or(0, |node| node.items().len());
                    source = source.insert(&there, count, (None, item))?;
                }
                source
            }
            _ => source.set(&entry, &member.key, &member.node)?,
        };
    }
    Ok(source)
}

/// Takes an item or a limit of a tool away.
pub(super) fn drop(source: Source, pointer: &str) -> Result<Source, EditError> {
    let steps: Vec<_> = pointer.split('/').skip(1).collect();
    let known = match steps[..] {
        ["tools", _, "rate_limit"] => true,
        ["tools", _, list, _] => LISTS.contains(&list),
        _ => false,
    };
    if !known {
        return Err(EditError::Layout("it is part of something else"));
    }
    let list = parent_of(pointer);
    let is_last_item = source.at(list).is_some_and(|node| node.items().len() == 1);
    // An empty list keeps its place among the other keys, unless nothing stands behind it.
    if steps.len() == 4 && is_last_item && is_last_member(&source, list) {
        return source.drop(list);
    }
    source.drop(pointer)
}

pub(super) fn forget(source: Source, tool: &str) -> Result<Source, EditError> {
    let entry = join("/tools", tool);
    match source.at(&entry) {
        None => Ok(source),
        Some(node) if node.members().is_empty() => source.drop(&entry),
        Some(_) => Err(EditError::Layout("it has rules")),
    }
}

pub(super) fn stance(source: Source, tool: &str, stance: &Stance) -> Result<Source, EditError> {
    if *stance == Stance::Hide {
        return hide(source, tool);
    }
    let source = show(source, tool)?;
    let (source, entry) = listed(source, tool)?;
    // What is said already, in whatever words, is not said anew.
    if source.at(&entry).is_some_and(|node| own_stance(node) == *stance) {
        return Ok(source);
    }
    match stance {
        Stance::Allow => act(approve(source, &entry, None)?, &entry, "allow"),
        Stance::Approve(conditions) => {
            let items: Result<Vec<_>, _> = conditions.iter().map(piece::condition).collect();
            let ask = match items? {
                none if none.is_empty() => piece::node(Value::Bool(true)),
                items => piece::node(Value::List(items)),
            };
            approve(act(source, &entry, "allow")?, &entry, Some(&ask))
        }
        Stance::Deny => act(approve(source, &entry, None)?, &entry, "deny"),
        Stance::Hide => Ok(source),
    }
}

/// Sets `action`; what holds anyway is written only in place of something else.
fn act(source: Source, entry: &str, action: &str) -> Result<Source, EditError> {
    let there = source.at(&join(entry, "action")).map(Node::text);
    match (there, action) {
        (None | Some(Some("evaluate")), "allow") => Ok(source),
        _ => source.set(entry, "action", &word(action)),
    }
}

/// Sets `require_approval`. What nobody is asked by any more keeps its place as `false` for as long
/// as something stands behind it or says how people are asked.
fn approve(source: Source, entry: &str, ask: Option<&Node>) -> Result<Source, EditError> {
    let key = join(entry, "require_approval");
    let Some(ask) = ask else {
        let node = source.at(entry);
        let has_terms =
            node.is_some_and(|node| terms::KEYS.iter().any(|key| node.get(key).is_some()));
        let is_asked =
            source.at(&join(entry, "action")).and_then(Node::text) == Some("require_approval");
        return match source.at(&key) {
            None if !(has_terms && is_asked) => Ok(source),
            Some(_) if !has_terms && is_last_member(&source, &key) => source.drop(&key),
            _ => source.set(entry, "require_approval", &piece::node(Value::Bool(false))),
        };
    };
    source.set(entry, "require_approval", ask)
}

/// The tool's entry, and where it is; an empty one is made where there is none.
fn listed(source: Source, tool: &str) -> Result<(Source, String), EditError> {
    let entry = join("/tools", tool);
    let empty = || piece::node(Value::Map(Vec::new()));
    if source.at(&entry).is_some() {
        return Ok((source, entry));
    }
    let source = match source.at("/tools").map(|node| (&node.value, node.members().len())) {
        None => {
            let all = piece::node(Value::Map(vec![piece::member(tool, empty())]));
            source.set("", "tools", &all)?
        }
        Some((Value::Map(_), count)) => source.insert("/tools", count, (Some(tool), &empty()))?,
        Some(_) => return Err(EditError::Unreadable),
    };
    Ok((source, entry))
}

fn hide(source: Source, tool: &str) -> Result<Source, EditError> {
    let one = || piece::node(Value::List(vec![word(tool)]));
    match source.at("/hide").map(|node| &node.value) {
        None => {
            let members = source.tree.members();
            let head = |key: &String| HEAD.contains(&key.as_str());
            let last = members.iter().rposition(|member| head(&member.key));
            source.insert("", last.map_or(0, |last| last + 1), (Some("hide"), &one()))
        }
        Some(Value::List(items)) if items.iter().any(|item| item.text() == Some(tool)) => {
            Ok(source)
        }
        Some(Value::List(items)) => {
            let count = items.len();
            source.insert("/hide", count, (None, &word(tool)))
        }
        Some(Value::Text(text)) if text.text == tool => Ok(source),
        Some(Value::Text(text)) => {
            let both = Value::List(vec![word(&text.text), word(tool)]);
            source.set("", "hide", &piece::node(both))
        }
        Some(_) => Err(EditError::Unreadable),
    }
}

/// Takes a tool out of `hide`. Patterns stay: they hide others, too.
fn show(source: Source, tool: &str) -> Result<Source, EditError> {
    let Some(hide) = source.at("/hide") else { return Ok(source) };
    if hide.text() == Some(tool) {
        return source.set("", "hide", &piece::node(Value::List(Vec::new())));
    }
    match hide.items().iter().position(|item| item.text() == Some(tool)) {
        Some(index) => source.drop(&format!("/hide/{index}")),
        None => Ok(source),
    }
}

fn is_last_member(source: &Source, pointer: &str) -> bool {
    let parent = source.at(parent_of(pointer));
    let last = parent.and_then(|parent| parent.members().last());
    last.is_some_and(|last| join(parent_of(pointer), &last.key) == pointer)
}

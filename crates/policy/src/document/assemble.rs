//! The tree to a policy.

use std::collections::BTreeSet;

use crate::document::canonical::canonical;
use crate::document::conditions::has_too_many_patterns;
use crate::document::doubts;
use crate::document::entries::{self, Draft, Reach, records};
use crate::document::findings::Findings;
use crate::document::keys::DOCUMENT;
use crate::document::node::{Node, Value};
use crate::document::shape;
use crate::glob::Glob;
use crate::rule::{Entry, Index, Names, Policy, Posture};

/// The policy, if nothing is wrong with it. All that is wrong is in the findings.
pub(crate) fn policy(document: &Node, findings: &mut Findings) -> Option<Policy> {
    if !matches!(document.value, Value::Map(_)) {
        findings
            .error(document.span, format!("a policy is a mapping, not {}", document.what()))
            .help("the shortest policy is `default: deny`");
        return None;
    }
    shape::check(document, &DOCUMENT, findings);
    if has_too_many_patterns(document) {
        findings
            .error(document.span, "the document has more than 1000 regular expressions")
            .help("`in` lists texts, and `a|b` joins expressions");
        return None;
    }
    let default = posture(document);
    let hidden = hidden(document, findings);
    let drafts = entries::read(document, findings);
    if findings.failed() {
        return None;
    }
    doubts::warn(document, default, &hidden, &drafts, findings);
    let record_arguments = records(document);
    let canonical = canonical(default, &hidden, record_arguments, &drafts);
    let (entries, index) = place(drafts);
    let hidden = names(hidden);
    Some(Policy { default, hidden, entries, index, record_arguments, canonical })
}

fn posture(document: &Node) -> Posture {
    match document.get("default").and_then(Node::text) {
        Some("deny") => Posture::Deny,
        _ => Posture::Allow,
    }
}

/// Names and patterns, each once, in one order.
fn hidden(document: &Node, findings: &mut Findings) -> Vec<String> {
    let mut hidden = BTreeSet::new();
    let Some(hide) = document.get("hide") else { return Vec::new() };
    let one = std::slice::from_ref(hide);
    for node in if hide.text().is_some() { one } else { hide.items() } {
        let Some(name) = node.text() else { continue };
        if let (true, Err(message)) = (Glob::is_pattern(name), Glob::parse(name)) {
            findings.error(node.span, message);
        }
        if !hidden.insert(name.to_owned()) {
            findings.warning(node.span, format!("`{name}` is hidden already")).help("remove it");
        }
    }
    hidden.into_iter().collect()
}

fn names(hidden: Vec<String>) -> Names {
    let mut names = Names::default();
    for name in hidden {
        match Glob::parse(&name) {
            Ok(glob) if Glob::is_pattern(&name) => names.globs.push(glob),
            _ => {
                names.exact.insert(name);
            }
        }
    }
    names
}

fn place(drafts: Vec<Draft>) -> (Vec<Entry>, Index) {
    let mut index = Index::default();
    let mut entries = Vec::with_capacity(drafts.len());
    for (at, draft) in drafts.into_iter().enumerate() {
        match draft.reach {
            Reach::All | Reach::Every => index.every.push(at),
            Reach::Pattern(glob) => index.globs.push((glob, at)),
            Reach::Tool => {
                index.exact.insert(draft.key.clone(), at);
            }
        }
        let checks = draft.lines.into_iter().map(|line| line.check).collect();
        entries.push(Entry { checks, record_arguments: draft.record_arguments });
    }
    (entries, index)
}

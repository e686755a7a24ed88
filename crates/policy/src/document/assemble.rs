//! The tree to a policy.

use std::collections::BTreeSet;

use crate::cases::Case;
use crate::document::canonical::canonical;
use crate::document::cases;
use crate::document::conditions::has_too_many_patterns;
use crate::document::doubts;
use crate::document::entries::{Drafts, Reach, Sections, records, results};
use crate::document::findings::Findings;
use crate::document::keys::DOCUMENT;
use crate::document::modes::Mode;
use crate::document::node::{Node, Value};
use crate::document::shape;
use crate::document::terms;
use crate::glob::Glob;
use crate::limit::Counter;
use crate::rule::{Check, Entry, Index, Names, Policy, Section, Test};
use crate::terms::Terms;
use crate::uri::folded_glob;

/// The policy with its tests, if nothing is wrong with them. All that is wrong is in the findings.
pub(crate) fn policy(document: &Node, findings: &mut Findings) -> Option<(Policy, Vec<Case>)> {
    if !matches!(document.value, Value::Map(_)) {
        findings
            .error(document.span, format!("a policy is a mapping, not {}", document.what()))
            .help("the shortest policy is `default: deny`");
        return None;
    }
    shape::check(document, &DOCUMENT, findings);
    let cases = cases::read(document, findings);
    let draft = draft(document, findings)?;
    doubts::warn(document, &draft.hidden, (&draft.sections, &draft.terms), findings);
    Some((put_together(document, draft), cases))
}

/// A policy whose outline has been checked already. Nobody is told of its doubts.
pub(crate) fn without_remarks(document: &Node, findings: &mut Findings) -> Option<Policy> {
    draft(document, findings).map(|draft| put_together(document, draft))
}

/// What is read before it is put in its place.
struct Draft {
    hidden: Vec<String>,
    sections: Sections,
    terms: Terms,
}

/// Nothing if anything is wrong with the document.
fn draft(document: &Node, findings: &mut Findings) -> Option<Draft> {
    if has_too_many_patterns(document) {
        findings
            .error(document.span, "the document has more than 1000 regular expressions")
            .help("`in` lists texts, and `a|b` joins expressions");
        return None;
    }
    let hidden = hidden(document, findings);
    let sections = Sections::read(document, findings);
    let terms = terms::read_all(document, findings);
    (!findings.failed()).then_some(Draft { hidden, sections, terms })
}

fn put_together(document: &Node, draft: Draft) -> Policy {
    let Draft { hidden, sections, terms } = draft;
    let record_arguments = records(document);
    let results = results(document).map(|results| sections.mode.of_results(results));
    let canonical = canonical(&hidden, (record_arguments, results), &terms, &sections);
    let of_tools = || sections.tools.entries.iter().any(|draft| draft.results.is_some());
    let looks_at_results = results.is_some() || of_tools();
    let (shadow, shadowed) = (sections.mode == Mode::Shadow, shadowed(&sections));
    let place = |drafts| place(drafts, &terms);
    let mut resources = sections.resources.map(place);
    if let Some(resources) = &mut resources {
        fold(&mut resources.index);
    }
    Policy {
        shadow,
        hidden: names(hidden),
        tools: place(sections.tools),
        prompts: sections.prompts.map(place),
        resources,
        server_requests: sections.server_requests.map(place),
        record_arguments,
        results,
        looks_at_results,
        shadowed,
        canonical,
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

fn place(drafts: Drafts, terms: &Terms) -> Section {
    let mut index = Index::default();
    let mut entries = Vec::with_capacity(drafts.entries.len());
    for (at, draft) in drafts.entries.into_iter().enumerate() {
        match draft.reach {
            Reach::All | Reach::Every => index.every.push(at),
            Reach::Name => {
                index.exact.insert(draft.key.clone(), at);
            }
            Reach::Pattern(glob) => index.globs.push((glob, at)),
        }
        let checks = draft.lines.into_iter().map(|line| settled(line.check, terms)).collect();
        let (record_arguments, results) = (draft.record_arguments, draft.results);
        let pointer = draft.pointer.into();
        entries.push(Entry { pointer, checks, record_arguments, results });
    }
    Section { default: drafts.default, entries, index }
}

/// What a rule does not say of its question, the document says.
fn settled(mut check: Check, terms: &Terms) -> Check {
    if let Test::Approve(ask) = &mut check.test {
        ask.terms = std::mem::take(&mut ask.terms).or(terms);
    }
    check
}

/// Each counter that a limit in shadow goes by, once.
fn shadowed(sections: &Sections) -> Vec<Counter> {
    let drafts = sections.all().flat_map(|(_, drafts)| &drafts.entries);
    let mut counters: Vec<_> = drafts
        .flat_map(|draft| &draft.lines)
        .filter(|line| line.check.shadow)
        .filter_map(|line| match &line.check.test {
            Test::Limit(limit) => Some(limit.counter()),
            _ => None,
        })
        .collect();
    counters.sort();
    counters.dedup();
    counters
}

/// Each name and pattern by the spelling that all readings of it share.
fn fold(index: &mut Index) {
    let names = index.exact.iter().map(|(name, at)| (folded_glob(name), *at));
    let globs = index.globs.iter().map(|(glob, at)| (folded_glob(glob.as_str()), *at));
    index.folded = names.chain(globs).collect();
}

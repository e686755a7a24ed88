//! What is no mistake in the notation, and yet hardly what its author wants.

use crate::document::counters;
use crate::document::entries::{DEFAULT, Draft, Drafts, Reach, Sections};
use crate::document::findings::{Findings, quoted};
use crate::document::line::Line;
use crate::document::modes::{self, Mode};
use crate::document::node::Node;
use crate::document::span::Span;
use crate::glob::Glob;
use crate::rule::{Posture, Test};
use crate::terms::Terms;

const COMPARED_MAX: usize = 1_000_000;
const NOBODY: &str = "nobody can say yes to a call that this rule and another one ask about";

pub(crate) fn warn(
    document: &Node,
    hidden: &[String],
    (sections, terms): (&Sections, &Terms),
    findings: &mut Findings,
) {
    let start = Span::new(document.span.start, document.span.start);
    if document.get("default").is_none() {
        findings
            .warning(start, "there is no `default`: tools that are not listed are allowed")
            .help("add `default: deny`, or say `default: allow` to keep it so");
    }
    modes::warn(document, sections, findings);
    warn_of_nobody(document, (sections, terms), findings);
    warn_of_idle(hidden, sections, start, findings);
    warn_of_hidden(document, hidden, findings);
    for (key, drafts) in sections.all() {
        warn_of_idle_section(document, key, drafts, findings);
        warn_of_star(document, key, (drafts, sections.mode), findings);
        counters::warn(document, &drafts.entries, findings);
    }
}

/// Documents that deny nothing, or everything.
fn warn_of_idle(hidden: &[String], sections: &Sections, start: Span, findings: &mut Findings) {
    let mut others = sections.others().into_iter().filter_map(|(_, drafts)| drafts);
    let tools = &sections.tools;
    match tools.default {
        Posture::Allow if !tools.checks() && hidden.is_empty() && others.next().is_none() => {
            findings
                .warning(start, "the policy denies nothing")
                .help("tools are allowed by default, and no tool has a check");
        }
        // A document for servers without tools is not idle.
        Posture::Deny if !tools.lists() && !allows_others(sections) => {
            findings
                .warning(start, "the policy denies every call")
                .help("`tools: {read_file: {}}` lists a tool, and so allows it");
        }
        Posture::Allow | Posture::Deny => {}
    }
}

/// Rules that can want a yes to one call, and name nobody in common who could give it.
fn warn_of_nobody(
    document: &Node,
    (sections, default): (&Sections, &Terms),
    findings: &mut Findings,
) {
    for (_, drafts) in sections.all() {
        let of_all = |draft: &&Draft| matches!(draft.reach, Reach::All | Reach::Every);
        let common: Vec<_> = drafts.entries.iter().filter(of_all).collect();
        let own = drafts.entries.iter().filter(|draft| !of_all(draft));
        let alone = common.first().map(|draft| (*draft, &common[1..]));
        for (draft, others) in own.map(|draft| (draft, &common[..])).chain(alone) {
            let lines = others.iter().flat_map(|draft| &draft.lines).chain(&draft.lines);
            let Some(pointer) = hopeless(lines, default) else { continue };
            let span = document.at(pointer).map_or(document.span, |node| node.span);
            findings
                .warning(span, NOBODY)
                .help("name somebody in `approvers` of both; such a call is denied");
        }
    }
}

/// The first rule that nobody can say yes to, together with those before it.
fn hopeless<'a>(lines: impl Iterator<Item = &'a Line>, default: &Terms) -> Option<&'a str> {
    let mut terms = Terms::default();
    for line in lines {
        if let Test::Approve(ask) = &line.check.test {
            terms = terms.and(&ask.terms.clone().or(default));
        }
        if terms.is_hopeless() {
            return Some(&line.check.pointer);
        }
    }
    None
}

/// Whether any resource or prompt is allowed.
fn allows_others(sections: &Sections) -> bool {
    let others = [&sections.resources, &sections.prompts].into_iter().flatten();
    others.into_iter().any(|drafts| drafts.default == Posture::Allow || drafts.lists())
}

/// Sections that deny nothing, or everything without saying so.
fn warn_of_idle_section(document: &Node, key: &str, drafts: &Drafts, findings: &mut Findings) {
    let Some(section) = document.member(key).filter(|_| key != "tools") else { return };
    let says = section.node.get(DEFAULT).is_some_and(|node| node.text().is_some());
    match drafts.default {
        Posture::Allow if !drafts.checks() => {
            findings
                .warning(section.key_span, format!("`{key}` denies nothing"))
                .help("add `default: deny` to it, and list what is allowed");
        }
        Posture::Deny if !says && !drafts.lists() => {
            findings
                .warning(section.key_span, format!("`{key}` lists nothing, and so denies all"))
                .help("`default: deny` in it says so plainly");
        }
        Posture::Allow | Posture::Deny => {}
    }
}

/// Entries that never come into play.
fn warn_of_hidden(document: &Node, hidden: &[String], findings: &mut Findings) {
    let globs: Vec<_> = hidden
        .iter()
        .filter(|name| Glob::is_pattern(name))
        .filter_map(|name| Glob::parse(name).ok())
        .collect();
    let tools = document.get("tools").map(Node::members).unwrap_or_default();
    // A warning is not worth minutes of comparing.
    let globs = if globs.len() * tools.len() > COMPARED_MAX { Vec::new() } else { globs };
    for member in tools {
        let name = member.key.as_str();
        let exact = hidden.binary_search_by(|other| other.as_str().cmp(name)).is_ok();
        let caught = !Glob::is_pattern(name) && globs.iter().any(|glob| glob.matches(name));
        if (exact || caught) && !is_only_denied(&member.node) {
            findings
                .warning(
                    member.key_span,
                    format!("{} is hidden: nothing here is ever asked", quoted(name)),
                )
                .help("take it out of `hide`, or out of `tools`");
        }
    }
}

/// What is hidden may say why: `action: deny` with its reason, and nothing else.
fn is_only_denied(entry: &Node) -> bool {
    let denies = entry.get("action").and_then(Node::text) == Some("deny");
    denies && entry.members().iter().all(|one| matches!(&*one.key, "action" | "reason" | "on_deny"))
}

/// `*` adds checks to every name; it lists none.
fn warn_of_star(
    document: &Node,
    key: &str,
    (drafts, mode): (&Drafts, Mode),
    findings: &mut Findings,
) {
    let Some(star) = document.get(key).and_then(|section| section.member("*")) else { return };
    let checks = drafts.entries.iter().any(|d| d.reach == Reach::Every && !d.lines.is_empty());
    if drafts.default == Posture::Deny && mode == Mode::Enforce && !checks {
        let what = if key == "tools" { "tool" } else { "name" };
        let all = if key == "tools" { "every tool" } else { "all of them" };
        findings
            .warning(
                star.key_span,
                format!("`*` lists no {what}: those that are not named stay denied"),
            )
            .help(format!("it adds checks to {all}; `default: allow` lets the others pass"));
    }
}

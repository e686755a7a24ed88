//! What is no mistake in the notation, and yet hardly what its author wants.

use crate::document::counters;
use crate::document::entries::{Draft, Reach};
use crate::document::findings::{Findings, quoted};
use crate::document::node::Node;
use crate::document::span::Span;
use crate::glob::Glob;
use crate::rule::Posture;

const COMPARED_MAX: usize = 1_000_000;

pub(crate) fn warn(
    document: &Node,
    default: Posture,
    hidden: &[String],
    drafts: &[Draft],
    findings: &mut Findings,
) {
    let start = Span::new(document.span.start, document.span.start);
    if document.get("default").is_none() {
        findings
            .warning(start, "there is no `default`: tools that are not listed are allowed")
            .help("add `default: deny`, or say `default: allow` to keep it so");
    }
    if let Some(approvals) = document.member("approvals") {
        findings.warning(approvals.key_span, "`approvals` has no effect yet");
    }
    warn_of_idle(default, hidden, drafts, start, findings);
    warn_of_hidden(document, hidden, findings);
    warn_of_star(document, default, drafts, findings);
    counters::warn(document, drafts, findings);
}

/// Documents that deny nothing, or everything.
fn warn_of_idle(
    default: Posture,
    hidden: &[String],
    drafts: &[Draft],
    start: Span,
    findings: &mut Findings,
) {
    let checks = drafts.iter().any(|draft| !draft.lines.is_empty());
    let lists = drafts.iter().any(|draft| !matches!(draft.reach, Reach::All | Reach::Every));
    match default {
        Posture::Allow if !checks && hidden.is_empty() => {
            findings
                .warning(start, "the policy denies nothing")
                .help("tools are allowed by default, and no tool has a check");
        }
        Posture::Deny if !lists => {
            findings
                .warning(start, "the policy denies every call")
                .help("`tools: {read_file: {}}` lists a tool, and so allows it");
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
        if exact || caught {
            findings
                .warning(
                    member.key_span,
                    format!("{} is hidden: nothing here is ever asked", quoted(name)),
                )
                .help("take it out of `hide`, or out of `tools`");
        }
    }
}

/// `tools.*` adds checks to every tool; it lists none.
fn warn_of_star(document: &Node, default: Posture, drafts: &[Draft], findings: &mut Findings) {
    let Some(star) = document.get("tools").and_then(|tools| tools.member("*")) else { return };
    let checks = drafts.iter().any(|d| d.reach == Reach::Every && !d.lines.is_empty());
    if default == Posture::Deny && !checks {
        findings
            .warning(star.key_span, "`*` lists no tool: those that are not named stay denied")
            .help("it adds checks to every tool; `default: allow` lets the others pass");
    }
}

//! `tests`: read, and held against the policy that they stand in.

mod call;
mod expect;
pub(crate) mod keys;
mod time;

use std::sync::Arc;

use crate::call::Definition;
use crate::cases::{Case, Earlier, Trial, run};
use crate::definition::ToolDefinition;
use crate::document::assemble;
use crate::document::findings::{Findings, quoted};
use crate::document::node::Node;
use crate::document::quantity::duration_s;
use crate::document::span::Span;
use crate::rule::Policy;

/// Calls that the tests of one document may make, those that went before among them. They are
/// made at every start and every reload.
const CALLS_MAX: usize = 100_000;
/// Noon, so that neither a minute nor a day ends.
const NOW_S: u64 = 1_767_268_800;

/// All tests of the document. What is wrong with them is in the findings.
pub(crate) fn read(document: &Node, findings: &mut Findings) -> Vec<Case> {
    let items = document.get("tests").map(Node::items).unwrap_or_default();
    let mut calls: usize = 0;
    let mut cases = Vec::new();
    for item in items {
        let Some(case) = read_one(item, document, findings) else { continue };
        let earlier = case.history.iter().map(|one| one.times as usize);
        let each = earlier.fold(1, usize::saturating_add);
        calls = calls.saturating_add(case.asked.len().saturating_mul(each));
        if calls > CALLS_MAX {
            findings
                .error(item.span, format!("the tests make more than {CALLS_MAX} calls"))
                .help("fewer `times`, or fewer tools and arguments in one test");
            break;
        }
        cases.push(case);
    }
    cases
}

/// Runs the tests.
pub(crate) fn try_all(policy: &Policy, cases: &[Case]) -> Vec<Trial> {
    cases.iter().flat_map(|case| run(policy, case)).collect()
}

/// A policy whose tests fail is not what its author thinks: each failure is an error.
pub(crate) fn refuse_failed(trials: &[Trial], document: &Node, findings: &mut Findings) {
    for trial in trials {
        let misses = trial.misses();
        if misses.is_empty() {
            continue;
        }
        let name = trial.name.as_ref().map(|name| format!("{} ", quoted(name)));
        let (name, call) = (name.unwrap_or_default(), quoted(&trial.call));
        let message = format!("test {name}fails for {call}: {}", misses.join("; "));
        let finding = findings.error(trial.expect_span, message);
        let came = &trial.came;
        if !came.says.is_empty() {
            finding.help(format!("the agent would hear: {}", came.says));
        }
        if came.layer == trial.layer
            && let Some(span) = document.place(&came.pointer)
        {
            finding.related(span, "this decides");
        }
    }
}

fn read_one(item: &Node, document: &Node, findings: &mut Findings) -> Option<Case> {
    let above = above(item, findings)?;
    let history = item.get("history").map(Node::items).unwrap_or_default();
    let history = history.iter().map(|one| earlier(one, findings)).collect::<Option<Vec<_>>>();
    let now_s = match item.get("at") {
        Some(at) => time::read(at, findings),
        None => Some(NOW_S),
    };
    let definition = definition(item, findings);
    let asked = call::asked(item, findings);
    let expect = item.get("expect")?;
    let trees: Vec<&Node> =
        item.get("above").map(Node::items).unwrap_or_default().iter().chain([document]).collect();
    let expected = expect::read(expect, &trees, findings);
    Some(Case {
        name: item.get("name").and_then(Node::text).map(str::to_owned),
        span: item.span,
        expect_span: expect_span(item),
        asked: asked?,
        definition: definition?,
        history: history?,
        approved: item.get("approved").and_then(Node::bool).unwrap_or(false),
        now_s: now_s?,
        above,
        expected: expected?,
    })
}

/// Its key too: what stands behind it may be long.
fn expect_span(item: &Node) -> Span {
    let member = item.member("expect");
    member.map_or(item.span, |member| match member.node.text() {
        Some(_) => member.node.span,
        None => member.key_span,
    })
}

fn above(item: &Node, findings: &mut Findings) -> Option<Vec<Policy>> {
    let documents = item.get("above").map(Node::items).unwrap_or_default();
    let mut policies = Vec::with_capacity(documents.len());
    for document in documents {
        if let Some(tests) = document.member("tests") {
            findings
                .error(tests.key_span, "a policy above this one has its tests elsewhere")
                .help("remove them here");
            return None;
        }
        policies.push(assemble::without_remarks(document, findings)?);
    }
    Some(policies)
}

fn definition(item: &Node, findings: &mut Findings) -> Option<Definition> {
    let Some(node) = item.get("definition") else { return Some(Definition::Unknown) };
    let document = call::json(node, findings)?;
    match ToolDefinition::read(document.root()) {
        Ok(definition) => Some(Definition::Known(Arc::new(definition))),
        Err(error) => {
            findings
                .error(node.span, format!("this is no tool's definition: {error}"))
                .help("write it as the server does: `{inputSchema: {type: object, …}}`");
            None
        }
    }
}

fn earlier(item: &Node, findings: &mut Findings) -> Option<Earlier> {
    let seconds = |key: &str| {
        item.get(key).and_then(Node::text).and_then(duration_s).map_or(0, std::num::NonZero::get)
    };
    let text = |key: &str| item.get(key).and_then(Node::text).map(str::to_owned);
    let (ago_s, every_s) = (seconds("ago"), seconds("every"));
    let times = match item.get("times") {
        Some(node) => call::count(node, findings)?,
        None => 1,
    };
    let last_s = u64::from(times.saturating_sub(1)).saturating_mul(every_s);
    if last_s > ago_s {
        findings
            .error(item.span, "the last of these calls would come after the one that is tested")
            .help(format!("`ago` says when the first of them came: at least `{last_s}s`"));
        return None;
    }
    let arguments = match item.get("args") {
        Some(node) => Some(call::json(node, findings)?),
        None => None,
    };
    let (subject, names) = call::what(item, findings)?;
    Some(Earlier {
        what: names.into_iter().next().map(|name| (subject, name)),
        arguments,
        grant: text("grant"),
        principal: text("principal"),
        server: text("server"),
        ago_s,
        times,
        every_s,
        approved: item.get("approved").and_then(Node::bool).unwrap_or(true),
    })
}

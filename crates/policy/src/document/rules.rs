//! `rules`: one rule after the other, each a few checks.

use crate::document::conditions::{self, compares_typed, counter_path};
use crate::document::deviation::Deviation;
use crate::document::findings::Findings;
use crate::document::keys::RULE;
use crate::document::limits;
use crate::document::line::{Line, Spelling};
use crate::document::modes::Mode;
use crate::document::node::{Node, Value};
use crate::document::place::Place;
use crate::document::state::Counters;
use crate::document::terms;
use crate::document::words;
use crate::rule::{Ask, Test};

/// The checks of all rules, in order.
pub(crate) fn read(rules: &Node, place: &Place<'_>, findings: &mut Findings) -> Vec<Line> {
    let mut counters = Counters::read(rules.items(), findings);
    let mut lines = Vec::new();
    for (i, rule) in rules.items().iter().enumerate() {
        let on_deny = words::read(rule, findings);
        let checks = read_rule(rule, &place.inside(i), &mut counters, findings);
        let mode = Mode::of(rule);
        lines.extend(checks.into_iter().map(|line| line.or_says(on_deny).or_mode(mode)));
    }
    counters.refuse_unbounded(place.owner, findings);
    lines
}

fn read_rule(
    rule: &Node,
    place: &Place<'_>,
    counters: &mut Counters,
    findings: &mut Findings,
) -> Vec<Line> {
    match rule.get("action").map(Node::text) {
        Some(Some("deny")) => {
            refuse_beside_deny(rule, findings);
            vec![Line::new(place.pointer.clone(), Test::Deny, Spelling::default())]
        }
        Some(Some("require_approval")) => {
            refuse_beside_approval(rule, findings);
            let conditions = rule.get("conditions");
            vec![ask(conditions, rule, place, findings)]
        }
        Some(Some("allow")) => read_checks(rule, place, counters, findings),
        Some(Some("evaluate")) | None => {
            refuse_idle(rule, findings);
            read_checks(rule, place, counters, findings)
        }
        // Refused already; what the rule means cannot be said.
        Some(_) => Vec::new(),
    }
}

fn read_checks(
    rule: &Node,
    place: &Place<'_>,
    counters: &mut Counters,
    findings: &mut Findings,
) -> Vec<Line> {
    let why = "nobody is asked here: the rule has another action";
    terms::refuse(rule, why, "`action: require_approval` asks a person", findings);
    let mut lines = Vec::new();
    if let Some(conditions) = rule.get("conditions") {
        let place = place.inside("conditions");
        for (i, node) in conditions.items().iter().enumerate() {
            lines.extend(read_condition(node, &place.inside(i), counters, findings));
        }
    }
    if let Some(validate) = rule.get("validate") {
        lines.extend(read_validate(validate, &place.inside("validate"), findings));
    }
    if let Some(rate) = rule.get("rate_limit") {
        lines.extend(limits::read_rate(rate, &place.inside("rate_limit"), findings));
    }
    lines
}

fn read_condition(
    node: &Node,
    place: &Place<'_>,
    counters: &mut Counters,
    findings: &mut Findings,
) -> Option<Line> {
    if counter_path(node).is_some() {
        return counters.bound(node, place, findings);
    }
    if compares_typed(node) {
        findings.deviation(node.span, Deviation::Coercion);
    }
    let written = conditions::read(node, findings)?;
    Some(Line::new(place.pointer.clone(), Test::Require(written.condition), written.spelling))
}

/// `validate`, in a rule or directly under a tool.
pub(crate) fn read_validate(
    validate: &Node,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Line> {
    let mut lines = Vec::new();
    for (key, test) in [("required_args", Test::RequiredArgs), ("schema", Test::Schema)] {
        if validate.get(key).and_then(Node::bool) == Some(true) {
            let spelling = Spelling::default().raw(key, "true");
            lines.push(Line::new(place.inside(key).pointer, test, spelling));
        }
    }
    if lines.is_empty() {
        findings
            .warning(validate.span, "`validate` checks nothing")
            .help("`required_args: true` or `schema: true`");
    }
    lines
}

/// A person's yes, for calls that meet `trigger`, or for all; `beside` has the terms.
pub(crate) fn ask(
    trigger: Option<&Node>,
    beside: &Node,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Line {
    let nodes = trigger.map(Node::items).unwrap_or_default();
    if let Some(Node { value: Value::List(_), span }) = trigger
        && nodes.is_empty()
    {
        findings
            .error(*span, "an empty list of conditions could mean always or never")
            .help("leave it out, or write `require_approval: true`, to ask for every call");
    }
    let read = |node| conditions::read(node, findings);
    let written: Vec<_> = nodes.iter().filter_map(read).collect();
    let spellings: Vec<_> = written.iter().map(|written| written.spelling.object()).collect();
    let conditions = written.into_iter().map(|written| written.condition).collect();
    let terms = terms::read(beside, findings);
    let spelling = Spelling::default().list("conditions", &spellings);
    let spelling = terms::spell(&terms, spelling);
    let test = Test::Approve(Ask { conditions, terms });
    Line::new(place.pointer.clone(), test, spelling)
}

fn refuse_beside_deny(rule: &Node, findings: &mut Findings) {
    let checks = ["conditions", "rate_limit", "state", "validate"];
    for key in checks.into_iter().chain(terms::KEYS) {
        let Some(member) = rule.member(key) else { continue };
        let help = match key {
            "conditions" => "to deny some calls, use `deny_if` directly under the tool",
            _ => "remove it, or give it a rule of its own",
        };
        findings
            .error(member.key_span, format!("a rule that denies every call cannot have `{key}`"))
            .help(help);
    }
}

fn refuse_beside_approval(rule: &Node, findings: &mut Findings) {
    for key in ["rate_limit", "state", "validate"] {
        let Some(member) = rule.member(key) else { continue };
        findings
            .error(member.key_span, format!("a rule that asks a person cannot have `{key}`"))
            .help("give it a rule of its own, so that it is clear for which calls it holds");
    }
}

/// A rule that checks nothing is a rule that lost its checks: in a file that was cut off, or by
/// a wrong indent.
fn refuse_idle(rule: &Node, findings: &mut Findings) {
    let checks = ["rate_limit", "state", "validate"].iter().any(|key| rule.get(key).is_some());
    let conditions = rule.get("conditions");
    if checks || conditions.is_some_and(|node| !node.items().is_empty()) {
        return;
    }
    // What is no rule at all, or has a mistyped key, is reported by itself.
    if !matches!(rule.value, Value::Map(_))
        || rule.members().iter().any(|member| RULE.key(&member.key).is_none())
    {
        return;
    }
    findings
        .error(rule.span, "the rule checks nothing")
        .help("a rule has `conditions`, `rate_limit`, `state` or `validate`");
}

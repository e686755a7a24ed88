//! One entry: all that a document says under a key of `tools`, or under `all_tools`.

use crate::document::conditions;
use crate::document::findings::Findings;
use crate::document::limits;
use crate::document::line::{Line, Spelling};
use crate::document::modes::Mode;
use crate::document::node::{Node, Value};
use crate::document::place::Place;
use crate::document::rules::{self, ask, read_validate};
use crate::document::terms;
use crate::document::words;
use crate::rule::Test;

/// All checks: those that look at the call first, then approvals, then limits; each kind as the
/// document has them, `rules` before what stands directly under the tool.
pub(crate) fn read(node: &Node, place: &Place<'_>, findings: &mut Findings) -> Vec<Line> {
    let on_deny = words::read(node, findings);
    let mut lines = Vec::new();
    if let Some(rules) = node.get("rules") {
        lines.extend(rules::read(rules, &place.inside("rules"), findings));
    }
    lines.extend(read_action(node, place, findings));
    if let Some(validate) = node.get("validate") {
        lines.extend(read_validate(validate, &place.inside("validate"), findings));
    }
    lines.extend(predicates("require", Test::Require, node, place, findings));
    lines.extend(predicates("deny_if", Test::DenyIf, node, place, findings));
    lines.extend(read_approval(node, place, findings));
    if let Some(rate) = node.get("rate_limit") {
        lines.extend(limits::read_rate(rate, &place.inside("rate_limit"), findings));
    }
    lines.extend(read_limits(node, place, findings));
    if let (Some(words), true) =
        (node.member("reason").or(node.member("on_deny")), lines.is_empty())
    {
        findings.warning(
            words.key_span,
            format!("`{}` is never heard: nothing here denies", words.key),
        );
    }
    lines.sort_by_key(|line| step(&line.check.test));
    let mode = Mode::of(node);
    lines.into_iter().map(|line| line.or_says(on_deny).or_mode(mode)).collect()
}

/// The order of a decision: what costs nothing first, and a person is asked before budget is
/// spent.
fn step(test: &Test) -> u8 {
    match test {
        Test::Deny | Test::DenyIf(_) | Test::Require(_) | Test::RequiredArgs | Test::Schema => 0,
        Test::Approve(_) => 1,
        Test::Limit(_) => 2,
    }
}

fn read_action(node: &Node, place: &Place<'_>, findings: &mut Findings) -> Option<Line> {
    let action = node.get("action")?;
    if action.text()? != "deny" {
        return None;
    }
    let idle =
        ["rules", "validate", "require", "deny_if", "require_approval", "rate_limit", "limits"];
    if let Some(member) = node.members().iter().find(|member| idle.contains(&member.key.as_str())) {
        findings
            .warning(
                member.key_span,
                format!("`{}` has no effect: every call is denied", member.key),
            )
            .related(action.span, "by this")
            .help("to deny some calls, use `deny_if` in place of `action: deny`");
    }
    let pointer = place.inside("action").pointer;
    Some(Line::new(pointer, Test::Deny, Spelling::default()))
}

fn predicates(
    key: &'static str,
    test: fn(crate::condition::Condition) -> Test,
    node: &Node,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(list) = node.get(key) else { return lines };
    let place = place.inside(key);
    for (i, item) in list.items().iter().enumerate() {
        let on_deny = words::read(item, findings);
        if let Some(written) = conditions::read(item, findings) {
            let pointer = place.inside(i).pointer;
            let line = Line::new(pointer, test(written.condition), written.spelling);
            lines.push(line.or_says(on_deny).or_mode(Mode::of(item)));
        }
    }
    lines
}

fn read_limits(node: &Node, place: &Place<'_>, findings: &mut Findings) -> Vec<Line> {
    let mut lines = Vec::new();
    let Some(list) = node.get("limits") else { return lines };
    let place = place.inside("limits");
    for (i, item) in list.items().iter().enumerate() {
        let on_deny = words::read(item, findings);
        let line = limits::read(item, &place.inside(i), findings);
        lines.extend(line.map(|line| line.or_says(on_deny).or_mode(Mode::of(item))));
    }
    lines
}

/// `action: require_approval`, or `require_approval` with its own conditions.
fn read_approval(node: &Node, place: &Place<'_>, findings: &mut Findings) -> Option<Line> {
    let action = node.get("action").filter(|node| node.text() == Some("require_approval"));
    let key = node.member("require_approval");
    match (action, key) {
        (Some(action), Some(key)) => {
            findings
                .error(key.key_span, "a person would be asked twice")
                .related(action.span, "it is said here already")
                .help("keep one of the two");
            None
        }
        (Some(_), None) => Some(ask(None, node, &place.inside("action"), findings)),
        (None, Some(key)) => {
            let place = place.inside("require_approval");
            match &key.node.value {
                Value::Bool(true) => Some(ask(None, node, &place, findings)),
                Value::List(_) => Some(ask(Some(&key.node), node, &place, findings)),
                _ => None,
            }
        }
        (None, None) => {
            let help = "`require_approval: true` asks a person";
            terms::refuse(node, "nobody is asked here", help, findings);
            None
        }
    }
}

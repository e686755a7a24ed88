//! `expect`: an effect, or one with what else is known of it.

use std::sync::Arc;

use crate::cases::{Expected, Rule};
use crate::decision::Code;
use crate::document::findings::{Findings, quoted};
use crate::document::node::Node;
use crate::document::pointer::join;
use crate::document::quantity::duration_s;
use crate::document::suggest::nearest;
use crate::effect::Effect;

/// `trees` are the policies whose rules may decide.
pub(super) fn read(node: &Node, trees: &[&Node], findings: &mut Findings) -> Option<Expected> {
    let effect = node.text().or_else(|| node.get("effect").and_then(Node::text));
    let effect = Effect::parse(effect?)?;
    let rule = match node.get("rule") {
        Some(rule) => Some(read_rule(rule, effect, trees, findings)?),
        None => None,
    };
    let code = match node.get("code") {
        Some(code) => Some(read_code(code, effect, findings)?),
        None => None,
    };
    let text = |key: &str| node.get(key).and_then(Node::text).map(str::to_owned);
    let lines = |key: &str| {
        let lines = node.get(key)?.items().iter().filter_map(Node::text).map(str::to_owned);
        Some(lines.collect::<Vec<_>>())
    };
    let retry_after_s = node.get("retry_after").and_then(Node::text).and_then(duration_s);
    let layer = node.get("layer").and_then(Node::number).and_then(|n| n.parse().ok());
    Some(Expected {
        effect,
        code,
        rule,
        says: text("says"),
        owes: lines("owes"),
        shadow: lines("shadow"),
        layer,
        retry_after_s: retry_after_s.map(std::num::NonZero::get),
    })
}

/// Codes of denials, and that of limits.
fn read_code(node: &Node, effect: Effect, findings: &mut Findings) -> Option<String> {
    let code = node.text()?;
    let known = || Code::ALL.into_iter().map(Code::as_str).chain(["limit"]);
    if !known().any(|known| known == code) {
        let help = match nearest(code, known()) {
            Some(near) => format!("did you mean `{near}`?"),
            None => format!("known: {}", known().collect::<Vec<_>>().join(", ")),
        };
        findings.error(node.span, format!("unknown code {}", quoted(code))).help(help);
        return None;
    }
    let fits = match effect {
        Effect::Allow | Effect::Approve => false,
        Effect::Deny => !matches!(code, "hidden" | "limit"),
        Effect::Hidden => code == "hidden",
        Effect::Limit => code == "limit",
    };
    if !fits {
        let message = format!("{} never comes with effect `{effect}`", quoted(code));
        findings.error(node.span, message).help("remove it, or expect another effect");
        return None;
    }
    Some(code.to_owned())
}

fn read_rule(
    node: &Node,
    effect: Effect,
    trees: &[&Node],
    findings: &mut Findings,
) -> Option<Rule> {
    let named = node.text()?;
    if effect == Effect::Allow {
        findings
            .error(node.span, "no rule decides that a call is allowed: all of them let it pass")
            .help("remove `rule`");
        return None;
    }
    let known: Vec<(&str, String)> = trees.iter().flat_map(|tree| rule_names(tree)).collect();
    let same = known.iter().filter(|(name, _)| *name == named);
    let mut pointers: Vec<Arc<str>> = same.map(|(_, at)| Arc::from(at.as_str())).collect();
    let is_pointer = named.starts_with('/');
    if is_pointer && trees.iter().any(|tree| tree.at(named).is_some()) {
        pointers.push(named.into());
    }
    if pointers.is_empty() {
        let help = match nearest(named, known.iter().map(|(name, _)| *name)) {
            Some(near) => format!("did you mean {}?", quoted(near)),
            None if is_pointer => "nothing stands at this place of the document".to_owned(),
            None => {
                "a rule has a `name`; any place has a pointer: `/tools/pay/require/0`".to_owned()
            }
        };
        findings.error(node.span, format!("there is no rule {}", quoted(named))).help(help);
        return None;
    }
    Some(Rule { named: named.to_owned(), pointers })
}

/// The names of all rules, with their pointers.
fn rule_names(document: &Node) -> Vec<(&str, String)> {
    let mut names = Vec::new();
    for section in ["tools", "resources", "prompts", "server_requests"] {
        for entry in document.get(section).map(Node::members).unwrap_or_default() {
            let at = join(&format!("/{section}"), &entry.key);
            let rules = entry.node.get("rules").map(Node::items).unwrap_or_default();
            let all = rules.iter().enumerate().filter_map(|(i, rule)| {
                Some((rule.get("name")?.text()?, format!("{at}/rules/{i}")))
            });
            names.extend(all);
        }
    }
    names
}

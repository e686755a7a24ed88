//! The outline of a document: keys that exist, values of the right kind, nothing missing.
//!
//! What fits no shape is reported here, and only here; who reads a value afterwards takes it if
//! it fits, and is silent if it does not.

use crate::document::entries::DEFAULT;
use crate::document::findings::{Findings, quoted};
use crate::document::keys::{POSTURE, TOOL};
use crate::document::name;
use crate::document::node::{Member, Node, Text, Value};
use crate::document::notation::Notation;
use crate::document::quantity::{duration_s, pause_s};
use crate::document::scalar::{Lookalike, is_json_number, lookalike};
use crate::document::section_keys::ENTRY;
use crate::document::suggest::{self, any_of, nearest};
use crate::document::table::{Key, Manner, Need, Shape, Table};

/// Reports whatever in `node` is not as `table` has it.
pub(crate) fn check(node: &Node, table: &Table, findings: &mut Findings) {
    for member in node.members() {
        match table.key(&member.key) {
            Some(key) => check_value(&member.node, &key.shape, member, findings),
            None => refuse_key(member, table, findings),
        }
    }
    for key in table.keys {
        if key.need == Need::Must
            && node.member(key.name).is_none()
            && !is_mistyped(key, node, table, findings.notation())
        {
            findings.error(node.span, format!("`{}` is missing", key.name)).help(format!(
                "`{}`: {}",
                key.name,
                lower_first(key.means)
            ));
        }
    }
}

/// Whether an unknown key of `node` is reported as a slip of the pen for `key`.
fn is_mistyped(key: &Key, node: &Node, table: &Table, notation: &Notation) -> bool {
    let unknown = node.members().iter().filter(|member| table.key(&member.key).is_none());
    unknown
        .filter(|member| suggest::elsewhere(&member.key, notation).is_none())
        .any(|member| suggest::key(&member.key, table) == Some(key.name))
}

/// `member` is where the value stands, or where the list stands whose item it is.
fn check_value(node: &Node, shape: &Shape, member: &Member, findings: &mut Findings) {
    match (shape, &node.value) {
        (_, Value::Broken)
        | (Shape::Amount | Shape::Seconds, Value::Number(_))
        | (Shape::Bool, Value::Bool(_))
        | (Shape::Rate, Value::Text(_)) => {}
        (Shape::Text(manner), Value::Text(text)) => {
            check_manner(node, &text.text, manner, member, findings);
        }
        (Shape::Any, Value::Empty) => {
            findings
                .error(member.key_span, format!("nothing stands behind `{}`", member.key))
                .help("write `null` if that is meant");
        }
        (Shape::Any, _) => warn_of_lookalikes(node, findings),
        (Shape::Choice(choices), Value::Text(text)) => {
            if !choices.contains(&text.text.as_str()) {
                refuse_choice(node, text, shape, member, findings);
            }
        }
        (Shape::Either(shapes), _) => match shapes.iter().find(|one| fits(one, node)) {
            Some(Shape::Choice(choices)) => match &node.value {
                Value::Text(text) if !choices.contains(&text.text.as_str()) => {
                    refuse_choice(node, text, shape, member, findings);
                }
                _ => {}
            },
            Some(one) => check_value(node, one, member, findings),
            None => refuse_kind(node, shape, member, findings),
        },
        (Shape::Form(form), _) if form.fits(node) => form.check(node, findings),
        (Shape::Named(named), Value::Map(members)) => {
            for inner in members {
                (named.check)(inner, findings);
                check_value(&inner.node, &named.value, inner, findings);
            }
        }
        (Shape::List(item), Value::List(items)) => {
            check_items(items, item, member, findings);
        }
        (Shape::Object(table), Value::Map(_)) => check(node, table, findings),
        (Shape::Tools(table), Value::Map(members)) => {
            let tool = Shape::Object(table);
            for tool_member in members {
                check_value(&tool_member.node, &tool, tool_member, findings);
            }
        }
        (Shape::Section(table), Value::Map(members)) => {
            let entry = Shape::Object(table);
            for inner in members {
                let own = inner.key == DEFAULT && !matches!(inner.node.value, Value::Map(_));
                check_value(&inner.node, if own { &POSTURE } else { &entry }, inner, findings);
            }
        }
        (_, _) => refuse_kind(node, shape, member, findings),
    }
}

/// The items of a list, which have no key of their own.
fn check_items(items: &[Node], shape: &Shape, list: &Member, findings: &mut Findings) {
    for item in items {
        if matches!(item.value, Value::Empty) {
            findings.error(item.span, format!("an item of {} is empty", quoted(&list.key)));
        } else if fits(shape, item) || matches!(shape, Shape::Any) {
            check_value(item, shape, list, findings);
        } else {
            let list = quoted(&list.key);
            findings
                .error(
                    item.span,
                    format!("an item of {list} is {}, not {}", due(shape), item.what()),
                )
                .maybe_help(mend(item, shape));
        }
    }
}

fn fits(shape: &Shape, node: &Node) -> bool {
    if let Shape::Form(form) = shape {
        return matches!(node.value, Value::Broken) || form.fits(node);
    }
    matches!(
        (shape, &node.value),
        (_, Value::Broken)
            | (Shape::Amount | Shape::Seconds, Value::Number(_))
            | (Shape::Bool, Value::Bool(_))
            | (Shape::Choice(_) | Shape::Rate | Shape::Text(_), Value::Text(_))
            | (Shape::List(_), Value::List(_))
            | (
                Shape::Named(_) | Shape::Object(_) | Shape::Section(_) | Shape::Tools(_),
                Value::Map(_)
            )
    )
}

fn check_manner(
    node: &Node,
    text: &str,
    manner: &Manner,
    member: &Member,
    findings: &mut Findings,
) {
    match manner {
        Manner::Duration if duration_s(text).is_none() => {
            findings
                .error(node.span, format!("{} is no length of time", quoted(text)))
                .help("write it as `90s`, `30m`, `1h30m` or `2d`; at most 366 days");
        }
        Manner::Pause if pause_s(text).is_none() => {
            findings
                .error(node.span, format!("{} is no length of time", quoted(text)))
                .help("write it as `45s`, or `0s` to answer at once");
        }
        Manner::Name => {
            name::check(text, node.span, findings);
        }
        Manner::Start(starts) if !starts.iter().any(|start| text.starts_with(start)) => {
            let message = format!("{} does not start as it must", quoted(&member.key));
            let finding = findings.error(node.span, message);
            finding.help(format!("it starts with {}", any_of(starts)));
            if member.key == "secret" {
                finding.confidential();
            }
        }
        // Paths are read where they are used.
        Manner::Duration
        | Manner::Free
        | Manner::Path
        | Manner::Pause
        | Manner::RulePath
        | Manner::Start(_) => {}
    }
}

fn refuse_choice(
    node: &Node,
    text: &Text,
    shape: &Shape,
    member: &Member,
    findings: &mut Findings,
) {
    let help = match nearest(&text.text, choices(shape)) {
        Some(choice) => format!("did you mean `{choice}`?"),
        None => mend(node, shape).unwrap_or_else(|| format!("it can be {}", due(shape))),
    };
    findings.error(node.span, format!("unknown {} {}", member.key, quoted(&text.text))).help(help);
}

fn choices(shape: &Shape) -> Vec<&'static str> {
    match shape {
        Shape::Choice(choices) => choices.to_vec(),
        Shape::Either(shapes) => shapes.iter().flat_map(choices).collect(),
        _ => Vec::new(),
    }
}

fn refuse_key(member: &Member, table: &Table, findings: &mut Findings) {
    let refused = findings.notation().refused;
    if let Some(refused) = refused.iter().find(|refused| refused.key == member.key) {
        findings.error(member.key_span, refused.message).help(refused.help);
        return;
    }
    let elsewhere = suggest::elsewhere(&member.key, findings.notation());
    let help = match (elsewhere, suggest::key(&member.key, table)) {
        // One letter off is a slip of the pen more likely than a key in the wrong place.
        (Some(elsewhere), Some(name)) if suggest::is_slip(&member.key, name) => {
            format!("did you mean `{name}`? {elsewhere}")
        }
        (Some(elsewhere), _) => elsewhere,
        (None, Some(name)) => format!("did you mean `{name}`?"),
        (None, None) => suggest::known(table),
    };
    findings.error(member.key_span, format!("unknown key {}", quoted(&member.key))).help(help);
}

fn refuse_kind(node: &Node, shape: &Shape, member: &Member, findings: &mut Findings) {
    let key = quoted(&member.key);
    let due = due(shape);
    let (span, message) = match node.value {
        Value::Empty => (member.key_span, format!("nothing stands behind {key}; it takes {due}")),
        _ => (node.span, format!("{key} takes {due}, not {}", node.what())),
    };
    findings.error(span, message).maybe_help(mend(node, shape));
}

fn due(shape: &Shape) -> String {
    match shape {
        Shape::Amount => "a number".to_owned(),
        Shape::Any => "a value".to_owned(),
        Shape::Bool => "true or false".to_owned(),
        Shape::Choice(choices) => any_of(choices),
        Shape::Either(shapes) => shapes.iter().map(due).collect::<Vec<_>>().join(", or "),
        Shape::Form(form) => form.due(),
        Shape::List(_) => "a list".to_owned(),
        Shape::Named(_) | Shape::Object(_) | Shape::Section(_) | Shape::Tools(_) => {
            "a mapping".to_owned()
        }
        Shape::Rate => "a text such as `10/minute`".to_owned(),
        Shape::Seconds => "a number of seconds".to_owned(),
        Shape::Text(_) => "a text".to_owned(),
    }
}

/// What would have been right, where that can be told.
pub(crate) fn mend(node: &Node, shape: &Shape) -> Option<String> {
    match (shape, &node.value) {
        (Shape::Named(_) | Shape::Section(_) | Shape::Tools(_), Value::Empty | Value::Null) => {
            Some("write `{}` if there are none".to_owned())
        }
        (Shape::Object(table), Value::Empty | Value::Null) if table.name == TOOL.name => {
            Some("write `{}` for a tool without checks".to_owned())
        }
        (Shape::Object(table), Value::Empty | Value::Null) if table.name == ENTRY.name => {
            Some("write `{}` if there are no checks".to_owned())
        }
        (Shape::List(_), Value::Empty | Value::Null) => {
            Some("write `[]` if there are none".to_owned())
        }
        (_, Value::Empty | Value::Null) => None,
        (Shape::Form(form), _) => form.mend(node),
        (Shape::Named(_), Value::List(_)) => {
            Some("write each as `NAME: value`, not as an item of a list".to_owned())
        }
        (Shape::Either(shapes), _) => shapes.iter().find_map(|shape| mend(node, shape)),
        (Shape::List(_), _) => Some("put it in a list: `[…]`".to_owned()),
        (Shape::Choice(_) | Shape::Text(_), Value::Number(literal)) => {
            Some(format!("put it in quotes: `\"{literal}\"`"))
        }
        (Shape::Choice(choices), Value::Bool(_) | Value::List(_) | Value::Map(_)) => {
            Some(format!("it can be {}", any_of(choices)))
        }
        (Shape::Text(_), Value::Bool(value)) => Some(format!("put it in quotes: `\"{value}\"`")),
        (Shape::Amount | Shape::Seconds, Value::Text(text)) => mend_number(text),
        (Shape::Bool, Value::Text(text)) => mend_bool(text),
        (_, _) => None,
    }
}

fn mend_number(text: &Text) -> Option<String> {
    if is_json_number(&text.text) {
        return Some(format!("write it without quotes: `{}`", text.text));
    }
    (lookalike(&text.text) == Some(Lookalike::Number)).then(|| {
        "YAML versions differ in how they read this: write it as `10`, `0.5` or `1e6`".to_owned()
    })
}

fn mend_bool(text: &Text) -> Option<String> {
    match (text.text.as_str(), lookalike(&text.text)) {
        (word @ ("true" | "false"), _) => Some(format!("write it without quotes: `{word}`")),
        (_, Some(Lookalike::Truth(value))) if text.plain => {
            Some(format!("in YAML 1.2 this is a text: write `{value}`"))
        }
        (_, Some(Lookalike::Truth(value))) => Some(format!("write `{value}`, without quotes")),
        (_, _) => None,
    }
}

/// Anything may stand here, so a text that other readers take for a number or a truth value
/// passes; its author is told what it is.
fn warn_of_lookalikes(node: &Node, findings: &mut Findings) {
    match &node.value {
        Value::List(items) => items.iter().for_each(|item| warn_of_lookalikes(item, findings)),
        Value::Map(members) => {
            for member in members {
                warn_of_lookalikes(&member.node, findings);
            }
        }
        Value::Text(text) if text.plain => warn_of_lookalike(node, &text.text, findings),
        _ => {}
    }
}

fn warn_of_lookalike(node: &Node, text: &str, findings: &mut Findings) {
    let what = match lookalike(text) {
        Some(Lookalike::Number) => "number",
        Some(Lookalike::Truth(_)) => "truth value",
        None => return,
    };
    findings
        .warning(node.span, format!("{} is a text here, no {what}", quoted(text)))
        .help("put it in quotes to say so");
}

fn lower_first(text: &str) -> String {
    let mut chars = text.chars();
    let first = chars.next().map(|c| c.to_lowercase().to_string()).unwrap_or_default();
    format!("{first}{}", chars.as_str().trim_end_matches('.'))
}

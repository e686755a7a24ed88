//! The builder's half of the page: each tool with what it comes to, and one of them open.

use toolgate_policy::Policy;
use toolgate_policy::document::edit::{
    Condition, Cover, Limit, List, Outline, Part, PartKind, Stance, ToolOutline,
};

use crate::pages::foreign::Foreign;

use super::comes_to::{ComesTo, comes_to};
use super::fields;
use super::known::{Argument, Tools};

pub(super) struct Builder {
    pub(super) default: &'static str,
    pub(super) shadow: bool,
    pub(super) rows: Vec<Row>,
    pub(super) open: Option<Open>,
    /// What a builder has no form for, beside the tools.
    pub(super) others: Vec<Piece>,
}

/// One tool among others.
pub(super) struct Row {
    pub(super) name: Foreign,
    pub(super) key: String,
    pub(super) is_open: bool,
    pub(super) note: &'static str,
    pub(super) servers: Vec<Foreign>,
    pub(super) comes_to: Option<ComesTo>,
}

/// The tool whose form is there.
pub(super) struct Open {
    pub(super) name: Foreign,
    /// Which button is pressed.
    pub(super) stance: &'static str,
    pub(super) hidden_by: Option<Foreign>,
    pub(super) is_listed: bool,
    pub(super) can_forget: bool,
    pub(super) shadow: Option<bool>,
    pub(super) asked_when: Vec<Foreign>,
    pub(super) pieces: Vec<Piece>,
    pub(super) arguments: Vec<ArgumentRow>,
    pub(super) numbers: Vec<String>,
}

/// An argument with the form of a condition on it.
pub(super) struct ArgumentRow {
    pub(super) path: String,
    pub(super) shown: Foreign,
    pub(super) kind: String,
    pub(super) choices: Vec<String>,
    pub(super) description: Foreign,
    pub(super) is_required: bool,
    pub(super) ops: &'static [(&'static str, &'static str)],
}

/// Something that stands in the document.
pub(super) struct Piece {
    pub(super) words: Foreign,
    pub(super) text: Foreign,
    pub(super) line: usize,
    pub(super) pointer: String,
    pub(super) can_drop: bool,
    pub(super) is_foreign: bool,
}

pub(super) const OPS: &[(&str, &str)] = &[
    ("eq", "is"),
    ("neq", "is not"),
    ("lte", "is at most"),
    ("lt", "is less than"),
    ("gte", "is at least"),
    ("gt", "is more than"),
    ("in", "is one of"),
    ("not_in", "is none of"),
    ("contains", "contains"),
    ("matches", "has the form"),
    ("regex", "matches"),
    ("length", "has at most the length"),
    ("host_in", "is at the host"),
    ("host_public", "is on the public internet"),
    ("path_within", "is a path within"),
    ("path_sensitive", "is a path to secrets"),
    ("exists", "is given"),
    ("any", "has an item that"),
    ("each", "has only items that"),
];
const TEXT_OPS: &[(&str, &str)] = &[
    ("eq", "is"),
    ("neq", "is not"),
    ("in", "is one of"),
    ("not_in", "is none of"),
    ("contains", "contains"),
    ("matches", "has the form"),
    ("regex", "matches"),
    ("length", "has at most the length"),
    ("host_in", "is at the host"),
    ("host_public", "is on the public internet"),
    ("path_within", "is a path within"),
    ("path_sensitive", "is a path to secrets"),
    ("exists", "is given"),
];
const NUMBER_OPS: &[(&str, &str)] = &[
    ("lte", "is at most"),
    ("lt", "is less than"),
    ("gte", "is at least"),
    ("gt", "is more than"),
    ("eq", "is"),
    ("neq", "is not"),
    ("exists", "is given"),
];
const BOOL_OPS: &[(&str, &str)] = &[("eq", "is"), ("exists", "is given")];
const CHOICE_OPS: &[(&str, &str)] = &[("eq", "is"), ("neq", "is not")];
const ROWS_MAX: usize = 1000;

/// `arguments` are those of the open tool.
pub(super) fn builder(
    outline: &Outline,
    policy: Option<&Policy>,
    (tools, arguments): (&Tools, &[Argument]),
    open: &str,
) -> Builder {
    let mut names: Vec<&str> = outline.tools.iter().map(|tool| tool.name.as_str()).collect();
    let more = tools.keys().map(String::as_str).filter(|name| !is_there(outline, name));
    names.extend(more.collect::<Vec<_>>());
    if !open.is_empty() && !names.contains(&open) {
        names.push(open);
    }
    let row = |name: &&str| Row {
        name: Foreign::of(name),
        key: (*name).to_owned(),
        is_open: *name == open,
        note: note(fields::tool(outline, name).map(|tool| tool.cover)),
        servers: tools.get(*name).into_iter().flatten().map(|name| Foreign::of(name)).collect(),
        comes_to: policy
            .filter(|_| !name.contains(['*', '?']))
            .map(|policy| comes_to(&[policy], name)),
    };
    Builder {
        default: if outline.default.as_deref() == Some("deny") { "deny" } else { "allow" },
        shadow: outline.shadow,
        rows: names.iter().take(ROWS_MAX).map(row).collect(),
        open: (!open.is_empty()).then(|| self::open(outline, open, arguments)),
        others: outline.others.iter().map(piece).collect(),
    }
}

fn is_there(outline: &Outline, name: &str) -> bool {
    fields::tool(outline, name).is_some()
}

fn note(cover: Option<Cover>) -> &'static str {
    match cover {
        None => "not listed",
        Some(Cover::Name) => "",
        Some(Cover::Pattern) => "a pattern",
        Some(Cover::Unlisted) => "only hidden",
    }
}

fn open(outline: &Outline, name: &str, arguments: &[Argument]) -> Open {
    let tool = fields::tool(outline, name);
    let listed = tool.filter(|tool| tool.cover != Cover::Unlisted);
    let asked = match tool.map(|tool| &tool.stance) {
        Some(Stance::Approve(conditions)) => conditions.as_slice(),
        _ => &[],
    };
    let by_pattern = |tool: &ToolOutline| tool.hidden_by.clone().filter(|by| *by != tool.name);
    let numbers = arguments.iter().filter(|argument| argument.kind == "number");
    Open {
        name: Foreign::of(name),
        stance: stance(tool),
        hidden_by: tool.and_then(by_pattern).map(|by| Foreign::of(&by)),
        is_listed: listed.is_some(),
        can_forget: listed.is_some_and(|tool| {
            tool.parts.is_empty() && tool.stance == Stance::Allow && tool.shadow.is_none()
        }),
        shadow: tool.and_then(|tool| tool.shadow),
        asked_when: asked.iter().map(|condition| Foreign::of(&words(condition))).collect(),
        pieces: tool.map(|tool| tool.parts.iter().map(piece).collect()).unwrap_or_default(),
        numbers: numbers.map(|argument| argument.path.clone()).collect(),
        arguments: arguments.iter().map(argument).collect(),
    }
}

fn stance(tool: Option<&ToolOutline>) -> &'static str {
    match tool.map(|tool| &tool.stance) {
        None => "",
        Some(Stance::Allow) => "allow",
        Some(Stance::Approve(_)) => "ask",
        Some(Stance::Deny) => "deny",
        Some(Stance::Hide) => "hide",
    }
}

fn argument(argument: &Argument) -> ArgumentRow {
    let ops = match argument.kind.as_str() {
        _ if !argument.choices.is_empty() => CHOICE_OPS,
        "boolean" => BOOL_OPS,
        "number" => NUMBER_OPS,
        "string" => TEXT_OPS,
        _ => OPS,
    };
    ArgumentRow {
        path: argument.path.clone(),
        shown: Foreign::of(&argument.path),
        kind: argument.kind.clone(),
        choices: argument.choices.clone(),
        description: Foreign::of(&argument.description),
        is_required: argument.is_required,
        ops,
    }
}

fn piece(part: &Part) -> Piece {
    let words = match &part.kind {
        PartKind::Condition(List::DenyIf, condition) => format!("denied if {}", words(condition)),
        PartKind::Condition(List::Require, condition) => format!("only if {}", words(condition)),
        PartKind::Limit(limit) => limit_words(limit),
        PartKind::Other(key) => key.clone(),
    };
    Piece {
        words: Foreign::of(&words),
        text: Foreign::lines(&part.text),
        line: part.line,
        pointer: part.pointer.clone(),
        can_drop: part.can_drop,
        is_foreign: matches!(part.kind, PartKind::Other(_)),
    }
}

fn words(condition: &Condition) -> String {
    let Condition { path, op, value } = condition;
    let op = OPS.iter().find(|(known, _)| known == op).map_or(op.as_str(), |(_, words)| words);
    format!("{path} {op} {value}")
}

fn limit_words(limit: &Limit) -> String {
    let what = limit.increment_from.as_deref().map(|path| format!(" of {path}"));
    let scope = limit.scope.as_deref().unwrap_or("grant");
    let window = match limit.window.as_str() {
        word @ ("day" | "hour" | "minute") => word.to_owned(),
        seconds => format!("{seconds} s"),
    };
    format!("at most {}{} per {window} and {scope}", limit.max, what.unwrap_or_default())
}

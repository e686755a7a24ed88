//! Conditions that a tool's arguments call for, whatever the server.

use toolgate_json::Value;

use super::node::Node;
use super::plan::is_word;
use super::sql;
use crate::risk::{Use, uses};
use crate::{Category, Param, Tool};

/// Conditions, and what only a person can add.
#[derive(Default)]
pub(super) struct Sharp {
    pub(super) require: Vec<Node>,
    pub(super) deny_if: Vec<Node>,
    pub(super) hints: Vec<Hint>,
}

/// What a person can narrow further, or must look at: said once for all tools that it is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Hint {
    Amount,
    Host,
    Path,
    Recipient,
    /// In a list of objects, where no rule looks, or a number written as a text.
    Unreachable,
}

impl Hint {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Amount => "the bounds of amounts are a guess, set yours",
            Self::Host => "URLs: `host_in` narrows them to the hosts that are wanted",
            Self::Path => "paths: `path_within` narrows them to the folders that are wanted",
            Self::Recipient => "recipients: `in` or `matches` narrows them to those you know",
            Self::Unreachable => "no rule looks into it",
        }
    }
}

/// What stands at an argument.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Kind {
    List,
    Number,
    Text,
}

/// By what each argument is for. Conditions are such that an argument that is not given passes:
/// which ones must be is for the tool's own schema.
pub(super) fn sharpen(tool: &Tool<'_>, category: Category) -> Sharp {
    let mut sharp = Sharp::default();
    let known = uses(&tool.params);
    for (at, param) in tool.params.iter().enumerate() {
        let used = known.iter().find(|(known, _)| *known == at).map(|(_, what)| *what);
        let Some(what) = used.or_else(|| is_place(tool, param).then_some(Use::Path)) else {
            continue;
        };
        if !is_bounded(what, category) {
            continue;
        }
        match (place(param), kind(param)) {
            (Some(path), Some(kind)) => sharp.add(tool, param, (what, &path, kind)),
            _ => sharp.hints.push(Hint::Unreachable),
        }
    }
    sharp
}

impl Sharp {
    fn add(&mut self, tool: &Tool<'_>, param: &Param<'_>, found: (Use, &str, Kind)) {
        let (what, path, kind) = found;
        match (what, kind) {
            (Use::Code, Kind::List | Kind::Text) if sql::is_sql(tool, param) => {
                self.sql(param.required && kind == Kind::Text, path, kind);
            }
            (Use::Money, Kind::Number) => self.money(param, path),
            (Use::Path, Kind::List | Kind::Text) => {
                self.deny_if.push(guard(path, kind, "path_sensitive", Node::Flag(true)));
                self.hints.push(Hint::Path);
            }
            (Use::Url, Kind::List | Kind::Text) if is_web(param) => {
                self.deny_if.push(guard(path, kind, "host_public", Node::Flag(false)));
                self.hints.push(Hint::Host);
            }
            (Use::Url, _) => self.hints.push(Hint::Host),
            (Use::Recipient, _) => self.hints.push(Hint::Recipient),
            (Use::Money, _) => self.hints.push(Hint::Unreachable),
            _ => {}
        }
    }

    fn money(&mut self, param: &Param<'_>, path: &str) {
        let bound = Node::Number(if is_minor(param) { AMOUNT_MAX * 100 } else { AMOUNT_MAX });
        self.deny_if.push(predicate(path, "gt", bound, None));
        self.deny_if.push(predicate(path, "lte", Node::Number(0), None));
        self.hints.push(Hint::Amount);
    }

    fn sql(&mut self, is_required: bool, path: &str, kind: Kind) {
        if is_required {
            let deny = Some("only one reading statement (SELECT, SHOW, DESCRIBE) is allowed");
            self.require.push(predicate(path, "matches", Node::text(sql::READS), deny));
        }
        for (pattern, deny) in [
            (sql::WRITES, "a word of this statement may change data"),
            (sql::REACHES, "a function of this statement reaches beyond the database"),
        ] {
            let mut condition = guard(path, kind, "regex", Node::text(pattern));
            condition.push("on_deny", Node::text(deny));
            self.deny_if.push(condition);
        }
    }
}

const AMOUNT_MAX: u32 = 100;

/// Whether a bound is recommended for it in a tool of this category.
fn is_bounded(what: Use, category: Category) -> bool {
    match what {
        Use::Code | Use::Path | Use::Recipient | Use::Url => true,
        Use::Money => category == Category::Financial,
        Use::Confirm | Use::Credential | Use::DryRun | Use::Force | Use::Html => false,
    }
}

/// `args.options.path`; nothing for what is inside of a list, or has a name that no path spells.
fn place(param: &Param<'_>) -> Option<String> {
    param.path.split('.').all(is_word).then(|| format!("args.{}", param.path))
}

/// Where several types are allowed, the one that rules can look at; nothing where there is none.
fn kind(param: &Param<'_>) -> Option<Kind> {
    let types = types(param.schema);
    let has = |name: &str| types.iter().any(|one| one == name);
    if has("array") {
        let items = param.schema.get("items").map(self::types).unwrap_or_default();
        let texts = items.is_empty() || items.iter().any(|one| one == "string");
        return (texts && !has("string")).then_some(Kind::List);
    }
    if has("string") || types.is_empty() {
        return Some(Kind::Text);
    }
    (has("number") || has("integer")).then_some(Kind::Number)
}

fn types(schema: Value<'_>) -> Vec<String> {
    let one = |value: Value<'_>| value.as_str().map(std::borrow::Cow::into_owned);
    let Some(kind) = schema.get("type") else {
        let branches = schema.get("anyOf").or(schema.get("oneOf"));
        let branches = branches.into_iter().flat_map(Value::items);
        return branches.filter_map(|branch| one(branch.get("type")?)).collect();
    };
    one(kind).into_iter().chain(kind.items().filter_map(one)).collect()
}

/// `source` and `destination` of a tool that handles files: the name alone says neither.
fn is_place(tool: &Tool<'_>, param: &Param<'_>) -> bool {
    const ENDS: [&str; 8] = ["source", "destination", "src", "dst", "dest", "target", "from", "to"];
    const FILES: [&str; 5] = ["file", "folder", "directory", "directories", "path"];
    let name = param.name.to_ascii_lowercase();
    let is_end = ENDS.iter().any(|end| name == *end);
    let says = |text: &str| {
        let text = text.to_ascii_lowercase();
        let mut words = text.split(|c: char| !c.is_ascii_alphabetic());
        words.any(|word| FILES.contains(&word.strip_suffix('s').unwrap_or(word)))
    };
    is_end && kind(param) == Some(Kind::Text) && (says(&tool.name) || says(&param.description))
}

/// A URI may be a name of the server's own making; a URL is called.
fn is_web(param: &Param<'_>) -> bool {
    let description = param.description.to_ascii_lowercase();
    !param.name.to_ascii_lowercase().ends_with("uri")
        || ["http", "url", "web"].iter().any(|word| description.contains(word))
}

/// Whether an amount is counted in hundredths.
fn is_minor(param: &Param<'_>) -> bool {
    const NAMES: [&str; 5] = ["cent", "cents", "minor", "pence", "pennies"];
    const SAYS: [&str; 4] = ["in cents", "cents)", "minor unit", "smallest currency unit"];
    let (name, says) = (param.name.to_ascii_lowercase(), param.description.to_ascii_lowercase());
    name.split(|c: char| !c.is_ascii_alphabetic()).any(|word| NAMES.contains(&word))
        || name.ends_with("cents")
        || SAYS.iter().any(|words| says.contains(words))
}

/// Of a text, or of any item of a list.
fn guard(path: &str, kind: Kind, op: &str, value: Node) -> Node {
    if kind != Kind::List {
        return predicate(path, op, value, None);
    }
    let item = Node::map([("op", Node::text(op)), ("value", value)]);
    predicate(path, "any", item, None)
}

fn predicate(path: &str, op: &str, value: Node, on_deny: Option<&str>) -> Node {
    let mut node =
        Node::map([("path", Node::text(path)), ("op", Node::text(op)), ("value", value)]);
    if let Some(words) = on_deny {
        node.push("on_deny", Node::text(words));
    }
    node
}

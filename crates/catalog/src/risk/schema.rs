//! What a tool's arguments tell of it, by their names, types and texts.

use std::cell::OnceCell;

use toolgate_json::{Kind as JsonKind, Value};

use super::Signal;
use super::kin::NAME_BYTES_MAX;
use super::words::Words;
use crate::Param;

/// What an argument is for, as far as it matters to a risk.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Use {
    Code,
    Confirm,
    Credential,
    DryRun,
    Force,
    Html,
    Money,
    Path,
    Recipient,
    Url,
}

/// The arguments of one tool that matter, each by its index among the tool's parameters.
pub(crate) fn uses(params: &[Param<'_>]) -> Vec<(usize, Use)> {
    params.iter().enumerate().filter_map(|(at, param)| Some((at, use_of(param, params)?))).collect()
}

fn use_of(param: &Param<'_>, all: &[Param<'_>]) -> Option<Use> {
    let words = Words::of(&param.name, NAME_BYTES_MAX);
    let last = singular(words.word(words.len().checked_sub(1)?));
    let first = words.word(0);
    let shape = Shape::of(param.schema);
    if shape != Shape::Text && shape != Shape::Number {
        return switch(&words);
    }
    let description = OnceCell::new();
    let says = |any: &[&str]| {
        let text = description.get_or_init(|| beginning(&param.description));
        any.iter().any(|word| text.contains(word))
    };
    if is_money(&words, last) {
        return Some(Use::Money);
    }
    if shape == Shape::Number {
        return None;
    }
    if is_credential(&words, last) {
        return Some(Use::Credential);
    }
    if is_code(&words, last, &says) {
        let names = says(&["name", "path"]) && !says(&["code", "content", "source", "sql"]);
        return if last == "script" && names { Some(Use::Path) } else { Some(Use::Code) };
    }
    if matches!(last, "html" | "markup" | "mjml" | "template" | "xhtml") {
        return (!says(&["name of", "identifier"])).then_some(Use::Html);
    }
    if matches!(
        last,
        "endpoint" | "href" | "host" | "hostname" | "uri" | "url" | "webhook" | "website"
    ) {
        return Some(Use::Url);
    }
    let foreign = ["api", "field", "http", "json", "key", "route", "xpath"];
    if PATHS.contains(&last) && !words.iter().any(|word| foreign.contains(&word)) {
        return Some(Use::Path);
    }
    let outward = ["address", "email", "phone", "receiver", "recipient", "send", "user"];
    let ranges = || all.iter().any(|other| matches!(&*other.name, "from" | "start" | "since"));
    match last {
        "bcc" | "cc" | "recipient" => Some(Use::Recipient),
        "to" if says(&outward) || !ranges() && !says(&["date", "time", "format"]) => {
            Some(Use::Recipient)
        }
        _ if first == "to" && words.len() == 2 && outward.contains(&last) => Some(Use::Recipient),
        _ => None,
    }
}

/// As much of a description as says what the argument is for, in lower case.
fn beginning(text: &str) -> String {
    text[..text.floor_char_boundary(300)].to_ascii_lowercase()
}

const PATHS: [&str; 13] = [
    "cwd",
    "dir",
    "directory",
    "file",
    "filename",
    "filepath",
    "files",
    "folder",
    "path",
    "pathname",
    "repo_path",
    "root",
    "workdir",
];

/// A truth value that makes a call graver, or milder.
fn switch(words: &Words) -> Option<Use> {
    let joined: String = words.iter().collect::<Vec<_>>().join("_");
    match joined.as_str() {
        "cascade" | "force" | "hard" | "hard_delete" | "no_verify" | "overwrite" | "permanent"
        | "permanently" | "purge" | "recurse" | "recursive" | "skip_confirm"
        | "skip_confirmation" | "allow_dangerous" => Some(Use::Force),
        "check_only" | "dry_run" | "dryrun" | "plan_only" | "preview" | "preview_only"
        | "simulate" | "validate_only" | "what_if" => Some(Use::DryRun),
        "confirm" | "confirmation" | "confirmed" => Some(Use::Confirm),
        _ if joined.starts_with("force_") || joined.ends_with("_force") => Some(Use::Force),
        _ => None,
    }
}

fn is_money(words: &Words, last: &str) -> bool {
    const MONEY: [&str; 10] =
        ["amount", "bid", "budget", "cent", "fee", "payment", "price", "salary", "spend", "usd"];
    MONEY.contains(&last) && !matches!(words.word(0), "max" | "maximum" | "min" | "minimum")
}

fn is_credential(words: &Words, last: &str) -> bool {
    const PAGING: [&str; 7] = ["continuation", "cursor", "max", "next", "page", "start", "sync"];
    const KEYS: [&str; 7] = ["access", "api", "auth", "encryption", "license", "private", "secret"];
    match last {
        "apikey" | "credential" | "mnemonic" | "passphrase" | "passwd" | "password" | "secret" => {
            true
        }
        "token" => {
            !words.word(words.len() - 1).ends_with('s')
                && !words.iter().any(|word| PAGING.contains(&word))
        }
        "key" => words.iter().any(|word| KEYS.contains(&word)),
        _ => false,
    }
}

const QUERY_LANGUAGES: [&str; 16] = [
    "aql", "cql", "cypher", "dax", "dql", "esql", "flux", "graphql", "jql", "kql", "logql", "nrql",
    "promql", "soql", "sparql", "sql",
];

fn is_code(words: &Words, last: &str, says: &dyn Fn(&[&str]) -> bool) -> bool {
    const WRITTEN_IN: [&str; 12] = [
        "custom",
        "function",
        "java",
        "javascript",
        "js",
        "program",
        "python",
        "raw",
        "script",
        "shell",
        "source",
        "sql",
    ];
    match last {
        "bash" | "cmd" | "command" | "expression" | "javascript" | "js" | "program" | "script"
        | "shell" | "snippet" => true,
        "statement" => words.len() == 1 || words.iter().any(|word| QUERY_LANGUAGES.contains(&word)),
        "code" if words.len() == 1 => {
            let written = ["execute", "python", "run", "script", "source", "snippet"];
            !says(&IDENTIFIES) || says(&written)
        }
        "code" => words.iter().any(|word| WRITTEN_IN.contains(&word)),
        "query" => {
            words.iter().any(|word| QUERY_LANGUAGES.contains(&word)) || says(&QUERY_LANGUAGES)
        }
        _ => QUERY_LANGUAGES.contains(&last),
    }
}

/// What else is called a code.
const IDENTIFIES: [&str; 28] = [
    "account",
    "airport",
    "assigned",
    "authori",
    "country",
    "coupon",
    "currency",
    "discount",
    "error",
    "http",
    "identif",
    "iso",
    "job code",
    "language",
    "one-time",
    "otp",
    "postal",
    "promo",
    "sms",
    "station",
    "status",
    "stock",
    "ticker",
    "unique",
    "user code",
    "verif",
    "zip",
    "department",
];

fn singular(word: &str) -> &str {
    match word.strip_suffix('s') {
        Some(stem) if stem.len() > 2 && !stem.ends_with('s') && !matches!(word, "files") => stem,
        _ => word,
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Shape {
    /// One of a few values, or an object.
    Fixed,
    Number,
    Switch,
    /// Free text, alone or in an array; also what says nothing of its type.
    Text,
}

impl Shape {
    fn of(schema: Value<'_>) -> Self {
        if schema.get("enum").is_some() || schema.get("const").is_some() {
            return Self::Fixed;
        }
        let Some(kind) = schema.get("type") else {
            let branches = schema.get("anyOf").or(schema.get("oneOf"));
            return branches.and_then(|all| all.items().next()).map_or(Self::Text, Self::of);
        };
        let is = |name: &str| kind.is(name) || kind.items().any(|one| one.is(name));
        if is("string") {
            Self::Text
        } else if is("boolean") {
            Self::Switch
        } else if is("number") || is("integer") {
            Self::Number
        } else if is("array") {
            schema.get("items").map_or(Self::Text, Self::of)
        } else {
            Self::Fixed
        }
    }
}

/// More properties than this are many: 6 % of the tools of 870 servers asked in 2025 have more.
const PARAMS_MANY: usize = 12;
/// More arguments of one use are not told one by one.
const TOLD_MAX: usize = 5;

/// The signals of the arguments, in their order, and of their number.
pub(super) fn signals(params: &[Param<'_>], uses: &[(usize, Use)]) -> Vec<Signal> {
    let mut signals = Vec::new();
    for (nth, &(at, what)) in uses.iter().enumerate() {
        if uses[..nth].iter().filter(|(_, other)| *other == what).count() < TOLD_MAX {
            signals.push(signal(&params[at], what));
        }
    }
    if params.len() > PARAMS_MANY {
        signals.push(Signal {
            id: "many-params",
            text: format!("High parameter count ({} properties)", params.len()),
            param: None,
            weight: 0.0,
            quote: None,
        });
    }
    signals
}

fn signal(param: &Param<'_>, what: Use) -> Signal {
    let by_default = what == Use::DryRun
        && param.schema.get("default").is_some_and(|value| value.kind() == JsonKind::True);
    let (id, text, weight) = match what {
        Use::Code => ("code-input", "Accepts freeform code/query input", 1.0),
        Use::Confirm => ("confirm-input", "Asks for confirmation", 0.0),
        Use::Credential => ("credential-input", "Accepts a credential", 1.0),
        Use::DryRun if by_default => ("dry-run-default", "Runs dry unless told otherwise", -1.0),
        Use::DryRun => ("dry-run", "Offers a dry run", 0.0),
        Use::Force => ("force-input", "Can be forced or made recursive", 1.0),
        Use::Html => ("html-input", "Accepts raw HTML/template content", 0.0),
        Use::Money => ("money-input", "Accepts an amount of money", 0.0),
        Use::Path => ("path-input", "Accepts file system path", 0.0),
        Use::Recipient => ("recipient-input", "Accepts a recipient", 0.0),
        Use::Url => ("url-input", "Accepts URL/endpoint input", 0.0),
    };
    Signal {
        id,
        text: format!("{text} ({})", crate::visible(&param.path)),
        param: Some(param.path.clone()),
        weight,
        quote: Some(crate::visible(&param.name)),
    }
}

/// Arguments that choose what a tool does.
pub(super) const ACTIONS: [&str; 8] =
    ["action", "command", "method", "mode", "op", "operation", "subcommand", "verb"];

/// How many things one call reaches.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Reach {
    Many,
    One,
    Unknown,
}

/// By the words of the tool's name and by its required arguments.
pub(super) fn reach(name: &Words, params: &[Param<'_>]) -> Reach {
    let mass = ["all", "batch", "bulk", "everything", "many", "mass", "multiple"];
    if name.iter().any(|word| mass.contains(&word)) {
        return Reach::Many;
    }
    let top = || params.iter().filter(|param| !param.path.contains(['.', '[']));
    let is_list = |param: &Param<'_>| param.schema.get("type").is_some_and(|kind| kind.is("array"));
    let lists = |param: &Param<'_>| {
        let name = param.name.to_ascii_lowercase();
        is_list(param) && (name.ends_with("ids") || param.required && name.ends_with('s'))
    };
    let names = |param: &Param<'_>| {
        let name = param.name.to_ascii_lowercase();
        param.required
            && (name == "id"
                || name == "name"
                || param.name.ends_with("Id")
                || name.ends_with("_id"))
    };
    if top().any(lists) {
        Reach::Many
    } else if top().any(names) {
        Reach::One
    } else {
        Reach::Unknown
    }
}

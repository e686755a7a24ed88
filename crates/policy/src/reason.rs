//! What the agent hears: what is wrong, with which argument, and what would pass.
//!
//! Values of arguments stay out: the agent knows them, and reasons are recorded.

use toolgate_json::{Decimal, Kind, Value};

use crate::call::{Call, Subject};
use crate::condition::{Condition, Judgement, Match};
use crate::decision::{Code, Reason};
use crate::path::{Doubt, Path};
use crate::rule::Check;
use crate::words::short;

pub(crate) fn hidden(tool: &str) -> Reason {
    let message = format!("there is no tool `{}`", short(tool));
    Reason { code: Code::Hidden, pointer: "/hide".into(), message }
}

pub(crate) fn default_deny(call: &Call) -> Reason {
    let (what, listed) = (asked(call), listed(call.subject));
    let message =
        format!("{what} is not allowed: the policy allows only the {listed} that it lists");
    let pointer = match call.subject {
        Subject::Tool => String::new(),
        subject => format!("/{}", subject.section()),
    };
    Reason { code: Code::DefaultDeny, pointer: pointer.into(), message }
}

pub(crate) fn no_policy(call: &Call) -> Reason {
    let message = format!("{} is not allowed: there is no policy that allows it", asked(call));
    Reason { code: Code::NoPolicy, pointer: "".into(), message }
}

pub(crate) fn ambiguous_uri(call: &Call) -> Reason {
    let message = format!(
        "{} is not allowed: programs read such an address differently; write it without dots \
         between slashes, and without needless percent signs or capitals",
        asked(call)
    );
    Reason { code: Code::AmbiguousArgument, pointer: "/resources".into(), message }
}

pub(crate) fn mention(check: &Check) -> Reason {
    let what = "it is only named here, and arguments or a person would have to decide";
    checked(check, Code::ConditionUnknown, what)
}

/// The author's own words, if there are any.
pub(crate) fn rule_deny(check: &Check, call: &Call) -> Reason {
    let message = check.on_deny.as_deref().map(str::to_owned);
    let message = message.unwrap_or_else(|| format!("{} is denied by a rule", asked(call)));
    Reason { code: Code::RuleDeny, pointer: check.pointer.clone(), message }
}

/// A denial by `check`: the author's words first, then what is wrong.
pub(crate) fn checked(check: &Check, code: Code, what: &str) -> Reason {
    let message = match &check.on_deny {
        Some(words) => format!("{words} ({what})"),
        None => what.to_owned(),
    };
    Reason { code, pointer: check.pointer.clone(), message }
}

pub(crate) fn deny_if(check: &Check, condition: &Condition) -> Reason {
    let what = format!("argument `{}` {}", name(condition), condition.operator.forbidden());
    checked(check, Code::DenyIf, &what)
}

pub(crate) fn not_met(check: &Check, condition: &Condition) -> Reason {
    let what = format!("argument `{}` {}", name(condition), condition.operator.required());
    checked(check, Code::ConditionNotMet, &what)
}

pub(crate) fn absent(check: &Check, condition: &Condition) -> Reason {
    let required = condition.operator.required();
    let what = format!("argument `{}` is missing: it {required}", name(condition));
    checked(check, Code::ConditionNotMet, &what)
}

pub(crate) fn require_unknown(check: &Check, condition: &Condition, call: &Call) -> Reason {
    unknown(check, condition, call, &condition.operator.required())
}

pub(crate) fn deny_if_unknown(check: &Check, condition: &Condition, call: &Call) -> Reason {
    unknown(check, condition, call, &condition.operator.forbidden())
}

fn unknown(check: &Check, condition: &Condition, call: &Call, must: &str) -> Reason {
    let why = doubt(condition, condition.judge(call.arguments()));
    let why = why.unwrap_or_else(|| "it is missing".to_owned());
    let what = format!("argument `{}` {must}, which cannot be told: {why}", name(condition));
    checked(check, Code::ConditionUnknown, &what)
}

pub(crate) fn twins(check: &Check, path: &Path, key: Value<'_>) -> Reason {
    let what = format!(
        "argument `{}` is there twice: another key, {}, differs from it only in case or spelling",
        path.argument(),
        key_words(key)
    );
    checked(check, Code::AmbiguousArgument, &what)
}

pub(crate) fn declared_twin(key: Value<'_>, declared: &str) -> Reason {
    let message = format!(
        "argument {} differs only in case or spelling from `{}`, which the tool declares: \
         write `{}`",
        key_words(key),
        short(declared),
        short(declared)
    );
    Reason { code: Code::AmbiguousArgument, pointer: "".into(), message }
}

pub(crate) fn definition_unknown(check: &Check, tool: &str) -> Reason {
    let what = format!(
        "the arguments of `{}` cannot be checked: the server did not tell its tools, or not in a \
         readable way",
        short(tool)
    );
    checked(check, Code::DefinitionUnknown, &what)
}

pub(crate) fn required_argument_missing(check: &Check, name: &str) -> Reason {
    let what = format!("argument `{}` is missing, and the tool requires it", short(name));
    checked(check, Code::RequiredArgumentMissing, &what)
}

/// Why a condition cannot be judged, if it cannot.
pub(crate) fn doubt(condition: &Condition, judgement: Judgement<'_>) -> Option<String> {
    match judgement {
        Judgement::Doubt(doubt) => Some(doubt_words(doubt)),
        Judgement::Match(Match::Unknown, value) => Some(value_words(condition, value)),
        Judgement::Absent | Judgement::Match(..) | Judgement::Missing(_) => None,
    }
}

/// Why it cannot be said what stands at a path.
pub(crate) fn doubt_words(doubt: Doubt<'_>) -> String {
    match doubt {
        Doubt::NotThrough(value) => format!("the way there leads through {}", kind(value)),
        Doubt::Twin(key) | Doubt::Twins(key) => {
            format!("the key {} differs from it in case or spelling", key_words(key))
        }
    }
}

/// Why a value could not be judged.
fn value_words(condition: &Condition, value: Value<'_>) -> String {
    if let Some(how) = condition.operator.spelling(value) {
        return how.to_owned();
    }
    match value.as_number().map(Decimal::known) {
        Some(None) => "programs read this number differently".to_owned(),
        _ => format!("it is {}", kind(value)),
    }
}

/// What is asked for, in words.
fn asked(call: &Call) -> String {
    let name = short(&call.name);
    match call.subject {
        Subject::Prompt | Subject::PromptMention => format!("prompt `{name}`"),
        Subject::Resource | Subject::ResourceMention => format!("resource `{name}`"),
        Subject::ServerRequest => format!("the server's request `{name}`"),
        Subject::Tool => format!("tool `{name}`"),
    }
}

fn listed(subject: Subject) -> &'static str {
    match subject {
        Subject::Prompt | Subject::PromptMention => "prompts",
        Subject::Resource | Subject::ResourceMention => "resources",
        Subject::ServerRequest => "requests of servers",
        Subject::Tool => "tools",
    }
}

fn kind(value: Value<'_>) -> &'static str {
    match value.kind() {
        Kind::Array => "a list",
        Kind::False | Kind::True => "a boolean",
        Kind::Null => "null",
        Kind::Number => "a number",
        Kind::Object => "an object",
        Kind::String => "a text",
    }
}

fn name(condition: &Condition) -> String {
    short(condition.path.argument())
}

/// A twin in ASCII, so that it can be told from what it resembles.
fn key_words(key: Value<'_>) -> String {
    format!("`{}`", short(&key.as_str().unwrap_or_default().escape_default()))
}

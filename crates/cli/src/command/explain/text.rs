//! What a person reads: what was asked, in order, with lines; what decided; what to do.

use std::fmt::Write as _;

use toolgate_policy::explain::{Answer, Asks, Ends, Explanation, Fact, Level, Step, Truth};
use toolgate_policy::{Align, Effect};

use super::Told;
use super::recorded::Record;
use crate::output::visible;

pub(super) fn render(told: &Told) -> String {
    let mut out = String::new();
    let mut head = |what: &str, value: &str| {
        let _ = writeln!(out, "{what:<9} {value}");
    };
    head("call", &told.call);
    head("by", &told.whose);
    for (layer, source) in told.sources.iter().enumerate() {
        let layer = if told.sources.len() > 1 { format!(", layer {layer}") } else { String::new() };
        head("policy", &format!("{}, revision {}{layer}", visible(&source.name), source.revision));
    }
    if let Some(record) = &told.record {
        head("recorded", &recorded(record));
    }
    if let Some(explanation) = &told.explanation {
        if !explanation.charges().is_empty() {
            head("limits", told.levels);
        }
        out.push('\n');
        steps(told, explanation, &mut out);
        let _ = writeln!(out, "\n{}", decision(told, explanation));
        to_pass(told, explanation, &mut out);
    }
    if !told.untold.is_empty() {
        out.push_str("\nWhat cannot be told:\n");
        for one in &told.untold {
            let _ = writeln!(out, "  - {one}");
        }
    }
    out
}

fn recorded(record: &Record) -> String {
    let mut text = record.effect.to_owned();
    if let Some(code) = &record.code {
        let _ = write!(text, ", code {}", visible(code));
    }
    if !record.pointer.is_empty() {
        let _ = write!(text, ", rule {}", visible(&record.pointer));
    }
    if let Some(ms) = record.retry_after_ms {
        let _ = write!(text, ", retry after {} s", ms.div_ceil(1000));
    }
    if let Some(approval) = &record.approval {
        let _ = write!(text, ", approval {}", visible(approval));
    }
    text
}

fn steps(told: &Told, explanation: &Explanation, out: &mut String) {
    let denial = explanation.steps.iter().position(is_denial);
    for (at, step) in explanation.steps.iter().enumerate() {
        let moot = denial.is_some_and(|denial| at > denial);
        let place = place(told, step);
        let (what, end) = (what(told, step), end(step, moot));
        let _ = writeln!(out, "  {place:<9} {:<16} {end:<7} {what}", step.asks.as_str());
        for fact in step.facts.iter().skip(1) {
            let _ = writeln!(out, "  {:<9} {:<16} {:<7} {}", "", "", "", found(step.asks, fact));
        }
    }
}

pub(super) fn is_denial(step: &Step) -> bool {
    !step.is_shadow && matches!(step.ends, Ends::Denies(_))
}

/// The line, and the layer where there are several.
pub(super) fn place(told: &Told, step: &Step) -> String {
    let source = told.sources.get(step.layer);
    let line = source.and_then(|source| source.examined.line(&step.pointer));
    let layer = if told.sources.len() > 1 { format!("{}:", step.layer) } else { String::new() };
    line.map_or_else(String::new, |line| format!("line {layer}{line}"))
}

/// What is asked and what stands there.
pub(super) fn what(told: &Told, step: &Step) -> String {
    let source = told.sources.get(step.layer);
    let name = source.and_then(|source| source.examined.rule_name(&step.pointer));
    let name = name.map(|name| format!("[{}] ", visible(name))).unwrap_or_default();
    let text = match (step.asks, &step.ends, step.facts.first()) {
        (Asks::Hide, Ends::Passes, _) => "the tool is not hidden".to_owned(),
        (Asks::Listing, Ends::Passes, _) if step.is_listed => "a key lists it".to_owned(),
        (Asks::Listing, Ends::Passes, _) => {
            "no key lists it; the default allows what is not listed".to_owned()
        }
        (Asks::Spelling, Ends::Passes, _) => "it has one reading".to_owned(),
        (Asks::Limit, Ends::Spends(charge), _) => match &step.level {
            Some(level) => level_words(told, level),
            None => format!("counts {} of {}", charge.amount, charge.counter),
        },
        (Asks::Limit, Ends::Denies(reason), _) | (_, Ends::Denies(reason), None) => {
            visible(&reason.message)
        }
        (asks, _, Some(fact)) => found(asks, fact),
        (Asks::Approve, Ends::Asks(_), None) => "every such call waits for a person".to_owned(),
        (Asks::RequiredArgs, _, _) => "every required argument is there".to_owned(),
        (Asks::Schema, _, _) => "the arguments fit the tool's schema".to_owned(),
        _ => String::new(),
    };
    let shadow = if step.is_shadow { "in shadow, decides nothing: " } else { "" };
    format!("{shadow}{name}{text}")
}

pub(super) fn found(asks: Asks, fact: &Fact) -> String {
    let path = visible(&fact.path);
    let is = match (&fact.actual, fact.truth) {
        (Some(actual), _) => format!("is {}", visible(actual)),
        (None, Truth::Unknown) => "cannot be told".to_owned(),
        (None, _) => "is not given".to_owned(),
    };
    let must = fact.must.as_ref().map(|must| match asks {
        Asks::Approve => format!("; asked if it {}", indicative(must)),
        _ => format!("; it {}", visible(must)),
    });
    let why = fact.why.as_ref().map(|why| format!(" ({})", visible(why)));
    format!("{path} {is}{}{}", must.unwrap_or_default(), why.unwrap_or_default())
}

/// `is more than 50`, for a condition that asks and does not bind.
fn indicative(must: &str) -> String {
    let verbs = [
        ("must be ", "is "),
        ("must not be ", "is not "),
        ("must contain ", "contains "),
        ("must have ", "has "),
        ("must match ", "matches "),
    ];
    let found =
        verbs.iter().find_map(|(verb, is)| Some(format!("{is}{}", must.strip_prefix(verb)?)));
    visible(&found.unwrap_or_else(|| must.to_owned()))
}

/// `1 hour`, `90 s`.
fn window(length_s: u64) -> String {
    let units = [(86_400, "day"), (3600, "hour"), (60, "minute")];
    let unit = units.iter().find(|(unit_s, _)| length_s.is_multiple_of(*unit_s));
    match unit.map(|(unit_s, word)| (length_s / unit_s, word)) {
        Some((1, word)) => format!("1 {word}"),
        Some((count, word)) => format!("{count} {word}s"),
        None => format!("{length_s} s"),
    }
}

fn level_words(told: &Told, level: &Level) -> String {
    let Level { counter, max, amount, before, after, .. } = level;
    let window = match level.window.align {
        Align::Calendar => format!("full {}", window(level.window.length_s.get())),
        Align::Sliding => window(level.window.length_s.get()),
    };
    let (name, scope) = (visible(&counter.name), level.scope.as_str());
    let bound = format!("at most {max} of {name} in {window} per {scope}");
    if told.conceals(level.scope) {
        return format!("{bound}; counts {amount}; others count too, which is not shown");
    }
    match after {
        Some(after) => format!("{bound}; {before} before, {after} after"),
        None => format!("{bound}; {before} before, {amount} more do not fit"),
    }
}

/// How it ended; in brackets what no longer matters.
pub(super) fn end(step: &Step, moot: bool) -> String {
    let is_over = step.level.as_ref().is_some_and(Level::is_over);
    let word = match &step.ends {
        Ends::Asks(_) => "asks",
        Ends::Denies(_) if step.facts.iter().any(|fact| fact.truth == Truth::Unknown) => "doubt",
        Ends::Denies(_) => "no",
        Ends::Spends(_) if is_over => "full",
        Ends::Passes | Ends::Spends(_) => "ok",
    };
    if moot || step.is_shadow { format!("({word})") } else { word.to_owned() }
}

pub(super) fn decision(told: &Told, explanation: &Explanation) -> String {
    let by = explanation.deciding().map(|step| place(told, step)).unwrap_or_default();
    let by = if by.is_empty() { String::new() } else { format!(" by {by}") };
    match (&explanation.answer, explanation.effect()) {
        (Answer::Deny { reason, .. }, Effect::Hidden) => {
            format!("HIDDEN{by}: {}", visible(&reason.message))
        }
        (Answer::Deny { reason, .. }, _) => {
            format!("DENIED{by}, code {}: {}", reason.code.as_str(), visible(&reason.message))
        }
        (_, Effect::Approve) => format!("PENDING{by}: a person must say yes"),
        (_, Effect::Limit) => format!("LIMITED{by}: it does not fit into the window"),
        (_, Effect::Allow | Effect::Deny | Effect::Hidden) => {
            "ALLOWED: nothing stands in the way".to_owned()
        }
    }
}

fn to_pass(told: &Told, explanation: &Explanation, out: &mut String) {
    let remedies = remedies(told, explanation);
    if remedies.is_empty() {
        return;
    }
    out.push_str("To make it pass:\n");
    for (place, remedy) in remedies {
        let _ = writeln!(out, "  {place:<9} {remedy}");
    }
}

/// Where and what to do, in the order in which it would be heard of.
pub(super) fn remedies(told: &Told, explanation: &Explanation) -> Vec<(String, String)> {
    let enforced = explanation.steps.iter().filter(|step| !step.is_shadow);
    let remedy = |step| Some((place(told, step), visible(&remedy(told, step)?)));
    enforced.filter_map(remedy).collect()
}

pub(super) fn remedy(told: &Told, step: &Step) -> Option<String> {
    let concealed = step.level.as_ref().filter(|level| told.conceals(level.scope));
    match concealed {
        Some(level) => level.wait(),
        None => step.remedy.clone(),
    }
}

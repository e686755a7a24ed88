//! From a definition to its risk: what the tool does, how bad a wrong call is, and why.

use super::kin::{Kin, NAME_BYTES_MAX};
use super::schema::{self, Reach};
use super::votes::{self, Said};
use super::words::Words;
use super::{Category, Finding, Severity, Signal};
use crate::Tool;

/// How dangerous one tool is, and all that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    pub category: Category,
    pub severity: Severity,
    /// 1 to 5.
    pub score: u8,
    /// 0 to 1: how sure the category is.
    pub confidence: f32,
    /// The category to write a policy for: the graver one in doubt.
    pub strict: Category,
    pub signals: Vec<Signal>,
    pub findings: Vec<Finding>,
}

/// Less is doubt.
const CONFIDENCE_MIN: f32 = 0.6;

/// Judges one tool by its definition. The same definition, the same answer.
pub fn assess(tool: &Tool<'_>, kin: &Kin) -> Risk {
    let name = Words::of(&tool.name, NAME_BYTES_MAX);
    let sentence = first_sentence(&tool.description);
    let first_sentence = Words::of(sentence, 400);
    let said = Said {
        own: kin.own(&name),
        name: &name,
        name_text: &tool.name,
        first_sentence: &first_sentence,
        description: sentence,
    };
    let counted = votes::count(&said);
    let (voted, confidence) = counted.top().unwrap_or((Category::Read, 0.0));
    let mut signals = counted.signals;
    let uses = schema::uses(&tool.params);
    signals.extend(schema::signals(&tool.params, &uses));

    let category = raised(voted, tool, &mut signals);
    if category != Category::Read {
        signals.extend(reach(schema::reach(&name, &tool.params)));
    }
    let doubt = confidence < CONFIDENCE_MIN || tool.description.trim().is_empty();
    let strict = if doubt && category == Category::Read { Category::Write } else { category };
    let score = score(category, &signals);
    let findings = contradictions(voted, tool);
    Risk { category, severity: severity(score), score, confidence, strict, signals, findings }
}

fn first_sentence(text: &str) -> &str {
    let text = text.trim_start();
    let end = text.char_indices().find(|&(at, c)| {
        c == '\n' || matches!(c, '.' | '!' | '?') && text[at + 1..].starts_with([' ', '\n'])
    });
    end.map_or(text, |(at, _)| &text[..at])
}

/// What a server says of its own tool may only make it graver: the hints of one that cannot be
/// trusted are not to be trusted (MCP, "`ToolAnnotations`").
fn raised(category: Category, tool: &Tool<'_>, signals: &mut Vec<Signal>) -> Category {
    let declared = |id, text: &str| Signal {
        id,
        text: text.to_owned(),
        param: None,
        weight: 0.0,
        quote: None,
    };
    let hints = tool.annotations;
    if hints.destructive == Some(true) && hints.read_only != Some(true) {
        signals.push(declared("declared-destructive", "Declares `destructiveHint: true`"));
    }
    if hints.read_only == Some(false) {
        signals.push(declared("declared-writing", "Declares `readOnlyHint: false`"));
    }
    let writes = hints.read_only == Some(false)
        || hints.destructive == Some(true) && hints.read_only != Some(true);
    if writes && category == Category::Read { Category::Write } else { category }
}

fn reach(reach: Reach) -> Option<Signal> {
    let (id, text, weight) = match reach {
        Reach::Many => ("bulk", "Bulk/mass operation — affects multiple targets", 1.0),
        Reach::One => ("single-target", "Single-target operation", 0.0),
        Reach::Unknown => return None,
    };
    Some(Signal { id, text: text.to_owned(), param: None, weight, quote: None })
}

/// The category's gravity, one more or one less by the signals.
fn score(category: Category, signals: &[Signal]) -> u8 {
    let counts = |signal: &&Signal| schema_weight(signal);
    let sum: f32 = signals.iter().filter(counts).map(|signal| signal.weight).sum();
    let gravity = category.gravity();
    if sum > 0.0 {
        (gravity + 1).min(5)
    } else if sum < 0.0 {
        (gravity - 1).max(1)
    } else {
        gravity
    }
}

/// Whether a signal speaks of how bad a call is, not of what it does.
fn schema_weight(signal: &Signal) -> bool {
    !matches!(
        signal.id,
        "code-noun" | "description-verb" | "money-noun" | "name-verb" | "runs-code"
    )
}

fn severity(score: u8) -> Severity {
    match score {
        ..=1 => Severity::Low,
        2 => Severity::Medium,
        3 => Severity::High,
        4.. => Severity::Critical,
    }
}

fn contradictions(category: Category, tool: &Tool<'_>) -> Vec<Finding> {
    let hints = tool.annotations;
    let (hint, says) = match category {
        Category::Destructive | Category::Execute | Category::Financial
            if hints.read_only == Some(true) =>
        {
            ("readOnlyHint", "declares `readOnlyHint: true`")
        }
        Category::Destructive if hints.destructive == Some(false) => {
            ("destructiveHint", "declares `destructiveHint: false`")
        }
        Category::Destructive
        | Category::Execute
        | Category::Financial
        | Category::Read
        | Category::Write => return Vec::new(),
    };
    vec![Finding {
        id: "annotation-contradicts-definition",
        severity: Severity::High,
        text: format!("{says}, but the definition is of a tool of the category {category}"),
        place: format!("annotations.{hint}"),
        quote: format!("{hint}: {}", hint == "readOnlyHint"),
    }]
}

#[cfg(test)]
mod tests;

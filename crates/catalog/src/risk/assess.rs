//! From a definition to its risk: what the tool does, how bad a wrong call is, and why.

use super::grade;
use super::kin::Kin;
use super::lexicon::Strength;
use super::model::{Model, Opinion, Vector};
use super::reading::Reading;
use super::schema::{self, Reach};
use super::veto::Vetoes;
use super::votes::{self, Votes};
use super::{Category, Finding, Severity, Signal};
use crate::Tool;

/// How dangerous one tool is, and all that it rests on.
#[derive(Debug, Clone, PartialEq)]
pub struct Risk {
    pub category: Category,
    pub severity: Severity,
    /// 1 to 5.
    pub score: u8,
    /// 0 to 1: how likely the category is.
    pub confidence: f32,
    /// The category to write a policy for: the graver one in doubt.
    pub strict: Category,
    pub signals: Vec<Signal>,
    pub findings: Vec<Finding>,
}

/// Less is doubt.
const CONFIDENCE_MIN: f32 = 0.6;
/// A tool is fenced as one that only reads if that is so likely: then 98 % of the tools that
/// change something are not among them (`docs/risk.md`).
const READ_MIN: f32 = 0.96;
/// A graver category that is so likely is taken in doubt.
const GRAVER_MIN: f32 = 0.2;

/// How sure one may be of a category if something shows a graver one.
const VETOED_MAX: f32 = 0.5;

/// And if nothing is said of what it does.
const UNKNOWN_MAX: f32 = 0.3;

/// Judges one tool by its definition. The same definition, the same answer.
pub fn assess(tool: &Tool<'_>, kin: &Kin) -> Risk {
    assess_by(&Model::embedded(), tool, kin)
}

/// As [`assess`], by another model: to measure how well a way of training does.
pub fn assess_by(model: &Model<'_>, tool: &Tool<'_>, kin: &Kin) -> Risk {
    let reading = Reading::of(tool, kin);
    let mut counted = votes::count(&reading);
    let (vector, features) = Vector::told(&reading, &counted);
    let opinion = model.opinion(&vector);
    let judged = decided(&opinion, &counted);
    let mut signals = std::mem::take(&mut counted.signals);
    for (place, feature, weight) in model.reasons(&vector, &features, judged) {
        let words = format!("{} {}", feature.one, feature.two);
        let words = crate::visible(words.trim_end());
        let mut signal = plain("model", format!("{judged}: `{words}` in {place}"), weight);
        signal.quote = Some(words);
        signals.push(signal);
    }
    signals.extend(schema::signals(&tool.params, &reading.uses));
    let category = raised(judged, &reading, &mut signals);
    if category != Category::Read {
        signals.extend(reach(schema::reach(&reading.name, &tool.params)));
    }
    signals.extend(grade::signals(&reading, judged, category));
    let mut confidence = if category == judged { opinion.of(judged) } else { 1.0 };
    let mut strict = graver(strict(judged, &opinion, &counted, &reading), category);
    let mut score = grade::score(category, &signals);
    if signals.iter().any(|signal| grade::PRIVATE.contains(&signal.id)) {
        strict = graver(strict, Category::Write);
    }
    if nothing_is_known(&reading, &counted) {
        confidence = confidence.min(UNKNOWN_MAX);
        strict = graver(strict, Category::Execute);
    }
    let vetoes = Vetoes::of(&reading, judged, category);
    if let Some(shown) = vetoes.gravest() {
        confidence = confidence.min(VETOED_MAX);
        strict = graver(strict, shown);
        score = score.max(shown.gravity() - 1);
        signals.extend(vetoes.into_signals());
    }
    Risk {
        category,
        severity: grade::severity(score),
        score,
        confidence,
        strict,
        findings: contradictions(judged, confidence, tool),
        signals,
    }
}

/// The likeliest category; but where the words speak of money that is moved, `Financial` may be a
/// bit less likely: to take a payment for a mere change costs less than the other way round.
fn decided(opinion: &Opinion, counted: &Votes) -> Category {
    let judged = opinion.category();
    let by_words = counted.top().is_some_and(|(top, _)| top == Category::Financial);
    let mild = matches!(judged, Category::Execute | Category::Write);
    let near = opinion.of(Category::Financial) * MONEY_COST > opinion.of(judged);
    if by_words && mild && near { Category::Financial } else { judged }
}

/// How much worse it is to overlook that money moves.
const MONEY_COST: f32 = 2.5;

/// No verb, and no description worth the name.
fn nothing_is_known(reading: &Reading<'_, '_>, counted: &Votes) -> bool {
    counted.top().is_none() && reading.first.len() + reading.rest.len() < WORDS_MIN
}

/// Fewer words describe nothing.
const WORDS_MIN: usize = 4;

/// The graver one; of two that are as grave the first.
fn graver(one: Category, other: Category) -> Category {
    if other.gravity() > one.gravity() { other } else { one }
}

/// The category to write a policy for. Doubt is: not very likely to read only; less than
/// likely; the verbs say otherwise; nothing is said.
fn strict(
    category: Category,
    opinion: &Opinion,
    counted: &Votes,
    reading: &Reading<'_, '_>,
) -> Category {
    let voted = counted.top().map(|(top, _)| top);
    let silent = reading.tool.description.trim().is_empty();
    let likely = opinion.of(category);
    let by_verbs = match voted {
        Some(voted) if voted.gravity() > category.gravity() => Some(voted),
        Some(_) => None,
        None => Some(opinion.other()),
    };
    let least = if category == Category::Read { READ_MIN } else { CONFIDENCE_MIN };
    let doubt = likely < least || by_verbs.is_some() && likely < 0.95 || silent && likely < 0.95;
    if !doubt {
        return category;
    }
    let possible = Category::ALL.into_iter().filter(|other| opinion.of(*other) >= GRAVER_MIN);
    let read = (category == Category::Read).then(|| opinion.other());
    let candidates = possible.chain(by_verbs).chain(read).chain([category]);
    let graver = |a: &Category, b: &Category| {
        a.gravity().cmp(&b.gravity()).then(opinion.of(*a).total_cmp(&opinion.of(*b)))
    };
    candidates.max_by(graver).unwrap_or(category)
}

/// What a server says of its own tool may only make it graver: the hints of one that cannot be
/// trusted are not to be trusted (MCP, "`ToolAnnotations`"). So does an argument that chooses
/// among actions of which one changes something.
fn raised(category: Category, reading: &Reading<'_, '_>, signals: &mut Vec<Signal>) -> Category {
    let hints = reading.tool.annotations;
    let mut writes = false;
    if hints.destructive == Some(true) && hints.read_only != Some(true) {
        let text = "Declares `destructiveHint: true`".to_owned();
        signals.push(plain("declared-destructive", text, 0.0));
        writes = true;
    }
    if hints.read_only == Some(false) {
        let text = "Declares `readOnlyHint: false`".to_owned();
        signals.push(plain("declared-writing", text, 0.0));
        writes = true;
    }
    let changes = |verb: &super::lexicon::Verb| {
        verb.category != Category::Read && verb.strength == Strength::Strong
    };
    if let Some((param, verb)) = reading.actions.iter().find(|(_, verb)| changes(verb)) {
        let text =
            format!("Chooses among actions, `{}` is one ({})", verb.stem, crate::visible(param));
        let mut signal = plain("action-input", text, 0.0);
        signal.param = Some(param.clone());
        signals.push(signal);
        writes = true;
    }
    if writes && category == Category::Read { Category::Write } else { category }
}

fn plain(id: &'static str, text: String, weight: f32) -> Signal {
    Signal { id, text, param: None, weight, quote: None }
}

fn reach(reach: Reach) -> Option<Signal> {
    match reach {
        Reach::Many => {
            let text = "Bulk/mass operation — affects multiple targets";
            Some(plain("bulk", text.to_owned(), 1.0))
        }
        Reach::One => Some(plain("single-target", "Single-target operation".to_owned(), 0.0)),
        Reach::Unknown => None,
    }
}

/// How sure one must be to hold a hint on a mere change against a server.
const SURE: f32 = 0.8;

fn contradictions(category: Category, confidence: f32, tool: &Tool<'_>) -> Vec<Finding> {
    let hints = tool.annotations;
    let (hint, severity) = match category {
        Category::Destructive | Category::Execute | Category::Financial
            if hints.read_only == Some(true) =>
        {
            ("readOnlyHint: true", Severity::High)
        }
        Category::Write if hints.read_only == Some(true) && confidence >= SURE => {
            ("readOnlyHint: true", Severity::Medium)
        }
        Category::Destructive if hints.destructive == Some(false) && confidence >= SURE => {
            ("destructiveHint: false", Severity::Medium)
        }
        Category::Destructive
        | Category::Execute
        | Category::Financial
        | Category::Read
        | Category::Write => return Vec::new(),
    };
    vec![Finding {
        id: "annotation-contradicts-definition",
        severity,
        text: format!("declares `{hint}`, but by its definition the tool is {category}"),
        place: format!("annotations.{}", hint.split(':').next().unwrap_or(hint)),
        quote: hint.to_owned(),
    }]
}

#[cfg(test)]
mod tests;

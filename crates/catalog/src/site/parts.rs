//! The small things that pages are made of, as templates take them.

use crate::attacks::Attack;
use crate::{Category, DiffLine, Finding, Letter, Severity};

use super::rich::Rich;
use super::words::kind;
use super::{attack, quoted};

#[derive(Clone, Copy)]
pub(super) struct Level {
    pub(super) name: &'static str,
    pub(super) class: &'static str,
}

pub(super) struct Score {
    pub(super) value: u8,
    pub(super) pips: String,
}

pub(super) struct BarPart {
    pub(super) name: &'static str,
    pub(super) slug: &'static str,
    pub(super) class: String,
    pub(super) count: u32,
    /// Of a hundred.
    pub(super) from: String,
    pub(super) width: String,
}

pub(super) struct FindingView {
    pub(super) level: Level,
    pub(super) text: Rich,
    pub(super) place: String,
    pub(super) quote: String,
}

pub(super) struct Card {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) level: Level,
    pub(super) text: Rich,
}

pub(super) struct Link {
    pub(super) href: String,
    pub(super) name: String,
    pub(super) text: String,
}

pub(super) struct Faq {
    pub(super) question: Rich,
    pub(super) answer: Rich,
}

pub(super) struct Line {
    pub(super) is_new: bool,
    pub(super) text: String,
}

pub(super) fn level(severity: Severity) -> Level {
    let class = match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    };
    Level { name: severity.name(), class }
}

pub(super) fn score(value: u8) -> Score {
    let full = usize::from(value.min(5));
    Score { value, pips: "●".repeat(full) + &"○".repeat(5 - full) }
}

/// `grade-a`.
pub(super) fn grade_class(letter: Letter) -> String {
    format!("grade-{}", letter.name().to_ascii_lowercase())
}

/// The shares of the categories that are there, the mildest first.
pub(super) fn bar(counts: [u32; 5]) -> Vec<BarPart> {
    let mut order = Category::ALL;
    order.sort_by_key(|category| (category.gravity(), category.name()));
    let whole = counts.iter().sum::<u32>().max(1);
    let percent = |count: u32| format!("{:.2}", f64::from(count) * 100.0 / f64::from(whole));
    let mut from = 0;
    let mut parts = Vec::new();
    for category in order {
        let count = counts[category.place()];
        if count > 0 {
            let (kind, at, width) = (kind(category), percent(from), percent(count));
            let class = format!("c-{}", kind.slug);
            parts.push(BarPart { name: kind.name, slug: kind.slug, class, count, from: at, width });
            from += count;
        }
    }
    parts
}

/// The bar in words.
pub(super) fn bar_label(parts: &[BarPart]) -> String {
    let parts: Vec<_> = parts.iter().map(|part| format!("{} {}", part.count, part.name)).collect();
    if parts.is_empty() { "no tools".to_owned() } else { parts.join(", ") }
}

pub(super) fn findings(findings: &[Finding]) -> Vec<FindingView> {
    let view = |finding: &Finding| FindingView {
        level: level(finding.severity),
        text: Rich::of(&quoted::line(&finding.text)),
        place: quoted::line(&finding.place),
        quote: quoted::start(&finding.quote, 400),
    };
    findings.iter().map(view).collect()
}

pub(super) fn card(one: &Attack) -> Card {
    let (href, name) = (attack::path(one), one.name.clone());
    Card { href, name, level: level(one.severity), text: Rich::of(&one.summary) }
}

/// The attacks that a tool like this is of use for, the gravest first, not more than `max`.
pub(super) fn attacks<'a>(
    categories: &[Category],
    signals: impl Iterator<Item = &'a str>,
    max: usize,
) -> Vec<Card> {
    suiting(categories, signals, max).into_iter().map(card).collect()
}

/// The same, as they are.
pub(super) fn suiting<'a>(
    categories: &[Category],
    signals: impl Iterator<Item = &'a str>,
    max: usize,
) -> Vec<&'static Attack> {
    let signals: Vec<&str> = signals.collect();
    let suits = |one: &&Attack| one.suits(categories, signals.iter().copied());
    let mut suiting: Vec<&'static Attack> = crate::attacks::all().iter().filter(suits).collect();
    // What asks for a signal fits better than what fits every tool of a category.
    suiting.sort_by(|a, b| {
        let rank = |one: &Attack| (!one.needs.signals.is_empty(), one.severity);
        rank(b).cmp(&rank(a)).then_with(|| a.id.cmp(&b.id))
    });
    suiting.truncate(max);
    suiting
}

pub(super) fn lines(lines: &[DiffLine]) -> Vec<Line> {
    const LINES_MAX: usize = 200;
    let line = |line: &DiffLine| Line {
        is_new: line.is_new,
        text: format!("{} {}", if line.is_new { '+' } else { '-' }, line.text),
    };
    lines.iter().take(LINES_MAX).map(line).collect()
}

pub(super) fn faq(question: impl AsRef<str>, answer: impl AsRef<str>) -> Faq {
    Faq { question: Rich::of(question.as_ref()), answer: Rich::of(answer.as_ref()) }
}

/// `1 tool`, `2 tools`.
pub(super) fn count(number: usize, thing: &str) -> String {
    format!("{} {thing}{}", thousands(number), if number == 1 { "" } else { "s" })
}

/// `12,345`.
pub(super) fn thousands(number: usize) -> String {
    let digits = number.to_string();
    let mut out = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            out.push(',');
        }
        out.push(digit);
    }
    out
}

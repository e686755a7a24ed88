//! One text, judged: all the evidence in it, and whether that is enough.

use std::ops::Range;

use crate::{Finding, Severity, visible};

use super::evidence::{ALARM, EVIDENCE_MAX, Evidence, alarming};
use super::fold::Folded;
use super::rules::{RULES, Rule};
use super::{disguise, encoded, hidden, quoted, tags, token, tongues};

/// A quote is cut there.
const QUOTE_CHARS: usize = 160;

/// What makes a text alarming, and its score.
pub(super) struct Judged {
    pub(super) score: u32,
    pub(super) evidence: Vec<Evidence>,
}

/// Shorter texts hold no order and no tag.
const SHORT: usize = 8;

pub(super) fn judge(text: &str, is_tool: &dyn Fn(&str) -> bool) -> Option<Judged> {
    judge_nested(text, is_tool, 0)
}

pub(super) fn judge_nested(
    text: &str,
    is_tool: &dyn Fn(&str) -> bool,
    depth: u32,
) -> Option<Judged> {
    let mut found = Vec::new();
    if !hidden::is_plain(text) {
        found = hidden::hidden(text);
    }
    if text.len() >= SHORT {
        let folded = Folded::of(text);
        let from = found.len();
        tags::tags(&folded.text, &mut found);
        words(&folded.text, is_tool, &mut found);
        for one in &mut found[from..] {
            let (start, end) = folded.source_span(one.span.start, one.span.end);
            one.span = start..end;
        }
        found.retain(|one| !quoted::is_shown(text, one));
        tongues::orders(text, &mut found);
        encoded::encoded(text, depth, &mut found);
        disguise::disguised(text, depth, &mut found);
    }
    let (score, evidence) = alarming(found)?;
    Some(Judged { score, evidence })
}

fn words(text: &str, is_tool: &dyn Fn(&str) -> bool, found: &mut Vec<Evidence>) {
    let tokens = token::read(text, is_tool);
    let all = token::mask(&tokens);
    let rules: Vec<&Rule> = RULES.iter().filter(|rule| rule.pattern.may_match(all)).collect();
    if rules.is_empty() {
        return;
    }
    for sentence in tokens.chunk_by(|one, next| one.sentence == next.sentence) {
        let all = token::mask(sentence);
        for rule in rules.iter().filter(|rule| rule.pattern.may_match(all)) {
            rule.matches(sentence, found);
            if found.len() >= EVIDENCE_MAX {
                return;
            }
        }
    }
}

impl Judged {
    /// One finding for each id, its heaviest evidence quoted; the score is said in each.
    pub(super) fn findings(self, text: &str, place: &str) -> Vec<Finding> {
        let score = self.score;
        let mut heaviest: Vec<(Evidence, usize)> = Vec::new();
        for one in self.evidence {
            let known = heaviest.iter().position(|(known, _)| known.id == one.id);
            let at = known.unwrap_or(heaviest.len());
            if at == heaviest.len() {
                heaviest.push((one, 1));
                continue;
            }
            heaviest[at].1 += 1;
            if one.weight > heaviest[at].0.weight {
                heaviest[at].0 = one;
            }
        }
        let finding = |(one, times): (Evidence, usize)| {
            let times = if times > 1 { format!(", {times} times") } else { String::new() };
            let sum = format!("weight {}, this text {score} of {ALARM}", one.weight);
            Finding {
                id: one.id,
                severity: severity(one.weight, score),
                text: format!("{}{times} ({sum})", one.said),
                place: place.to_string(),
                quote: one.quote.unwrap_or_else(|| quote(text, &one.span)),
            }
        };
        heaviest.into_iter().map(finding).collect()
    }
}

fn severity(weight: u32, score: u32) -> Severity {
    match (weight, score) {
        (4.., 8..) => Severity::Critical,
        (4.., _) | (3, 8..) => Severity::High,
        (2..=3, _) => Severity::Medium,
        (_, _) => Severity::Low,
    }
}

fn quote(text: &str, span: &Range<usize>) -> String {
    let quoted = text.get(span.clone()).unwrap_or_default();
    let mut short: String = quoted.chars().take(QUOTE_CHARS).collect();
    if short.len() < quoted.len() {
        short.push('…');
    }
    visible(&short)
}

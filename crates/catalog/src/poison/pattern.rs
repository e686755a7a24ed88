//! A rule's pattern: classes of words, close together, in one sentence.
//!
//! `dont mention|show~2 person~6`: a word of `dont`, then one of `mention` or `show` with at most
//! two words between, then one of `person` with at most six between. Without a number at most two.
//! `urgent&capitals` is both at once. `*` in front: in any order. `!can` at the end: unless a word
//! of `can` stands in the span or close to it. A name that is no class is the word itself.

use super::lexicon::{LEXICON, Mask};
use super::token::Token;

#[derive(Debug)]
pub(super) struct Pattern {
    steps: Vec<Step>,
    unless: Mask,
    any_order: bool,
    /// What a sentence must have of each step; the class with the fewest words first.
    needs: Vec<Mask>,
}

#[derive(Debug)]
struct Step {
    mask: Mask,
    /// All of these at once.
    also: Mask,
    gap: usize,
}

const GAP: usize = 2;
/// Words from the first to the last of an unordered pattern.
const SPREAD: usize = 30;
/// Words before a span, and after it, in which an exception is looked for.
const LEAD: usize = 8;
const TAIL: usize = 3;

impl Pattern {
    pub(super) fn parse(written: &str) -> Self {
        let (steps, needs) = (Vec::new(), Vec::new());
        let mut pattern = Self { steps, unless: Mask::default(), any_order: false, needs };
        let mut rarest: Vec<(usize, Mask)> = Vec::new();
        for part in written.split(' ') {
            if part == "*" {
                pattern.any_order = true;
            } else if let Some(class) = part.strip_prefix('!') {
                pattern.unless |= classes(class);
            } else {
                let (names, gap) = part.split_once('~').unwrap_or((part, ""));
                let (names, also) = names.split_once('&').unwrap_or((names, ""));
                let gap = gap.parse().unwrap_or(GAP);
                rarest.push((LEXICON.words(names), classes(names)));
                pattern.steps.push(Step { mask: classes(names), also: classes(also), gap });
            }
        }
        rarest.sort_by_key(|(words, _)| *words);
        pattern.needs = rarest.into_iter().map(|(_, mask)| mask).collect();
        pattern
    }

    /// Whether a sentence with these classes can match at all.
    pub(super) fn may_match(&self, all: Mask) -> bool {
        self.needs.iter().all(|one| one.meets(all))
    }

    /// The first and last token of each match in one sentence, none within another.
    pub(super) fn matches(&self, sentence: &[Token], mut found: impl FnMut(&Token, &Token)) {
        let mut from = 0;
        while let Some((first, last)) = self.next(sentence, from) {
            if !self.is_excepted(sentence, first, last) {
                found(&sentence[first], &sentence[last]);
            }
            from = last + 1;
            if self.any_order {
                break;
            }
        }
    }

    fn next(&self, sentence: &[Token], from: usize) -> Option<(usize, usize)> {
        if self.any_order {
            return self.scattered(sentence);
        }
        let begin = self.steps.first()?;
        let starts = (from..sentence.len()).filter(|at| begin.fits(sentence[*at].mask));
        starts.into_iter().find_map(|at| Some((at, self.rest(sentence, at, 1)?)))
    }

    fn rest(&self, sentence: &[Token], at: usize, step: usize) -> Option<usize> {
        let Some(wanted) = self.steps.get(step) else { return Some(at) };
        let until = (at + 2 + wanted.gap).min(sentence.len());
        (at + 1..until)
            .filter(|next| wanted.fits(sentence[*next].mask))
            .find_map(|next| self.rest(sentence, next, step + 1))
    }

    /// A different word for every step, whatever their order.
    fn scattered(&self, sentence: &[Token]) -> Option<(usize, usize)> {
        let mut taken: Vec<usize> = Vec::with_capacity(self.steps.len());
        for step in &self.steps {
            let fits = |at: &usize| step.fits(sentence[*at].mask) && !taken.contains(at);
            taken.push((0..sentence.len()).find(fits)?);
        }
        let (first, last) = (*taken.iter().min()?, *taken.iter().max()?);
        (last - first <= SPREAD).then_some((first, last))
    }

    fn is_excepted(&self, sentence: &[Token], first: usize, last: usize) -> bool {
        let until = (last + 1 + TAIL).min(sentence.len());
        !self.unless.is_empty()
            && sentence[first.saturating_sub(LEAD)..until]
                .iter()
                .any(|token| token.mask.meets(self.unless))
    }
}

impl Step {
    fn fits(&self, mask: Mask) -> bool {
        mask.meets(self.mask) && mask.holds(self.also)
    }
}

/// The names of classes and words in a pattern.
pub(super) fn names(written: &str) -> impl Iterator<Item = &str> {
    let parts = written.split(' ').map(|part| part.trim_start_matches('!'));
    let parts = parts.map(|part| part.split_once('~').map_or(part, |(names, _)| names));
    parts.flat_map(|part| part.split(['|', '&'])).filter(|name| !matches!(*name, "" | "*"))
}

fn classes(names: &str) -> Mask {
    let each = names.split('|').filter(|name| !name.is_empty());
    each.fold(Mask::default(), |mask, name| mask | LEXICON.bit(name))
}

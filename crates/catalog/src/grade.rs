//! A letter for a whole server: 100 points, and what is taken off for which reason.
//!
//! Five sums, each with a bound, so that the letter can be checked by hand:
//!
//! | taken off | for |
//! |---|---|
//! | 0, 5, 15, 25 | the gravest tool: low, medium, high, critical |
//! | up to 15 | the share of tools that are high or critical |
//! | up to 60 | findings: critical 40, high 20, medium 8, low 2; each further one a quarter |
//! | up to 10 | silence: 5 × the share without annotations, 5 × that without description |
//! | 0, 3, 6 | definitions that take more than 2.5 %, 5 % of a 200 000 token context |
//!
//! A from 90, B from 75, C from 60, D from 40; below that, and with any critical finding, F.

use std::fmt;

use crate::tokens::{share_permille, tokens};
use crate::{Annotations, Category, Finding, Risk, Severity, Survey, Tool};

/// What the grade is made of: counted, not judged.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Tally {
    pub tools: u32,
    /// Tools of each category, in the order of `Category::ALL`.
    pub categories: [u32; 5],
    /// Tools of each severity, low first.
    pub severities: [u32; 4],
    /// Findings of each severity, low first.
    pub findings: [u32; 4],
    /// Tools whose server says by annotations what they do.
    pub annotated: u32,
    pub described: u32,
    /// Of all definitions together; nothing where they are not known in full.
    pub tokens: Option<u32>,
}

/// One tool, as far as it counts.
#[derive(Debug, Clone, Copy)]
pub struct Counted {
    pub category: Category,
    pub severity: Severity,
    pub is_annotated: bool,
    pub is_described: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Letter {
    A,
    B,
    C,
    D,
    F,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grade {
    pub letter: Letter,
    /// What is left of 100.
    pub points: u8,
    /// What was taken off, only where something was.
    pub sum: Vec<Deduction>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Deduction {
    /// Stable: `gravest-tool`.
    pub id: &'static str,
    pub text: String,
    pub points: u8,
}

const GRAVEST: [u32; 4] = [0, 5, 15, 25];
const SHARE_MAX: u32 = 15;
const FINDING: [u32; 4] = [2, 8, 20, 40];
const FINDINGS_MAX: u32 = 60;
const SILENCE_MAX: u32 = 5;

impl Tally {
    pub fn of(tools: impl IntoIterator<Item = Counted>) -> Self {
        let mut tally = Self::default();
        for tool in tools {
            tally.tools += 1;
            tally.categories[tool.category.place()] += 1;
            tally.severities[tool.severity.place()] += 1;
            tally.annotated += u32::from(tool.is_annotated);
            tally.described += u32::from(tool.is_described);
        }
        tally
    }

    /// Of a server that was looked at, with all that was found.
    pub fn of_survey(survey: &Survey, judged: &[(Tool<'_>, Risk)]) -> Self {
        let counted = judged.iter().map(|(tool, risk)| Counted {
            category: risk.category,
            severity: risk.severity,
            is_annotated: tool.annotations != Annotations::default(),
            is_described: !tool.description.trim().is_empty(),
        });
        let cost = judged.iter().map(|(tool, _)| tokens(tool)).fold(0, u32::saturating_add);
        let of_tools = survey.tools.iter().flat_map(|tool| &tool.findings);
        let findings = survey.findings.iter().chain(of_tools);
        Self::of(counted).with_tokens(Some(cost)).with_findings(findings)
    }

    #[must_use]
    pub fn with_findings<'a>(mut self, findings: impl IntoIterator<Item = &'a Finding>) -> Self {
        for finding in findings {
            self.findings[finding.severity.place()] += 1;
        }
        self
    }

    #[must_use]
    pub fn with_tokens(self, tokens: Option<u32>) -> Self {
        Self { tokens, ..self }
    }

    /// A server without tools has nothing to be afraid of.
    pub fn grade(&self) -> Grade {
        let sum: Vec<Deduction> =
            [self.gravest(), self.share(), self.found(), self.unannotated(), self.undescribed()]
                .into_iter()
                .chain([self.weight()])
                .flatten()
                .collect();
        let off: u32 = sum.iter().map(|part| u32::from(part.points)).sum();
        let points = u8::try_from(100_u32.saturating_sub(off)).unwrap_or(0);
        let letter = if self.findings[3] > 0 { Letter::F } else { Letter::of(points) };
        Grade { letter, points, sum }
    }

    fn gravest(&self) -> Option<Deduction> {
        let place = self.severities.iter().rposition(|count| *count > 0)?;
        let text = format!(
            "its gravest tools are {} ({} of {})",
            Severity::ALL[place].name().to_lowercase(),
            self.severities[place],
            self.tools
        );
        deduction("gravest-tool", GRAVEST[place], text)
    }

    fn share(&self) -> Option<Deduction> {
        let grave = self.severities[2] + self.severities[3];
        let text = format!("{grave} of {} tools are high or critical", self.tools);
        deduction("grave-share", part(SHARE_MAX, grave, self.tools), text)
    }

    fn found(&self) -> Option<Deduction> {
        let off: u32 = self.findings.iter().zip(FINDING).map(|(n, each)| off_for(*n, each)).sum();
        let told = Severity::ALL.iter().zip(self.findings).rev().filter(|(_, count)| *count > 0);
        let told: Vec<String> =
            told.map(|(is, count)| format!("{count} {}", is.name().to_lowercase())).collect();
        deduction("findings", off.min(FINDINGS_MAX), format!("findings: {}", told.join(", ")))
    }

    fn unannotated(&self) -> Option<Deduction> {
        let silent = self.tools - self.annotated;
        let text = format!("{silent} of {} tools have no annotations", self.tools);
        deduction("no-annotations", part(SILENCE_MAX, silent, self.tools), text)
    }

    fn undescribed(&self) -> Option<Deduction> {
        let silent = self.tools - self.described;
        let text = format!("{silent} of {} tools have no description", self.tools);
        deduction("no-description", part(SILENCE_MAX, silent, self.tools), text)
    }

    fn weight(&self) -> Option<Deduction> {
        let tokens = self.tokens?;
        let off = match share_permille(tokens) {
            0..25 => 0,
            25..50 => 3,
            50.. => 6,
        };
        deduction("heavy-definitions", off, format!("its definitions take about {tokens} tokens"))
    }
}

/// The first counts in full, each further one a quarter: often it is the same mistake again.
fn off_for(count: u32, each: u32) -> u32 {
    if count == 0 { 0 } else { each + (count - 1).saturating_mul(each).div_ceil(4) }
}

/// So much of `max` as `count` is of `whole`, rounded up: what is there costs something.
fn part(max: u32, count: u32, whole: u32) -> u32 {
    if whole == 0 { 0 } else { (max * count).div_ceil(whole) }
}

fn deduction(id: &'static str, points: u32, text: String) -> Option<Deduction> {
    let points = u8::try_from(points).unwrap_or(u8::MAX);
    (points > 0).then_some(Deduction { id, text, points })
}

impl Grade {
    /// `100 − 25 − 3 = 72`.
    pub fn arithmetic(&self) -> String {
        if self.sum.is_empty() {
            return "100".to_owned();
        }
        let off: Vec<String> = self.sum.iter().map(|part| part.points.to_string()).collect();
        format!("100 − {} = {}", off.join(" − "), self.points)
    }
}

impl Letter {
    fn of(points: u8) -> Self {
        match points {
            90.. => Self::A,
            75..90 => Self::B,
            60..75 => Self::C,
            40..60 => Self::D,
            0..40 => Self::F,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::A => "A",
            Self::B => "B",
            Self::C => "C",
            Self::D => "D",
            Self::F => "F",
        }
    }
}

impl fmt::Display for Letter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tool(category: Category, severity: Severity) -> Counted {
        Counted { category, severity, is_annotated: true, is_described: true }
    }

    fn finding(severity: Severity) -> Finding {
        let (text, place, quote) = (String::new(), String::new(), String::new());
        Finding { id: "test", severity, text, place, quote }
    }

    #[test]
    fn a_server_that_only_reads_and_says_so_loses_nothing() {
        let grade = Tally::of([tool(Category::Read, Severity::Low); 3]).grade();
        assert_eq!((grade.letter, grade.points, grade.sum.len()), (Letter::A, 100, 0));
        assert_eq!(grade.arithmetic(), "100");
        assert_eq!(Tally::default().grade().letter, Letter::A);
    }

    #[test]
    fn every_point_that_is_missing_is_explained() {
        let mut tools = vec![tool(Category::Read, Severity::Low); 10];
        tools.push(tool(Category::Destructive, Severity::Critical));
        tools.push(Counted { is_annotated: false, ..tool(Category::Write, Severity::Medium) });
        let tally = Tally::of(tools).with_tokens(Some(12_000));
        let grade = tally.with_findings(&[finding(Severity::High)]).grade();
        // 25 critical, 15 × 1/12, one high finding, 5 × 1/12, 6 % of the context.
        assert_eq!(grade.arithmetic(), "100 − 25 − 2 − 20 − 1 − 6 = 46");
        assert_eq!(grade.letter, Letter::D);
    }

    #[test]
    fn the_same_mistake_again_weighs_less() {
        let tally = Tally::of([tool(Category::Read, Severity::Low)]);
        let grade =
            tally.with_findings(&[finding(Severity::High), finding(Severity::High)]).grade();
        assert_eq!(grade.arithmetic(), "100 − 25 = 75");
    }

    #[test]
    fn one_critical_finding_is_an_f_whatever_the_points() {
        let tally = Tally::of([tool(Category::Read, Severity::Low)]);
        let grade = tally.with_findings(&[finding(Severity::Critical)]).grade();
        assert_eq!((grade.letter, grade.points), (Letter::F, 60));
    }

    #[test]
    fn the_sum_never_falls_below_nothing() {
        let silent = Counted {
            is_annotated: false,
            is_described: false,
            ..tool(Category::Execute, Severity::Critical)
        };
        let tally = Tally::of([silent; 2]).with_tokens(Some(u32::MAX));
        let findings = vec![finding(Severity::Critical); 1000];
        let grade = tally.with_findings(&findings).grade();
        assert_eq!((grade.letter, grade.points), (Letter::F, 0));
    }
}

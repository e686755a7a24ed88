//! The tools of one server, in as many columns as there is room for.

use std::fmt::Write;

use toolgate_catalog::{Category, Finding, Severity, Signal, Survey, SurveyedTool, visible};

use super::super::layout::{columns, cut, pad, wrap};
use super::{GAP, Look, percent};

const NAME_MAX: usize = 36;
const CATEGORY: usize = 11;
const SEVERITY: usize = 8;
const SCORE: usize = 5;
const CONFIDENCE: usize = 10;
/// Of the last column, the reasons; where it has less they stand below the others.
const WHY_MIN: usize = 60;
/// Of reasons that stand below.
const INDENT: usize = 4;
/// Of one tool; the others are in the JSON.
const SIGNALS_MAX: usize = 3;
/// On a terminal, so many harmless tools are listed one by one.
const HARMLESS_MAX: usize = 12;

/// Where everything goes.
#[derive(Clone, Copy)]
struct Columns {
    look: Look,
    /// Of the names.
    name: usize,
    room: Room,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Room {
    /// For no columns at all.
    None,
    /// For all but the reasons.
    Some,
    /// For everything.
    All,
}

pub(super) fn text(survey: &Survey, look: Look) -> String {
    let all = survey.by_gravity();
    let harmless =
        |tool: &&SurveyedTool| tool.gravest() == Severity::Low && tool.risk.category.gravity() == 1;
    let folds = look.width.is_some() && all.iter().filter(|t| harmless(t)).count() > HARMLESS_MAX;
    let (folded, shown): (Vec<&SurveyedTool>, Vec<_>) =
        all.into_iter().partition(|tool| folds && harmless(tool));
    let mut text = String::new();
    let columns = Columns::of(&shown, look);
    if !shown.is_empty() {
        text.push_str(&columns.head());
    }
    for tool in shown {
        text.push_str(&columns.row(tool));
    }
    if !folded.is_empty() {
        let names: Vec<_> = folded.iter().map(|tool| visible(&tool.name)).collect();
        let line = format!("and {} that only read: {}", folded.len(), names.join(", "));
        for part in wrap(&line, look.width.unwrap_or(usize::MAX)) {
            let _ = writeln!(text, "{}", look.dim(&part));
        }
    }
    text
}

impl Columns {
    fn of(tools: &[&SurveyedTool], look: Look) -> Self {
        let widest = tools.iter().map(|tool| columns(&visible(&tool.name))).max().unwrap_or(0);
        let name = widest.clamp(4, NAME_MAX);
        let fixed = CATEGORY + SEVERITY + SCORE + CONFIDENCE + 4 * GAP.len();
        let room = match look.width {
            Some(width) if width < fixed + name => Room::None,
            Some(width) if width < fixed + name + GAP.len() + WHY_MIN => Room::Some,
            _ => Room::All,
        };
        Self { look, name, room }
    }

    fn head(self) -> String {
        let head = [
            pad("tool", self.name),
            pad("category", CATEGORY),
            pad("severity", SEVERITY),
            pad("score", SCORE),
            pad("confidence", CONFIDENCE),
            "why".to_owned(),
        ];
        let count = match self.room {
            Room::None => return String::new(),
            Room::Some => head.len() - 1,
            Room::All => head.len(),
        };
        format!("{}\n", self.look.dim(head[..count].join(GAP).trim_end()))
    }

    /// A tool and the reasons, beside it or below.
    fn row(self, tool: &SurveyedTool) -> String {
        let cells = self.cells(tool);
        let Some(width) = self.look.width else {
            return format!("{cells}{GAP}{}", self.one_line(tool)).trim_end().to_owned() + "\n";
        };
        let indent = if self.room == Room::All { self.indent() } else { INDENT };
        let why = wrap(&signals(tool), width.saturating_sub(indent)).into_iter();
        let mut why: Vec<String> =
            why.filter(|line| !line.is_empty()).map(|line| self.look.dim(&line)).collect();
        for finding in &tool.findings {
            why.extend(wrap_finding(finding, width.saturating_sub(indent), self.look));
        }
        let mut text = cells.trim_end().to_owned();
        for (number, line) in why.iter().enumerate() {
            if number == 0 && self.room == Room::All {
                text.clone_from(&cells);
                let _ = write!(text, "{GAP}{line}");
            } else {
                let _ = write!(text, "\n{}{line}", " ".repeat(indent));
            }
        }
        text.trim_end().to_owned() + "\n"
    }

    /// Of the last column.
    fn indent(self) -> usize {
        self.name + CATEGORY + SEVERITY + SCORE + CONFIDENCE + 5 * GAP.len()
    }

    /// All but the reasons.
    fn cells(self, tool: &SurveyedTool) -> String {
        let (risk, look) = (&tool.risk, self.look);
        let (score, sure) = (format!("{}/5", risk.score), percent(risk.confidence));
        let (category, severity) = (risk.category.name(), risk.severity.name());
        let name = visible(&tool.name);
        if self.room == Room::None {
            let severity = look.severity(risk.severity, severity);
            return format!("{}\n  {category}, {severity}, {score}, {sure} sure", look.bold(&name));
        }
        let cells = [
            look.bold(&pad(&cut(&name, self.name), self.name)),
            pad(category, CATEGORY),
            look.severity(risk.severity, &pad(severity, SEVERITY)),
            pad(&score, SCORE),
            pad(&sure, CONFIDENCE),
        ];
        cells.join(GAP)
    }

    /// All reasons in one line: for grep and the like.
    fn one_line(self, tool: &SurveyedTool) -> String {
        let findings = tool.findings.iter().map(|finding| {
            let mark = self.look.severity(finding.severity, "!");
            format!("{mark} {} ({}): {}", finding.id, finding.severity, visible(&finding.text))
        });
        let why = [signals(tool)].into_iter().chain(findings).filter(|part| !part.is_empty());
        why.collect::<Vec<_>>().join(GAP)
    }
}

/// What decided the category, then what the tool takes, then the rest.
fn signals(tool: &SurveyedTool) -> String {
    let own = format!("{}:", tool.risk.category);
    let is_vote = |signal: &Signal| {
        Category::ALL.iter().any(|one| signal.text.starts_with(&format!("{one}:")))
    };
    let mut signals: Vec<&Signal> = tool.risk.signals.iter().collect();
    signals.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
    let deciding =
        signals.iter().position(|s| s.text.starts_with(&own)).map(|at| signals.remove(at));
    // What the model thinks says little to a person.
    signals.sort_by_key(|signal| (signal.id == "model", is_vote(signal)));
    let signals: Vec<&Signal> = deciding.into_iter().chain(signals).collect();
    let rest = signals.len().saturating_sub(SIGNALS_MAX);
    let mut texts: Vec<_> =
        signals.iter().take(SIGNALS_MAX).map(|signal| visible(&signal.text)).collect();
    if rest > 0 {
        texts.push(format!("{rest} more"));
    }
    texts.join(" · ")
}

pub(super) fn wrap_finding(finding: &Finding, width: usize, look: Look) -> Vec<String> {
    let mut quote = visible(&finding.quote);
    if !quote.is_empty() {
        quote = format!(": \"{}\"", cut(&quote, 120));
    }
    let text = format!("{} ({}): {}{quote}", finding.id, finding.severity, visible(&finding.text));
    let lines = wrap(&text, width.saturating_sub(2));
    let mark =
        |at: usize| if at == 0 { look.severity(finding.severity, "!") } else { " ".to_owned() };
    lines.into_iter().enumerate().map(|(at, line)| format!("{} {line}", mark(at))).collect()
}

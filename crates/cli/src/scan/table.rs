//! A scan for people, on a terminal.

use std::fmt::Write;

use toolgate_catalog::{Finding, Severity, Signal, SurveyedTool, visible};

use super::layout::{columns, cut, pad, wrap};
use super::report::{Report, Scanned, Seen};

/// What the text is to look like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Of the terminal; nothing where lines may be as long as they are.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
}

/// Of the last column. Narrower terminals get one line for each thing instead of columns.
const WHY_MIN: usize = 32;
const NAME_MAX: usize = 36;
const CATEGORY: usize = 11;
const SEVERITY: usize = 8;
const SCORE: usize = 5;
const CONFIDENCE: usize = 10;
const GAP: &str = "  ";
/// Of one tool; the others are in the JSON.
const SIGNALS_MAX: usize = 4;
/// On a terminal, so many harmless tools are listed one by one.
const HARMLESS_MAX: usize = 12;

pub(crate) fn render(report: &Report, look: Look) -> String {
    let mut text = String::new();
    for server in &report.servers {
        text.push_str(&server_text(server, look));
        text.push('\n');
    }
    if report.servers.len() > 1 {
        text.push_str(&total(report, look));
    }
    text
}

fn server_text(server: &Scanned, look: Look) -> String {
    let name = look.bold(&visible(&server.name));
    match &server.outcome {
        Err(why) => {
            let told = look.paint(RED, "cannot be scanned");
            format!("{name}  {told}: {}\n", visible(why))
        }
        Ok(seen) => {
            let mut text = format!("{name}{}\n", look.dim(&about(seen)));
            for remark in &seen.remarks {
                let _ = writeln!(text, "{} {}", look.paint(YELLOW, "!"), visible(remark));
            }
            text.push_str(&tools(seen, look));
            text.push_str(&findings_besides(&seen.survey.findings, look));
            text.push_str(&summary(seen, look));
            text
        }
    }
}

fn about(seen: &Seen) -> String {
    let about = &seen.about;
    let name = [about.name.as_deref(), about.version.as_deref()];
    let name = name.into_iter().flatten().map(visible).collect::<Vec<_>>().join(" ");
    let protocol = about.protocol.as_deref().map(|version| format!("MCP {}", visible(version)));
    let parts = [Some(name).filter(|name| !name.is_empty()), protocol];
    let parts = parts.into_iter().flatten().map(|part| cut(&part, 60));
    [String::new()].into_iter().chain(parts).collect::<Vec<_>>().join(GAP)
}

fn tools(seen: &Seen, look: Look) -> String {
    let all = seen.survey.by_gravity();
    let harmless =
        |tool: &&SurveyedTool| tool.gravest() == Severity::Low && tool.risk.category.gravity() == 1;
    let folds = look.width.is_some() && all.iter().filter(|t| harmless(t)).count() > HARMLESS_MAX;
    let (folded, shown): (Vec<&SurveyedTool>, Vec<_>) =
        all.into_iter().partition(|tool| folds && harmless(tool));
    let widest = shown.iter().map(|tool| columns(&visible(&tool.name))).max().unwrap_or(0);
    let name = widest.clamp(4, NAME_MAX);
    let mut text = String::new();
    let is_wide = look.width.is_none_or(|width| width >= indent(name) + WHY_MIN);
    if !shown.is_empty() && is_wide {
        text.push_str(&head(name, look));
    }
    for tool in shown {
        text.push_str(&if is_wide { row(tool, name, look) } else { block(tool, look) });
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

/// What stands before the last column.
fn indent(name: usize) -> usize {
    name + CATEGORY + SEVERITY + SCORE + CONFIDENCE + 5 * GAP.len()
}

fn head(name: usize, look: Look) -> String {
    let head = [
        pad("tool", name),
        pad("category", CATEGORY),
        pad("severity", SEVERITY),
        pad("score", SCORE),
        pad("confidence", CONFIDENCE),
        "why".to_owned(),
    ];
    format!("{}\n", look.dim(&head.join(GAP)))
}

/// A tool in columns; what does not fit in the last one goes on below it.
fn row(tool: &SurveyedTool, name: usize, look: Look) -> String {
    let risk = &tool.risk;
    let shown = pad(&cut(&visible(&tool.name), name), name);
    let cells = [
        look.bold(&shown),
        pad(risk.category.name(), CATEGORY),
        look.severity(risk.severity, &pad(risk.severity.name(), SEVERITY)),
        pad(&format!("{}/5", risk.score), SCORE),
        pad(&percent(risk.confidence), CONFIDENCE),
    ];
    let indent = indent(name);
    let Some(width) = look.width else {
        // One line for each tool: for grep and the like.
        let findings = tool.findings.iter().map(|finding| finding_text(finding, look));
        let why: Vec<String> = [signals(tool)].into_iter().chain(findings).collect();
        let why = why.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>();
        return format!("{}\n", [&cells[..], &[why.join("  ")]].concat().join(GAP).trim_end());
    };
    let mut why = wrap(&signals(tool), width.saturating_sub(indent));
    for finding in &tool.findings {
        why.extend(wrap_finding(finding, width.saturating_sub(indent), look));
    }
    why.retain(|line| !line.is_empty());
    let mut why = why.into_iter();
    let mut text = [&cells[..], &[why.next().unwrap_or_default()]].concat().join(GAP);
    text.truncate(text.trim_end().len());
    for line in why {
        let _ = write!(text, "\n{}{line}", " ".repeat(indent));
    }
    text.push('\n');
    text
}

/// A tool on lines of its own.
fn block(tool: &SurveyedTool, look: Look) -> String {
    let risk = &tool.risk;
    let severity = look.severity(risk.severity, risk.severity.name());
    let (score, sure) = (risk.score, percent(risk.confidence));
    let mut text = format!(
        "{}\n  {}, {severity}, {score}/5, {sure} sure\n",
        look.bold(&visible(&tool.name)),
        risk.category
    );
    let width = look.width.unwrap_or(usize::MAX).saturating_sub(4);
    let mut lines = wrap(&signals(tool), width);
    for finding in &tool.findings {
        lines.extend(wrap_finding(finding, width, look));
    }
    for line in lines.iter().filter(|line| !line.is_empty()) {
        let _ = writeln!(text, "    {line}");
    }
    text
}

/// What weighs most comes first.
fn signals(tool: &SurveyedTool) -> String {
    let mut signals: Vec<&Signal> = tool.risk.signals.iter().collect();
    signals.sort_by(|one, other| other.weight.abs().total_cmp(&one.weight.abs()));
    let rest = signals.len().saturating_sub(SIGNALS_MAX);
    let mut texts: Vec<_> =
        signals.iter().take(SIGNALS_MAX).map(|signal| visible(&signal.text)).collect();
    if rest > 0 {
        texts.push(format!("{rest} more"));
    }
    texts.join(" · ")
}

fn finding_text(finding: &Finding, look: Look) -> String {
    let mark = look.severity(finding.severity, "!");
    format!("{mark} {} ({}): {}", finding.id, finding.severity, visible(&finding.text))
}

fn wrap_finding(finding: &Finding, width: usize, look: Look) -> Vec<String> {
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

fn findings_besides(findings: &[Finding], look: Look) -> String {
    let width = look.width.unwrap_or(usize::MAX);
    let lines = findings.iter().flat_map(|finding| wrap_finding(finding, width, look));
    lines.map(|line| line + "\n").collect()
}

fn summary(seen: &Seen, look: Look) -> String {
    let plain = Look { colour: false, ..look };
    let fits = columns(&summary_parts(seen, plain).join("; ")) <= look.width.unwrap_or(usize::MAX);
    summary_parts(seen, look).join(if fits { "; " } else { ";\n" }) + "\n"
}

fn summary_parts(seen: &Seen, look: Look) -> Vec<String> {
    let survey = &seen.survey;
    let counts = Severity::ALL.iter().rev().filter_map(|severity| {
        let count = survey.tools.iter().filter(|tool| tool.risk.severity == *severity).count();
        let told = format!("{count} {}", severity.name().to_lowercase());
        (count > 0).then(|| look.severity(*severity, &told))
    });
    let counts: Vec<String> = counts.collect();
    let findings = survey.tools.iter().map(|tool| tool.findings.len()).sum::<usize>();
    let findings = counted(findings + survey.findings.len(), "finding");
    let tools = counted(survey.tools.len(), "tool");
    if survey.tools.is_empty() {
        return vec![tools, findings];
    }
    let (letter, sum) = (survey.grade.letter.name(), survey.grade.arithmetic());
    vec![
        format!("{tools}: {}", counts.join(", ")),
        findings,
        format!("about {} tokens in every conversation", grouped(survey.tokens())),
        format!("grade {} ({sum})", look.bold(letter)),
    ]
}

fn total(report: &Report, look: Look) -> String {
    let seen = report.servers.len() - report.failed();
    let tools = report.seen().map(|seen| seen.survey.tools.len()).sum();
    let mut text = format!("{} scanned, {}", counted(seen, "server"), counted(tools, "tool"));
    if report.failed() > 0 {
        let failed = format!("; {} could not be", report.failed());
        text.push_str(&look.paint(RED, &failed));
    }
    if let Some(gravest) = report.gravest() {
        text.push_str("; the gravest is ");
        text.push_str(&look.severity(gravest, &gravest.name().to_lowercase()));
    }
    text + "\n"
}

pub(super) fn counted(count: usize, what: &str) -> String {
    let ending = if count == 1 { "" } else { "s" };
    format!("{} {what}{ending}", grouped(u32::try_from(count).unwrap_or(u32::MAX)))
}

/// `12,345`.
pub(super) fn grouped(number: u32) -> String {
    let digits = number.to_string();
    let groups: Vec<&[u8]> = digits.as_bytes().rchunks(3).rev().collect();
    String::from_utf8_lossy(&groups.join(&b","[..])).into_owned()
}

pub(super) fn percent(share: f32) -> String {
    format!("{:.0} %", f64::from(share.clamp(0.0, 1.0)) * 100.0)
}

const RED: &str = "31";
const YELLOW: &str = "33";

impl Look {
    fn paint(self, code: &str, text: &str) -> String {
        if self.colour { format!("\x1b[{code}m{text}\x1b[0m") } else { text.to_owned() }
    }

    fn bold(self, text: &str) -> String {
        self.paint("1", text)
    }

    fn dim(self, text: &str) -> String {
        self.paint("2", text)
    }

    fn severity(self, severity: Severity, text: &str) -> String {
        let code = match severity {
            Severity::Low => "32",
            Severity::Medium => YELLOW,
            Severity::High => RED,
            Severity::Critical => "1;31",
        };
        self.paint(code, text)
    }
}

#[cfg(test)]
mod tests;

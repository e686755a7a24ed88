//! A scan for people, on a terminal.

mod tools;

use std::fmt::Write;

use toolgate_catalog::{Finding, Flow, Severity, visible};

use self::tools::wrap_finding;
use super::layout::{columns, cut};
use super::report::{Report, Scanned, Seen};

/// What the text is to look like.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Look {
    /// Of the terminal; nothing where lines may be as long as they are.
    pub(crate) width: Option<usize>,
    pub(crate) colour: bool,
}

const GAP: &str = "  ";

pub(crate) fn render(report: &Report, look: Look) -> String {
    let mut text = String::new();
    for server in &report.servers {
        text.push_str(&server_text(server, look));
        text.push('\n');
    }
    if !report.flows.is_empty() {
        let findings: Vec<Finding> = report.flows.iter().map(finding_of).collect();
        let _ = writeln!(text, "{}", look.bold("Flows: what the tools can do together"));
        text.push_str(&findings_besides(&findings, look));
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
            text.push_str(&tools::text(&seen.survey, look));
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

fn findings_besides(findings: &[Finding], look: Look) -> String {
    let width = look.width.unwrap_or(usize::MAX);
    let lines = findings.iter().flat_map(|finding| wrap_finding(finding, width, look));
    lines.map(|line| line + "\n").collect()
}

/// The path that is shown is one of many: as many as there are tools of each part.
pub(super) fn finding_of(flow: &Flow) -> Finding {
    let parts = [(&flow.sources, "source"), (&flow.private, "holder"), (&flow.sinks, "sink")];
    let parts = parts.iter().filter(|(hops, _)| !hops.is_empty());
    let parts: Vec<String> = parts.map(|(hops, what)| counted(hops.len(), what)).collect();
    Finding {
        id: flow.id,
        severity: flow.severity,
        text: format!("{} ({})", flow.text, parts.join(", ")),
        place: String::new(),
        quote: String::new(),
    }
}

fn summary(seen: &Seen, look: Look) -> String {
    let plain = summary_parts(seen, Look { colour: false, ..look });
    let mut text = String::from("\n");
    let mut used = 0;
    for (part, plain) in summary_parts(seen, look).into_iter().zip(plain) {
        let wide = columns(&plain);
        let separator = match (used, look.width) {
            (0, _) => "",
            (_, Some(width)) if used + 2 + wide > width => ";\n",
            _ => "; ",
        };
        used = if separator.ends_with('\n') { wide } else { used + separator.len() + wide };
        text.push_str(separator);
        text.push_str(&part);
    }
    text + "\n"
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

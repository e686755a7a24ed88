//! A scan as one page: no scripts, nothing from elsewhere, everything escaped.

use std::fmt::Write;

use toolgate_catalog::{Finding, Severity, Signal, SurveyedTool, visible};

use super::report::{Report, Scanned, Seen};
use super::table::{counted, finding_of, grouped, percent};

const STYLE: &str = include_str!("html/style.css");

/// `at` is when the scan was made, for people.
pub(crate) fn render(report: &Report, at: &str) -> String {
    let servers: String =
        report.servers.iter().enumerate().map(|(n, one)| server(n, one)).collect();
    let contents = if report.servers.len() > 1 { contents(report) } else { String::new() };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" \
         content=\"default-src 'none'; style-src 'unsafe-inline'\">\n\
         <title>MCP scan: {title}</title>\n<style>\n{STYLE}</style>\n</head>\n<body>\n<main>\n\
         <header><h1>MCP scan</h1><p class=\"quiet\">{at} · toolgate {version}</p></header>\n\
         {cards}{contents}{flows}{servers}\
         <footer class=\"quiet\"><p>Tools are judged by what their server says of them. A tool may \
         do something else: what a policy allows is decided at each call.</p></footer>\n\
         </main>\n</body>\n</html>\n",
        title = escaped(&title(report)),
        at = escaped(at),
        version = env!("CARGO_PKG_VERSION"),
        cards = cards(report),
        flows = flows(report),
    )
}

fn title(report: &Report) -> String {
    match &*report.servers {
        [server] => visible(&server.name),
        servers => counted(servers.len(), "server"),
    }
}

/// For text and for attributes in quotes.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            _ => out.push(c),
        }
    }
    out
}

/// What a server wrote: hidden characters are made visible first.
fn foreign(text: &str) -> String {
    escaped(&visible(text))
}

fn cards(report: &Report) -> String {
    let tools: Vec<&SurveyedTool> = report.seen().flat_map(|seen| &seen.survey.tools).collect();
    let of_tools = tools.iter().map(|tool| tool.findings.len()).sum::<usize>();
    let besides = report.seen().map(|seen| seen.survey.findings.len()).sum::<usize>();
    let card = |class: &str, number: usize, what: &str| {
        format!("<li class=\"{class}\"><b>{number}</b> {what}</li>")
    };
    let mut cards = card("", tools.len(), if tools.len() == 1 { "tool" } else { "tools" });
    for severity in Severity::ALL.into_iter().rev() {
        let count = tools.iter().filter(|tool| tool.risk.severity == severity).count();
        cards.push_str(&card(class(severity), count, &severity.name().to_lowercase()));
    }
    let findings = of_tools + besides;
    cards.push_str(&card("", findings, if findings == 1 { "finding" } else { "findings" }));
    format!("<ul class=\"cards\">{cards}</ul>\n")
}

fn contents(report: &Report) -> String {
    let rows = report.servers.iter().enumerate().map(|(number, server)| {
        let name = foreign(&server.name);
        let (tools, what) = match &server.outcome {
            Ok(seen) => {
                let gravest = seen.survey.gravest().map(badge).unwrap_or_default();
                let grade = format!("grade {}", seen.survey.grade.letter.name());
                (counted(seen.survey.tools.len(), "tool"), format!("{gravest} {grade}"))
            }
            Err(_) => {
                (String::new(), "<span class=\"badge critical\">not scanned</span>".to_owned())
            }
        };
        format!(
            "<tr><td><a href=\"#s{number}\">{name}</a></td><td>{tools}</td><td>{what}</td></tr>\n"
        )
    });
    format!("<table class=\"contents\"><tbody>\n{}</tbody></table>\n", rows.collect::<String>())
}

fn flows(report: &Report) -> String {
    if report.flows.is_empty() {
        return String::new();
    }
    let flows: String = report.flows.iter().map(|flow| finding(&finding_of(flow))).collect();
    format!("<section id=\"flows\">\n<h2>What the tools can do together</h2>\n{flows}</section>\n")
}

fn server(number: usize, server: &Scanned) -> String {
    let name = foreign(&server.name);
    let inside = match &server.outcome {
        Ok(seen) => seen_part(seen),
        Err(why) => {
            format!("<p class=\"finding critical\">Cannot be scanned: {}</p>\n", foreign(why))
        }
    };
    format!("<section id=\"s{number}\">\n<h2>{name}</h2>\n{inside}</section>\n")
}

fn seen_part(seen: &Seen) -> String {
    let about = &seen.about;
    let protocol = about.protocol.as_ref().map(|version| format!("MCP {version}"));
    let named = [about.name.clone(), about.version.clone(), protocol];
    let mut named: Vec<String> = named.into_iter().flatten().map(|part| foreign(&part)).collect();
    named.push(format!("about {} tokens in every conversation", grouped(seen.survey.tokens())));
    let mut text = format!("<p class=\"quiet\">{}</p>\n{}", named.join(" · "), grade(seen));
    for remark in &seen.remarks {
        let _ = writeln!(text, "<p class=\"finding medium\">{}</p>", foreign(remark));
    }
    text.extend(seen.survey.findings.iter().map(finding));
    text.extend(seen.survey.by_gravity().into_iter().map(tool));
    if let Some(policy) = &seen.policy {
        let _ = writeln!(
            text,
            "<details class=\"policy\"><summary>Recommended policy</summary>\n\
             <pre>{}</pre></details>",
            escaped(policy)
        );
    }
    text
}

fn grade(seen: &Seen) -> String {
    let grade = &seen.survey.grade;
    if seen.survey.tools.is_empty() {
        return "<p>It lists no tools.</p>\n".to_owned();
    }
    let parts = grade
        .sum
        .iter()
        .map(|part| format!("<li>{} for: {}</li>", part.points, foreign(&part.text)));
    format!(
        "<details class=\"grade\"><summary>Grade <b>{}</b> \
         <span class=\"quiet\">{}</span></summary>\
         <ul>{}</ul></details>\n",
        grade.letter.name(),
        escaped(&grade.arithmetic()),
        parts.collect::<String>()
    )
}

fn tool(tool: &SurveyedTool) -> String {
    let risk = &tool.risk;
    let findings: String = tool.findings.iter().map(finding).collect();
    let mark = if tool.findings.is_empty() {
        String::new()
    } else {
        let count = counted(tool.findings.len(), "finding");
        format!(" <span class=\"badge {}\">{count}</span>", class(tool.gravest()))
    };
    let open = if tool.findings.is_empty() { "" } else { " open" };
    let description = if tool.description.trim().is_empty() {
        "<p class=\"quiet\">No description.</p>".to_owned()
    } else {
        let lines: Vec<String> = tool.description.lines().map(foreign).collect();
        format!("<blockquote>{}</blockquote>", lines.join("\n"))
    };
    format!(
        "<details class=\"tool\"{open}><summary><code>{name}</code> <span class=\"facts\">\
         {category} {severity} {score}/5 <span class=\"quiet\">{sure} sure</span>{mark}</span>\
         </summary>\n\
         {findings}{description}<ul class=\"signals\">{signals}</ul>\
         <p class=\"quiet\">Definition {fingerprint}, about {tokens} tokens</p></details>\n",
        name = foreign(&tool.name),
        category = risk.category,
        severity = badge(risk.severity),
        score = risk.score,
        sure = percent(risk.confidence),
        signals = risk.signals.iter().map(signal).collect::<String>(),
        fingerprint = tool.fingerprint.short(),
        tokens = grouped(tool.tokens),
    )
}

fn signal(signal: &Signal) -> String {
    let quote = signal.quote.as_ref().filter(|quote| !quote.is_empty());
    let quote = quote.map(|quote| format!(" <q>{}</q>", foreign(quote))).unwrap_or_default();
    format!("<li>{}{quote}</li>", foreign(&signal.text))
}

fn finding(finding: &Finding) -> String {
    let quote = if finding.quote.is_empty() {
        String::new()
    } else {
        format!(
            "<br><span class=\"quiet\">{}</span> <q>{}</q>",
            foreign(&finding.place),
            foreign(&finding.quote)
        )
    };
    format!(
        "<p class=\"finding {}\">{} <b>{}</b>: {}{quote}</p>\n",
        class(finding.severity),
        badge(finding.severity),
        escaped(finding.id),
        foreign(&finding.text)
    )
}

fn badge(severity: Severity) -> String {
    format!("<span class=\"badge {}\">{severity}</span>", class(severity))
}

fn class(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "low",
        Severity::Medium => "medium",
        Severity::High => "high",
        Severity::Critical => "critical",
    }
}

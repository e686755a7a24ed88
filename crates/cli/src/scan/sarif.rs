//! A scan as SARIF 2.1.0 (OASIS), which code scanning takes.

mod rules;

use std::path::Path;

use toolgate_catalog::{Finding, Flow, Severity, SurveyedTool, visible};

use self::rules::Rules;
use super::report::{Report, Scanned, Seen};
use super::table::finding_of;
use super::target::Place;
use crate::json::{self, Object};

const SCHEMA: &str = "https://json.schemastore.org/sarif-2.1.0.json";

/// Findings and flows are results, and so are tools that are more than of low severity.
pub(crate) fn render(report: &Report) -> String {
    let mut rules = Rules::default();
    let mut results = Vec::new();
    for server in &report.servers {
        if let Ok(seen) = &server.outcome {
            results.extend(server_results(server, seen, &mut rules));
        }
    }
    for flow in &report.flows {
        // Where it ends: there it can be cut off.
        let last = flow.sinks.first().map(|hop| &hop.server);
        let server = report.servers.iter().find(|one| Some(&visible(&one.name)) == last);
        results.extend(server.map(|server| flow_result(flow, server, &mut rules)));
    }
    let driver = Object::new()
        .text("name", "toolgate")
        .text("version", env!("CARGO_PKG_VERSION"))
        .raw("rules", rules.render());
    let run = Object::new()
        .raw("tool", Object::new().raw("driver", driver.finish()).finish())
        .raw("invocations", json::array([invocation(report)]))
        .text("columnKind", "unicodeCodePoints")
        .raw("results", json::array(results));
    let log = Object::new().text("$schema", SCHEMA).text("version", "2.1.0");
    log.raw("runs", json::array([run.finish()])).finish() + "\n"
}

/// What could not be scanned is told: silence would look like a clean server.
fn invocation(report: &Report) -> String {
    let failed = report.servers.iter().filter_map(|server| {
        let why = server.outcome.as_ref().err()?;
        let text = format!("server `{}` could not be scanned: {why}", visible(&server.name));
        Some(Object::new().text("level", "error").raw("message", message(&text)).finish())
    });
    Object::new()
        .plain("executionSuccessful", report.failed() == 0)
        .raw("toolExecutionNotifications", json::array(failed))
        .finish()
}

fn server_results(server: &Scanned, seen: &Seen, rules: &mut Rules) -> Vec<String> {
    let mut results = Vec::new();
    let whole = Spot { server, tool: None, line: None };
    for finding in &seen.survey.findings {
        results.push(finding_result(finding, &whole, rules));
    }
    for (tool, line) in seen.survey.tools.iter().zip(&seen.lines) {
        let spot = Spot { server, tool: Some(tool), line: *line };
        if tool.risk.severity > Severity::Low {
            results.push(tool_result(tool, &spot, rules));
        }
        results.extend(tool.findings.iter().map(|one| finding_result(one, &spot, rules)));
    }
    results
}

/// What a result is about, and where that stands.
struct Spot<'a> {
    server: &'a Scanned,
    tool: Option<&'a SurveyedTool>,
    line: Option<usize>,
}

fn tool_result(tool: &SurveyedTool, spot: &Spot<'_>, rules: &mut Rules) -> String {
    let risk = &tool.risk;
    let why: Vec<_> = risk.signals.iter().map(|signal| visible(&signal.text)).collect();
    let text = format!(
        "`{}` is of the category {}, severity {}, score {}/5: {}",
        visible(&tool.name),
        risk.category,
        risk.severity,
        risk.score,
        why.join("; ")
    );
    let properties = Object::new()
        .text("category", risk.category.name())
        .text("severity", risk.severity.name())
        .plain("score", risk.score);
    result(rules.of_tool(risk.category), risk.severity, &text, spot)
        .raw("properties", properties.finish())
        .finish()
}

fn finding_result(finding: &Finding, spot: &Spot<'_>, rules: &mut Rules) -> String {
    let mut text = visible(&finding.text);
    if !finding.quote.is_empty() {
        let (place, quote) = (visible(&finding.place), visible(&finding.quote));
        text = format!("{text} (`{place}`: {quote})");
    }
    let properties =
        Object::new().text("severity", finding.severity.name()).text("place", &finding.place);
    result(rules.of_finding(finding), finding.severity, &text, spot)
        .raw("properties", properties.finish())
        .finish()
}

fn flow_result(flow: &Flow, server: &Scanned, rules: &mut Rules) -> String {
    let spot = Spot { server, tool: None, line: None };
    let text = visible(&finding_of(flow).text);
    result(rules.of_flow(flow), flow.severity, &text, &spot).finish()
}

fn result((id, index): (String, usize), severity: Severity, text: &str, spot: &Spot<'_>) -> Object {
    let object = Object::new()
        .text("ruleId", &id)
        .plain("ruleIndex", index)
        .text("level", level(severity))
        .raw("message", message(text))
        .raw("locations", json::array([location(spot)]));
    match spot.tool {
        Some(tool) => {
            let fingerprint =
                Object::new().text("toolDefinition/v1", &tool.fingerprint.to_string());
            object.raw("partialFingerprints", fingerprint.finish())
        }
        None => object,
    }
}

fn level(severity: Severity) -> &'static str {
    match severity {
        Severity::Low => "note",
        Severity::Medium => "warning",
        Severity::High | Severity::Critical => "error",
    }
}

fn message(text: &str) -> String {
    Object::new().text("text", text).finish()
}

fn location(spot: &Spot<'_>) -> String {
    let server = visible(&spot.server.name);
    let logical = match spot.tool {
        Some(tool) => {
            let name = visible(&tool.name);
            let whole = format!("{server}/{name}");
            Object::new()
                .text("name", &name)
                .text("fullyQualifiedName", &whole)
                .text("kind", "function")
        }
        None => Object::new().text("name", &server).text("kind", "module"),
    };
    let object = Object::new().raw("logicalLocations", json::array([logical.finish()]));
    match &spot.server.place {
        Some(Place { file, line }) => {
            let artifact = Object::new().text("uri", &uri(file)).finish();
            let region = Object::new().plain("startLine", spot.line.unwrap_or(*line)).finish();
            let physical = Object::new().raw("artifactLocation", artifact).raw("region", region);
            object.raw("physicalLocation", physical.finish()).finish()
        }
        None => object.finish(),
    }
}

/// RFC 3986: relative where the path is.
fn uri(path: &Path) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~/".contains(&byte);
    let text = path.to_string_lossy();
    let path: String = text
        .bytes()
        .map(|byte| if plain(byte) { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    if path.starts_with('/') { format!("file://{path}") } else { path }
}

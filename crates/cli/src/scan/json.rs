//! A scan for other programs.

use toolgate_catalog::{Finding, Flow, Hop, Signal, SurveyedTool};

use super::report::{Report, Scanned, Seen};
use crate::json::{self, Object};

/// One object for one server; for a file of servers, those objects under `servers`.
pub(crate) fn render(report: &Report, many: bool) -> String {
    let object = Object::new().plain("version", 1);
    let object = match &*report.servers {
        [server] if !many => server_members(object, server),
        servers => {
            let each = servers.iter().map(|server| server_members(Object::new(), server).finish());
            object.raw("servers", json::array(each))
        }
    };
    object.raw("flows", json::array(report.flows.iter().map(flow))).finish() + "\n"
}

fn server_members(object: Object, server: &Scanned) -> Object {
    let object = object.text("server", &server.name);
    match &server.outcome {
        Ok(seen) => seen_members(object, seen),
        Err(why) => object.raw("error", Object::new().text("text", why).finish()),
    }
}

fn seen_members(object: Object, seen: &Seen) -> Object {
    let Seen { about, survey, remarks, .. } = seen;
    let info = Object::new()
        .maybe_text("name", about.name.as_deref())
        .maybe_text("version", about.version.as_deref())
        .maybe_text("protocol", about.protocol.as_deref());
    let sum = survey.grade.sum.iter().map(|part| {
        Object::new()
            .text("id", part.id)
            .text("text", &part.text)
            .plain("points", part.points)
            .finish()
    });
    let grade = Object::new()
        .text("letter", survey.grade.letter.name())
        .plain("points", survey.grade.points)
        .raw("deductions", json::array(sum));
    object
        .raw("info", info.finish())
        .raw("grade", grade.finish())
        .plain("tokens", survey.tokens())
        .raw("tools", json::array(survey.by_gravity().into_iter().map(tool)))
        .raw("findings", findings(&survey.findings))
        .raw("remarks", json::array(remarks.iter().map(|remark| json::string(remark))))
}

/// One tool with all that is thought of it.
pub(crate) fn tool(tool: &SurveyedTool) -> String {
    let risk = &tool.risk;
    Object::new()
        .text("name", &tool.name)
        .text("category", risk.category.name())
        .text("severity", risk.severity.name())
        .plain("score", risk.score)
        .plain("confidence", rounded(risk.confidence))
        .text("strict_category", risk.strict.name())
        .raw("signals", json::array(risk.signals.iter().map(signal)))
        .raw("findings", findings(&tool.findings))
        .text("fingerprint", &tool.fingerprint.to_string())
        .plain("tokens", tool.tokens)
        .finish()
}

fn signal(signal: &Signal) -> String {
    let param = signal.param.as_deref().map_or("null".to_owned(), json::string);
    Object::new()
        .text("id", signal.id)
        .text("text", &signal.text)
        .raw("param", param)
        .plain("weight", rounded(signal.weight))
        .maybe_text("quote", signal.quote.as_deref())
        .finish()
}

pub(crate) fn findings(findings: &[Finding]) -> String {
    json::array(findings.iter().map(|finding| {
        Object::new()
            .text("id", finding.id)
            .text("severity", finding.severity.name())
            .text("text", &finding.text)
            .text("place", &finding.place)
            .text("quote", &finding.quote)
            .finish()
    }))
}

fn flow(flow: &Flow) -> String {
    let hops = |hops: &[Hop]| {
        json::array(hops.iter().map(|hop| {
            Object::new()
                .text("server", &hop.server)
                .text("tool", &hop.tool)
                .text("why", hop.why)
                .finish()
        }))
    };
    Object::new()
        .text("id", flow.id)
        .text("severity", flow.severity.name())
        .text("text", &flow.text)
        .raw("sources", hops(&flow.sources))
        .raw("private", hops(&flow.private))
        .raw("sinks", hops(&flow.sinks))
        .finish()
}

/// More digits would say more than is known. What is no number is none in JSON either.
fn rounded(value: f32) -> f32 {
    let rounded = (value * 100.0).round() / 100.0;
    if rounded.is_finite() { rounded + 0.0 } else { 0.0 }
}

//! `catalog show`: one server, or one tool of it.

use toolgate_catalog::{
    Finding, Index, IndexedServer, IndexedTool, Risk, Tally, Tool, attacks, tokens,
};

use super::text;
use crate::catalog::Known;
use crate::exit::{Exit, Failure};
use crate::json::{self, Object};
use crate::scan::json as scan_json;
use crate::{output, sheet, time};

/// What a name can mean.
enum Meant<'a, 'k> {
    Indexed(&'a IndexedServer<'k>),
    IndexedTool(&'a IndexedServer<'k>, &'a IndexedTool<'k>),
    Scanned(&'a Known<'k>),
    ScannedTool(&'a Known<'k>, usize),
}

const ATTACKS_MAX: usize = 8;

pub(super) fn execute(
    name: &str,
    known: &[Known<'_>],
    index: &Index<'_>,
    json: bool,
) -> Result<(), Failure> {
    let Some(meant) = meant(name, known, index) else {
        let text = format!(
            "there is no server or tool `{}`; `toolgate catalog search WORD` finds names, \
             `toolgate scan` looks at a server",
            output::visible(name)
        );
        return Err(Failure::new(Exit::Usage, text));
    };
    match (meant, json) {
        (Meant::Indexed(server), true) => print(indexed_json(server, index)),
        (Meant::Indexed(server), false) => indexed(server, index),
        (Meant::IndexedTool(server, tool), true) => {
            print(tool_head(server.name, "index").raw("tool", indexed_tool_json(tool)))
        }
        (Meant::IndexedTool(server, tool), false) => indexed_tool(server, tool, index),
        (Meant::Scanned(known), true) => print(scanned_json(known)),
        (Meant::Scanned(known), false) => scanned(known),
        (Meant::ScannedTool(known, at), true) => {
            let tool = scan_json::tool(&known.survey.tools[at]);
            print(tool_head(known.kept.name(), "scan").raw("tool", tool))
        }
        (Meant::ScannedTool(known, at), false) => scanned_tool(known, at),
    }
}

fn print(object: Object) -> Result<(), Failure> {
    output::print(&(object.finish() + "\n"))
}

/// Names of servers and of tools may have slashes. What was scanned comes before the index.
fn meant<'a, 'k>(
    name: &str,
    known: &'a [Known<'k>],
    index: &'a Index<'k>,
) -> Option<Meant<'a, 'k>> {
    if let Some(one) = known.iter().find(|one| one.kept.name() == name) {
        return Some(Meant::Scanned(one));
    }
    let splits = || name.match_indices('/').map(|(at, _)| (&name[..at], &name[at + 1..]));
    for (server, tool) in splits() {
        let one = known.iter().find(|one| one.kept.name() == server);
        let at = one.and_then(|one| one.judged.iter().position(|(own, _)| own.name == tool));
        if let Some((one, at)) = one.zip(at) {
            return Some(Meant::ScannedTool(one, at));
        }
    }
    if let Some(server) = index.server(name) {
        return Some(Meant::Indexed(server));
    }
    splits().find_map(|(server, tool)| {
        // The index does not speak for a server that was scanned.
        let is_scanned = known.iter().any(|one| one.kept.name() == server);
        let server = index.server(server).filter(|_| !is_scanned)?;
        Some(Meant::IndexedTool(server, server.tool(tool)?))
    })
}

fn tool_head(server: &str, source: &str) -> Object {
    Object::new().plain("version", 1).text("server", server).text("source", source)
}

fn scanned_json(known: &Known<'_>) -> Object {
    let newest = known.kept.newest();
    let tally = Tally::of_survey(&known.survey, &known.judged);
    let object = tool_head(known.kept.name(), "scan")
        .text("reached", &newest.reached)
        .text("seen", &time::utc(newest.last_ms));
    let history = known.kept.states.iter().zip(known.kept.drifts()).map(|((past, _), drift)| {
        Object::new()
            .text("first", &time::utc(past.first_ms))
            .text("last", &time::utc(past.last_ms))
            .plain("times", past.times)
            .plain("tools", past.tools)
            .maybe_text("drift", drift.map(|drift| drift.text()).as_deref())
            .finish()
    });
    text::counted(object, &tally, &known.survey.grade)
        .raw("tools", json::array(known.survey.by_gravity().into_iter().map(scan_json::tool)))
        .raw("findings", scan_json::findings(&known.survey.findings))
        .raw("history", json::array(history))
}

fn indexed_json(server: &IndexedServer<'_>, index: &Index<'_>) -> Object {
    let tally = server.tally();
    let object = tool_head(server.name, "index").text("as_of", index.as_of);
    let sources = server.sources.iter().filter_map(|at| index.sources.get(*at));
    text::counted(object, &tally, &tally.grade())
        .raw("known_from", json::array(sources.map(|source| json::string(source.name))))
        .raw("tools", json::array(server.tools.iter().map(indexed_tool_json)))
}

fn indexed_tool_json(tool: &IndexedTool<'_>) -> String {
    let verdict = &tool.verdict;
    let signals = verdict
        .signals
        .iter()
        .map(|(id, text)| Object::new().text("id", id).text("text", text).finish());
    Object::new()
        .text("name", tool.name)
        .text("category", verdict.category.name())
        .text("severity", verdict.severity.name())
        .plain("score", verdict.score)
        .plain("confidence", f32::from(verdict.confidence) / 10.0)
        .text("strict_category", verdict.strict.name())
        .raw("signals", json::array(signals))
        .finish()
}

fn scanned(known: &Known<'_>) -> Result<(), Failure> {
    let newest = known.kept.newest();
    let tally = Tally::of_survey(&known.survey, &known.judged);
    let cost = tally.tokens.unwrap_or(0);
    output::print(&format!(
        "{}, reached as {}\n{} tools, {}; last scanned {}\n{}\n",
        output::visible(known.kept.name()),
        output::visible(&newest.reached),
        tally.tools,
        text::tokens(cost),
        time::local(newest.last_ms),
        text::grade(&known.survey.grade)
    ))?;
    findings(&known.survey.findings)?;
    let rows = known.survey.by_gravity().into_iter().map(|tool| {
        [
            tool.name.clone(),
            tool.risk.category.name().to_owned(),
            tool.risk.severity.name().to_owned(),
            format!("{}/5", tool.risk.score),
            tool.findings.len().to_string(),
            tool.tokens.to_string(),
        ]
    });
    sheet::print(["tool", "category", "severity", "score", "findings", "tokens"], rows)?;
    output::print("\nhistory\n")?;
    for ((past, _), drift) in known.kept.states.iter().zip(known.kept.drifts()) {
        let what = drift.map_or_else(|| format!("{} tools", past.tools), |drift| drift.text());
        let times =
            if past.times > 1 { format!(", found {} times", past.times) } else { String::new() };
        let what = output::visible(&what);
        output::print(&format!("  {}  {what}{times}\n", time::local(past.first_ms)))?;
    }
    Ok(())
}

fn findings(findings: &[Finding]) -> Result<(), Failure> {
    for finding in findings {
        let (text, place) = (output::visible(&finding.text), output::visible(&finding.place));
        output::print(&format!("finding, {}: {text} (at {place})\n", finding.severity.name()))?;
        if !finding.quote.is_empty() {
            output::print(&format!("  “{}”\n", output::visible(&finding.quote)))?;
        }
    }
    Ok(())
}

fn scanned_tool(known: &Known<'_>, at: usize) -> Result<(), Failure> {
    let (tool, risk): &(Tool<'_>, Risk) = &known.judged[at];
    let found = &known.survey.tools[at];
    let cost = tokens(tool);
    output::print(&format!(
        "{}/{}\n{}, {}, {}/5, confidence {:.2}; {}\n\n",
        output::visible(known.kept.name()),
        output::visible(&tool.name),
        risk.category.name(),
        risk.severity.name(),
        risk.score,
        risk.confidence,
        text::tokens(cost)
    ))?;
    if !tool.description.is_empty() {
        output::print(&format!("its server says: {}\n\n", output::visible(&tool.description)))?;
    }
    for signal in &risk.signals {
        let quote = signal.quote.as_deref().map(|quote| format!(" “{}”", output::visible(quote)));
        let text = output::visible(&signal.text);
        output::print(&format!("  {:+.1}  {text}{}\n", signal.weight, quote.unwrap_or_default()))?;
    }
    findings(&found.findings)?;
    let signals = risk.signals.iter().map(|signal| signal.id);
    suiting(&[risk.category, risk.strict], &signals.collect::<Vec<_>>())
}

fn suiting(categories: &[toolgate_catalog::Category], signals: &[&str]) -> Result<(), Failure> {
    let suits = |one: &&attacks::Attack| one.suits(categories, signals.iter().copied());
    let suiting: Vec<_> = attacks::all().iter().filter(suits).collect();
    if suiting.is_empty() {
        return Ok(());
    }
    output::print("\nattacks that use such tools\n")?;
    for one in suiting.iter().take(ATTACKS_MAX) {
        output::print(&format!("  {:28} {}\n", one.id, one.name))?;
    }
    match suiting.len().saturating_sub(ATTACKS_MAX) {
        0 => Ok(()),
        more => output::print(&format!("  and {more} more\n")),
    }
}

fn indexed(server: &IndexedServer<'_>, index: &Index<'_>) -> Result<(), Failure> {
    let tally = server.tally();
    let cost = tally.tokens.map_or("tokens not known".to_owned(), text::tokens);
    output::print(&format!(
        "{}: {} tools, {cost}\n{}\n{}\n",
        output::visible(server.name),
        tally.tools,
        only_indexed(index),
        text::grade(&tally.grade())
    ))?;
    let rows = server.tools.iter().map(|tool| {
        [
            tool.name.to_owned(),
            tool.verdict.category.name().to_owned(),
            tool.verdict.severity.name().to_owned(),
            format!("{}/5", tool.verdict.score),
        ]
    });
    sheet::print(["tool", "category", "severity", "score"], rows)
}

fn only_indexed(index: &Index<'_>) -> String {
    format!(
        "known from the index of {} only: what it lists today counts, `toolgate scan` asks it",
        index.as_of
    )
}

fn indexed_tool(
    server: &IndexedServer<'_>,
    tool: &IndexedTool<'_>,
    index: &Index<'_>,
) -> Result<(), Failure> {
    let verdict = &tool.verdict;
    output::print(&format!(
        "{}/{}\n{}, {}, {}/5\n{}\n\n",
        output::visible(server.name),
        output::visible(tool.name),
        verdict.category.name(),
        verdict.severity.name(),
        verdict.score,
        only_indexed(index)
    ))?;
    for (_, text) in &verdict.signals {
        output::print(&format!("  {text}\n"))?;
    }
    let signals: Vec<&str> = verdict.signals.iter().map(|(id, _)| *id).collect();
    suiting(&[verdict.category, verdict.strict], &signals)
}

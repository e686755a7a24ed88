//! `catalog list` and `catalog search`.

use toolgate_catalog::{Grade, Index, Severity, Tally};

use super::text;
use crate::catalog::{Hit, Known};
use crate::exit::Failure;
use crate::json::{self, Object};
use crate::{output, sheet, time};

/// One server, wherever it is known from.
struct Row {
    name: String,
    tally: Tally,
    grade: Grade,
    /// When it was last scanned; nothing for those of the index.
    seen_ms: Option<u64>,
}

pub(super) fn servers(
    known: &[Known<'_>],
    index: &Index<'_>,
    all: bool,
    json: bool,
) -> Result<(), Failure> {
    let mut rows: Vec<Row> = known.iter().map(scanned).collect();
    let is_scanned = |name: &str| known.iter().any(|one| one.kept.name() == name);
    let indexed = index.servers.iter().filter(|server| !is_scanned(server.name));
    let more = indexed.clone().count();
    if all {
        rows.extend(indexed.map(|server| {
            let tally = server.tally();
            let grade = tally.grade();
            Row { name: server.name.to_owned(), tally, grade, seen_ms: None }
        }));
    }
    if json {
        let servers = json::array(rows.iter().map(|row| to_json(row, index.as_of)));
        let object = Object::new().plain("version", 1).raw("servers", servers);
        return output::print(&(object.plain("in_index", more).finish() + "\n"));
    }
    if rows.is_empty() {
        output::print("no server has been scanned yet; `toolgate scan` does it\n")?;
    } else {
        let names = ["server", "grade", "tools", "gravest", "tokens", "known from"];
        sheet::print(names, rows.iter().map(|row| to_cells(row, index.as_of)))?;
    }
    if all {
        return output::print("the grades of the index leave findings out\n");
    }
    output::print(&format!(
        "{more} more servers are in the index of {}: `toolgate catalog list --all`, or `search`\n",
        index.as_of
    ))
}

fn scanned(known: &Known<'_>) -> Row {
    Row {
        name: known.kept.name().to_owned(),
        tally: Tally::of_survey(&known.survey, &known.judged),
        grade: known.survey.grade.clone(),
        seen_ms: Some(known.kept.newest().last_ms),
    }
}

fn to_json(row: &Row, as_of: &str) -> String {
    let object = Object::new().text("server", &row.name);
    let object = match row.seen_ms {
        Some(at) => object.text("source", "scan").text("seen", &time::utc(at)),
        None => object.text("source", "index").text("seen", as_of),
    };
    text::counted(object, &row.tally, &row.grade).finish()
}

fn to_cells(row: &Row, as_of: &str) -> [String; 6] {
    let gravest = row.tally.severities.iter().rposition(|count| *count > 0);
    [
        row.name.clone(),
        format!("{} {:>3}", row.grade.letter, row.grade.points),
        row.tally.tools.to_string(),
        gravest.map_or("", |place| Severity::ALL[place].name()).to_owned(),
        row.tally.tokens.map(|tokens| tokens.to_string()).unwrap_or_default(),
        match row.seen_ms {
            Some(at) => format!("scan, {}", time::local(at)),
            None => format!("index, {as_of}"),
        },
    ]
}

pub(super) fn hits(hits: &[Hit<'_>], limit: usize, json: bool) -> Result<(), Failure> {
    let shown = hits.iter().take(limit);
    if json {
        let shown = shown.map(|hit| {
            Object::new()
                .text("server", hit.server)
                .maybe_text("tool", hit.tool)
                .maybe_text("category", Some(hit.category).filter(|name| !name.is_empty()))
                .maybe_text("severity", hit.severity.map(Severity::name))
                .text("source", source(hit))
                .finish()
        });
        let object = Object::new().plain("version", 1).raw("hits", json::array(shown));
        return output::print(&(object.plain("count", hits.len()).finish() + "\n"));
    }
    if hits.is_empty() {
        return output::print("nothing has all these words in its name\n");
    }
    let rows = shown.map(|hit| {
        [
            hit.tool.map_or_else(|| hit.server.to_owned(), |tool| format!("{}/{tool}", hit.server)),
            if hit.tool.is_some() { hit.category.to_owned() } else { "(server)".to_owned() },
            hit.severity.map(Severity::name).unwrap_or_default().to_owned(),
            source(hit).to_owned(),
        ]
    });
    sheet::print(["name", "category", "severity", "known from"], rows)?;
    match hits.len().saturating_sub(limit) {
        0 => Ok(()),
        more => output::print(&format!("and {more} more: `--limit {}`\n", hits.len())),
    }
}

fn source(hit: &Hit<'_>) -> &'static str {
    if hit.is_indexed { "index" } else { "scan" }
}

//! The decisions on record, newest first.

use askama::Template;
use hyper::StatusCode;
use toolgate_store::Log;
use toolgate_store::Power::Look;

use crate::door::Asked;
use crate::form::Form;
use crate::house::House;
use crate::identity::Somebody;
use crate::log::{self, End, Filter, Found, Query, Row};
use crate::moment;
use crate::reply::{Refusal, Reply};
use crate::route::Door::Session;
use crate::route::Route;

use super::foreign::Foreign;
use super::frame::{Frame, Section};
use super::{decision, export, live, render};

#[derive(Template)]
#[template(path = "log.html")]
struct Page {
    frame: Frame,
    filter: Filter,
    words: [(&'static str, &'static str, bool); 4],
    lines: Vec<Line>,
    /// The addresses of other pages; empty if there is none.
    older: String,
    newest: String,
    /// Where what comes is told.
    events: String,
    looked_to: String,
    command: String,
    /// Behind the format in the addresses of exports.
    query: String,
    export: String,
}

struct Line {
    id: String,
    seq: u64,
    time: String,
    word: &'static str,
    shadow: &'static str,
    tool: Foreign,
    server: Foreign,
    grant: Foreign,
    principal: Foreign,
    why: Foreign,
    end: String,
}

const PER_PAGE: usize = 50;

pub(crate) const ROUTES: &[Route] = &[
    Route::get("/log", Session(Look, |house, who, asked| Box::pin(list(house, who, asked)))),
    Route::get(
        "/log/export",
        Session(Look, |house, _, asked| Box::pin(export::export(house, asked))),
    ),
    Route::get(
        "/log/events",
        Session(Look, |house, who, asked| Box::pin(live::follow(house, who, asked))),
    ),
    Route::get(
        "/log/*",
        Session(Look, |house, who, asked| Box::pin(decision::show(house, who, asked))),
    ),
];

async fn list(house: &House, somebody: &Somebody, asked: &Asked<'_>) -> Result<Reply, Refusal> {
    let form = query(asked)?;
    let filter = Filter::read(&form)?;
    let before = form.one("before").map(seq).transpose()?;
    let query = Query { filter: filter.clone(), before, after: None, count: PER_PAGE };
    let found = find(house, query).await?;
    let address = |more: Option<u64>| {
        let before = more.map(|seq| format!("before={seq}"));
        let parts: Vec<_> = [Some(filter.query()), before].into_iter().flatten().collect();
        let parts: Vec<_> = parts.into_iter().filter(|part| !part.is_empty()).collect();
        if parts.is_empty() { "/log".to_owned() } else { format!("/log?{}", parts.join("&")) }
    };
    let page = Page {
        frame: Frame::new(house, somebody, "Log", Section::Log),
        words: WORDS
            .map(|(word, name)| (word, name, filter.word.is_some_and(|it| it.as_str() == word))),
        lines: found.rows.iter().map(line).collect(),
        older: found.older.map(|seq| address(Some(seq))).unwrap_or_default(),
        newest: before.map(|_| address(None)).unwrap_or_default(),
        events: events(&filter, before, found.newest),
        looked_to: found.looked_to_ms.map(moment::readable).unwrap_or_default(),
        command: filter.command("tail"),
        query: filter.query(),
        export: filter.command("export --format FORMAT"),
        filter,
    };
    render(StatusCode::OK, &page)
}

pub(crate) async fn find(house: &House, query: Query) -> Result<Found, Refusal> {
    house.pulse.wake();
    let pulse = house.pulse.clone();
    let look = move |log: &Log| {
        let ranges = |newest, oldest| pulse.ranges(&query.filter, newest, oldest);
        log::find_page(log, &query, ranges)
    };
    house.in_log(look).await
}

const WORDS: [(&str, &str); 4] = [
    ("allow", "allowed"),
    ("deny", "denied"),
    ("limit", "over a limit"),
    ("pending", "waits for a person"),
];

/// Nothing for a page that nothing new belongs on.
fn events(filter: &Filter, before: Option<u64>, newest: u64) -> String {
    if before.is_some() || filter.to_ms.is_some() {
        return String::new();
    }
    let query = filter.query();
    let and = if query.is_empty() { "" } else { "&" };
    format!("/log/events?{query}{and}after={newest}")
}

pub(super) fn query(asked: &Asked<'_>) -> Result<Form, Refusal> {
    let form = Form::parse(asked.query);
    form.ok_or_else(|| Refusal::bad_request("the address is not readable as UTF-8"))
}

pub(super) fn seq(text: &str) -> Result<u64, Refusal> {
    let refused = |_| Refusal::bad_request("`before` is the number of an entry of the log");
    text.parse().map_err(refused)
}

pub(super) fn why(row: &Row) -> String {
    if row.rule.is_empty() {
        return row.code.clone();
    }
    format!("{} at {}", row.code, row.rule)
}

fn line(row: &Row) -> Line {
    Line {
        id: row.id.clone(),
        seq: row.seq,
        time: moment::readable(row.wall_ms),
        word: row.word.as_str(),
        shadow: row.shadow,
        tool: Foreign::of(&row.tool),
        server: Foreign::of(&row.server),
        grant: Foreign::of(&row.grant),
        principal: Foreign::of(&row.principal),
        why: Foreign::of(&why(row)),
        end: row.end.map(End::words).unwrap_or_default(),
    }
}

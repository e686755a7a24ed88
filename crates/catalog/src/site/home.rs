//! The first page, and the list of all servers.

use askama::Template;

use crate::{Category, Severity};

use super::found::Found;
use super::frame::Frame;
use super::parts::{BarPart, Card, Level};
use super::words::{Kind, kind};
use super::{Scanned, Site, parts, quoted, server};

#[derive(Template)]
#[template(path = "home.html")]
pub(super) struct Home {
    frame: Frame,
    tiles: Vec<(String, &'static str)>,
    servers: Vec<Row>,
    kinds: Vec<KindRow>,
    attacks: Vec<Card>,
    attack_count: usize,
    index_note: Option<String>,
    sources: String,
}

struct KindRow {
    kind: Kind,
    scanned: String,
    indexed: String,
}

struct Row {
    href: String,
    name: String,
    grade: &'static str,
    grade_class: String,
    gravest: Option<Level>,
    tools: String,
    bar: Vec<BarPart>,
    bar_label: String,
    tokens: String,
    seen: String,
}

#[derive(Template)]
#[template(path = "servers.html")]
pub(super) struct Servers {
    frame: Frame,
    lead: String,
    scanned: Vec<Brief>,
    letters: Vec<Initial>,
}

struct Initial {
    id: String,
    name: String,
    servers: Vec<Brief>,
}

struct Brief {
    href: String,
    name: String,
    grade: &'static str,
    grade_class: String,
    tools: u32,
}

const ATTACKS_SHOWN: usize = 6;

pub(super) fn page(site: &Site<'_>, found: &Found) -> Home {
    let (indexed_servers, indexed_tools) =
        site.index.map_or((0, 0), |index| (index.servers.len(), index.tools()));
    let all = crate::attacks::all();
    let mut gravest: Vec<_> = all.iter().collect();
    gravest.sort_by_key(|one| std::cmp::Reverse(one.severity));
    let tiles = [
        (site.servers.len(), "servers scanned"),
        (found.rows.len(), "tools judged"),
        (indexed_servers, "servers in the index"),
        (indexed_tools, "tools in the index"),
        (all.len(), "attacks"),
    ];
    let tiles = tiles.into_iter().filter(|(count, _)| *count > 0);
    let note = site.index.map(|index| {
        format!(
            "Names and verdicts of {} servers as of {}, without their descriptions, so that a \
             first look needs no network. What a server lists itself always counts for more.",
            parts::thousands(index.servers.len()),
            index.as_of
        )
    });
    let sources: Vec<&str> =
        site.index.iter().flat_map(|index| &index.sources).map(|source| source.name).collect();
    Home {
        frame: site.frame(0, "", "Servers, tools, risks and attacks"),
        tiles: tiles.map(|(count, text)| (parts::thousands(count), text)).collect(),
        servers: site.servers.iter().map(row).collect(),
        kinds: kinds(found),
        attacks: gravest.into_iter().take(ATTACKS_SHOWN).map(parts::card).collect(),
        attack_count: all.len(),
        index_note: note,
        sources: sources.join(", "),
    }
}

fn kinds(found: &Found) -> Vec<KindRow> {
    let mut order = Category::ALL;
    order.sort_by_key(|category| std::cmp::Reverse(category.gravity()));
    let row = |category: Category| KindRow {
        kind: kind(category),
        scanned: parts::thousands(found.rows.iter().filter(|row| row.is == category).count()),
        indexed: parts::thousands(found.indexed.0[category.place()]),
    };
    order.into_iter().map(row).collect()
}

fn row(scanned: &Scanned<'_>) -> Row {
    let tally = server::tally(scanned);
    let grade = tally.grade();
    let bar = parts::bar(tally.categories);
    Row {
        href: server::path(&scanned.survey.server),
        name: quoted::start(&scanned.survey.server, 60),
        grade: grade.letter.name(),
        grade_class: parts::grade_class(grade.letter),
        gravest: scanned.survey.gravest().map(parts::level),
        tools: parts::thousands(tally.tools as usize),
        bar_label: parts::bar_label(&bar),
        bar,
        tokens: tally.tokens.map(|cost| parts::thousands(cost as usize)).unwrap_or_default(),
        seen: scanned.history.first().map(|state| state.when.clone()).unwrap_or_default(),
    }
}

pub(super) fn servers(site: &Site<'_>) -> Servers {
    let scanned = |one: &Scanned<'_>| {
        let tally = server::tally(one);
        brief(&one.survey.server, &tally)
    };
    let mut letters: Vec<Initial> = Vec::new();
    let mut names: Vec<_> = site.index.iter().flat_map(|index| &index.servers).collect();
    let bare = |name: &str| name.trim_start_matches('@').to_lowercase();
    names.sort_by_cached_key(|server| bare(server.name));
    for server in names {
        let first = bare(server.name).chars().next().filter(char::is_ascii_alphabetic);
        let name =
            first.map_or("0–9 and others".to_owned(), |c| c.to_ascii_uppercase().to_string());
        let brief = brief(server.name, &server.tally());
        if let Some(letter) = letters.iter_mut().find(|letter| letter.name == name) {
            letter.servers.push(brief);
        } else {
            let id = first.map_or("others".to_owned(), |c| format!("l-{c}"));
            letters.push(Initial { id, name, servers: vec![brief] });
        }
    }
    let lead = match site.index {
        Some(index) => format!(
            "{} scanned here, {} known from the offline index of {}.",
            parts::thousands(site.servers.len()),
            parts::thousands(index.servers.len()),
            index.as_of
        ),
        None => format!("{} scanned here.", parts::thousands(site.servers.len())),
    };
    Servers {
        frame: site.frame(1, "servers", "Servers"),
        lead,
        scanned: site.servers.iter().map(scanned).collect(),
        letters,
    }
}

fn brief(name: &str, tally: &crate::Tally) -> Brief {
    let grade = tally.grade();
    let href = server::path(name);
    Brief {
        href: href.trim_start_matches("servers/").to_owned(),
        name: quoted::start(name, 80),
        grade: grade.letter.name(),
        grade_class: parts::grade_class(grade.letter),
        tools: tally.tools,
    }
}

/// For those that list severities.
pub(super) fn severities() -> Vec<Level> {
    Severity::ALL.into_iter().rev().map(parts::level).collect()
}

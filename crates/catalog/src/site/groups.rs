//! Pages of all tools of a category or of a severity, and of how both are told.

use askama::Template;

use crate::attacks::Attack;
use crate::{Category, IndexedTool, Severity};

use super::found::{Found, Row};
use super::frame::Frame;
use super::parts::{Card, Level, Link, Score};
use super::words::{Kind, kind, of_severity};
use super::{Site, home, parts, quoted, server};

#[derive(Template)]
#[template(path = "risk.html")]
pub(super) struct Method {
    frame: Frame,
    kinds: Vec<Kind>,
    levels: Vec<Level>,
}

#[derive(Template)]
#[template(path = "group.html")]
pub(super) struct Group {
    frame: Frame,
    heading: String,
    lead: &'static str,
    advice: &'static str,
    tools: Vec<Listed>,
    servers: Vec<Link>,
    indexed: String,
    attacks: Vec<Card>,
}

struct Listed {
    href: String,
    name: String,
    server: String,
    category: &'static str,
    level: Level,
    score: Score,
    signals: String,
}

const TOOLS_MAX: usize = 500;
const SERVERS_MAX: usize = 60;
const ATTACKS_MAX: usize = 12;

pub(super) fn method(site: &Site<'_>) -> Method {
    let mut order = Category::ALL;
    order.sort_by_key(|category| category.gravity());
    Method {
        frame: site.frame(1, "risk", "Risk, and how it is told"),
        kinds: order.into_iter().map(kind).collect(),
        levels: home::severities(),
    }
}

/// With their paths.
pub(super) fn pages(site: &Site<'_>, found: &Found) -> Vec<(String, Group)> {
    let categories = Category::ALL.into_iter().map(|category| {
        let kind = kind(category);
        let attacks = suiting(|one| one.needs.categories.contains(&category));
        let group = Group {
            frame: site.frame(1, "risk", format!("{} tools", kind.name)),
            heading: format!("{} tools", kind.name),
            lead: kind.danger,
            advice: kind.advice,
            tools: listed(found, |row| row.is == category),
            servers: servers(site, |tool| tool.verdict.category == category),
            indexed: format!(
                "{} tools of this category.",
                parts::thousands(found.indexed.0[category.place()])
            ),
            attacks,
        };
        (format!("risk/{}.html", kind.slug), group)
    });
    let severities = Severity::ALL.into_iter().map(|severity| {
        let level = parts::level(severity);
        let group = Group {
            frame: site.frame(1, "risk", format!("{} tools", level.name)),
            heading: format!("{} tools", level.name),
            lead: of_severity(severity),
            advice: "",
            tools: listed(found, |row| row.severity == severity),
            servers: servers(site, |tool| tool.verdict.severity == severity),
            indexed: format!(
                "{} tools of this severity.",
                parts::thousands(found.indexed.1[severity.place()])
            ),
            attacks: Vec::new(),
        };
        (format!("risk/{}.html", level.class), group)
    });
    categories.chain(severities).collect()
}

fn suiting(wanted: impl Fn(&Attack) -> bool) -> Vec<Card> {
    let mut all: Vec<&Attack> = crate::attacks::all().iter().filter(|one| wanted(one)).collect();
    all.sort_by_key(|one| std::cmp::Reverse(one.severity));
    all.into_iter().take(ATTACKS_MAX).map(parts::card).collect()
}

/// The gravest first.
fn listed(found: &Found, wanted: impl Fn(&Row) -> bool) -> Vec<Listed> {
    let mut rows: Vec<&Row> = found.rows.iter().filter(|row| wanted(row)).collect();
    rows.sort_by_key(|row| std::cmp::Reverse((row.severity, row.score.value)));
    let listed = rows.into_iter().take(TOOLS_MAX).map(|row| Listed {
        href: format!("../{}", row.path),
        name: row.name.clone(),
        server: row.server.clone(),
        category: row.category,
        level: row.level,
        score: parts::score(row.score.value),
        signals: row.signals.clone(),
    });
    listed.collect()
}

/// Those of the index with the most such tools.
fn servers(site: &Site<'_>, wanted: impl Fn(&IndexedTool<'_>) -> bool) -> Vec<Link> {
    let count =
        |server: &crate::IndexedServer<'_>| server.tools.iter().filter(|tool| wanted(tool)).count();
    let all = site.index.iter().flat_map(|index| &index.servers);
    let mut counted: Vec<_> = all.map(|server| (count(server), server.name)).collect();
    counted.retain(|(count, _)| *count > 0);
    counted.sort_by(|a, b| b.0.cmp(&a.0).then_with(|| a.1.cmp(b.1)));
    let link = |(count, name): (usize, &str)| Link {
        href: format!("../{}", server::path(name)),
        name: quoted::start(name, 80),
        text: parts::thousands(count),
    };
    counted.into_iter().take(SERVERS_MAX).map(link).collect()
}

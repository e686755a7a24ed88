//! All scanned tools in one list, for pages that look across servers.

use crate::{Category, Risk, Severity, Signal, TOLD_SIGNALS};

use super::parts::{Level, Link, Score, level, score};
use super::{Site, quoted, tool};

/// One scanned tool, for lists.
pub(super) struct Row {
    /// From the start of the site.
    pub(super) path: String,
    pub(super) name: String,
    pub(super) server: String,
    pub(super) is: Category,
    pub(super) strict: Category,
    pub(super) severity: Severity,
    pub(super) category: &'static str,
    pub(super) level: Level,
    pub(super) score: Score,
    pub(super) signals: String,
    pub(super) signal_ids: Vec<&'static str>,
}

pub(super) struct Found {
    pub(super) rows: Vec<Row>,
    /// Of the index, in the order of `Category::ALL` and of `Severity::ALL`.
    pub(super) indexed: ([usize; 5], [usize; 4]),
}

impl Found {
    pub(super) fn of(site: &Site<'_>) -> Self {
        let mut rows = Vec::new();
        for scanned in &site.servers {
            let server = &scanned.survey.server;
            for (nth, (tool, risk)) in scanned.judged.iter().enumerate() {
                let path = tool::path(server, scanned.judged, nth);
                rows.push(row(path, (server, &tool.name), risk));
            }
        }
        let mut indexed = ([0; 5], [0; 4]);
        let servers = site.index.iter().flat_map(|index| &index.servers);
        for tool in servers.flat_map(|server| &server.tools) {
            indexed.0[tool.verdict.category.place()] += 1;
            indexed.1[tool.verdict.severity.place()] += 1;
        }
        Self { rows, indexed }
    }

    /// Other tools of a category: of the same server first.
    pub(super) fn related(&self, path: &str, root: &str, max: usize) -> Vec<Link> {
        let Some(own) = self.rows.iter().find(|row| row.path == path) else { return Vec::new() };
        let others = |same: bool| {
            let fits = move |row: &&Row| {
                row.is == own.is && row.path != own.path && (row.server == own.server) == same
            };
            self.rows.iter().filter(fits).take(if same { max / 2 } else { max })
        };
        others(true).chain(others(false)).take(max).map(|row| row.link(root)).collect()
    }
}

impl Row {
    pub(super) fn link(&self, root: &str) -> Link {
        let text = format!("{}, {}", self.server, self.level.name);
        Link { href: format!("{root}{}", self.path), name: self.name.clone(), text }
    }
}

fn row(path: String, (server, name): (&str, &str), risk: &Risk) -> Row {
    Row {
        path,
        name: quoted::start(name, 80),
        server: quoted::start(server, 80),
        is: risk.category,
        strict: risk.strict,
        severity: risk.severity,
        category: risk.category.name(),
        level: level(risk.severity),
        score: score(risk.score),
        signals: told(&risk.signals),
        signal_ids: risk.signals.iter().map(|signal| signal.id).collect(),
    }
}

/// The signals of a tool in a line: those about arguments and annotations.
pub(super) fn told(signals: &[Signal]) -> String {
    const TOLD_MAX: usize = 3;
    let about = |signal: &&Signal| TOLD_SIGNALS.iter().any(|(id, _)| *id == signal.id);
    let told: Vec<String> =
        signals.iter().filter(about).map(|signal| quoted::start(&signal.text, 80)).collect();
    let more = match told.len().saturating_sub(TOLD_MAX) {
        0 => String::new(),
        more => format!(" · {more} more"),
    };
    told.into_iter().take(TOLD_MAX).collect::<Vec<_>>().join(" · ") + &more
}

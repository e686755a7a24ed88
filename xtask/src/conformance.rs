//! `cargo xtask conformance`: the official suite says the same with the gate as without it.
//!
//! A server that passes the suite (`tests/conformance`) is judged twice for each revision of MCP:
//! directly, and through a gate that allows everything. Both must pass, check by check alike.

mod badge;
mod outcome;
mod suite;
mod table;

use std::process::Command;

use clap::{Args, ValueEnum};
use serde_json::{Map, Value, json};

use crate::Result;
use crate::clients::house::House;
use crate::clients::install;
use crate::clients::place::{Place, tests};
use crate::clients::process::Running;
use badge::Badge;
use outcome::Outcome;

#[derive(Args)]
pub struct Options {
    /// Only what this revision requires
    #[arg(long, value_name = "REVISION")]
    requirements: Option<Revision>,
    /// Print every scenario as JSON
    #[arg(long)]
    json: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum Revision {
    #[value(name = "2025-11-25")]
    Legacy,
    #[value(name = "2026-07-28")]
    Modern,
}

impl Revision {
    fn name(self) -> &'static str {
        match self {
            Self::Legacy => "2025-11-25",
            Self::Modern => "2026-07-28",
        }
    }
}

/// One revision, judged both ways.
struct Pair {
    revision: Revision,
    direct: Outcome,
    gated: Outcome,
}

/// Installs what is missing, runs the suite and prints what it found.
pub fn run(options: &Options) -> Result {
    let place = Place::find()?;
    install::conformance(&place)?;
    install::gate(&place)?;
    let targets = Targets::start(&place)?;
    let mut pairs = Vec::new();
    for &revision in Revision::value_variants() {
        if options.requirements.is_none_or(|only| only == revision) {
            pairs.push(targets.judge(&place, revision)?);
        }
    }
    let problems: usize = pairs.iter().map(|pair| pair.problems().len()).sum();
    if options.json {
        let pairs: Vec<Value> = pairs.iter().map(Pair::json).collect();
        println!("{}", json!({"revisions": pairs, "problems": problems}));
    } else {
        table::print(&pairs);
    }
    if problems == 0 { Ok(()) } else { Err(format!("conformance: {problems} problems").into()) }
}

/// The server, and the way to it through the gate.
struct Targets {
    direct: String,
    gated: String,
    _badge: Badge,
    _house: House,
    _server: Running,
}

impl Targets {
    fn start(place: &Place) -> Result<Self> {
        let folder = place.work("conformance")?;
        let mut command = Command::new(place.newer_node());
        command.arg(place.path("conformance/server.mjs"));
        let mut server = Running::start(&mut command, folder.join("server.stderr"))?;
        let direct = server.url()?;
        let policy = tests().join("conformance/policy.json");
        let settings = Map::from_iter([("suite".to_owned(), json!({"url": direct}))]);
        let house = House::open(place, &folder, &settings, &policy)?;
        let badge = Badge::start(&house.url_of("suite"), &house.token)?;
        let gated = badge.url.clone();
        Ok(Self { direct, gated, _badge: badge, _house: house, _server: server })
    }

    fn judge(&self, place: &Place, revision: Revision) -> Result<Pair> {
        let judge = |way: &str, url: &str| {
            eprintln!("running the suite for {}, {way}", revision.name());
            suite::run(place, revision.name(), way, url)
        };
        let direct = judge("directly", &self.direct)?;
        let gated = judge("through the gate", &self.gated)?;
        Ok(Pair { revision, direct, gated })
    }
}

impl Pair {
    /// Everything that is wrong, a line each.
    fn problems(&self) -> Vec<String> {
        let mut problems = Vec::new();
        for (way, outcome) in [("directly", &self.direct), ("through the gate", &self.gated)] {
            problems.extend(outcome.problems().map(|problem| format!("{way}: {problem}")));
        }
        problems.extend(outcome::differences(&self.direct, &self.gated));
        problems
    }

    fn json(&self) -> Value {
        json!({
            "revision": self.revision.name(),
            "direct": self.direct.json(),
            "gated": self.gated.json(),
            "problems": self.problems(),
        })
    }
}

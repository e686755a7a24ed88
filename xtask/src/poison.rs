//! The detector of poisoned definitions, measured: recall by set, false alarms by set, time.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use bytes::Bytes;
use rustix::time::{ClockId, clock_gettime};
use serde_json::{Value, json};
use toolgate_catalog::{Neighbours, Tool, inspect};
use toolgate_json::{Document, Reading};

use crate::Result;

#[derive(clap::Args)]
pub struct Options {
    /// The directory with `attacks/` and `train-corpus.jsonl`
    #[arg(long, value_name = "DIR")]
    data: PathBuf,
    /// Print figures as JSON
    #[arg(long)]
    json: bool,
    /// Print what is wrong: poisoned tools without a finding, honest ones with
    #[arg(long)]
    errors: bool,
}

/// The sets of honest definitions; any finding on one of them is a false alarm.
const HONEST: [&str; 3] = ["attacks/benign-sample", "attacks/benign-hard-cases", "train-corpus"];
const ATTACKS: &str = "attacks/poisoned-tools";
/// The part that was not selected by words, so that recall on it is not flattered.
const UNSELECTED: &str = "MCP-SafetyBench";

struct Set {
    name: String,
    rows: Vec<Row>,
}

struct Row {
    name: String,
    definition: Bytes,
}

#[derive(serde::Serialize)]
struct Figures {
    set: String,
    poisoned: bool,
    tools: usize,
    alarms: usize,
    share: f64,
    us_per_tool: f64,
    ids: BTreeMap<&'static str, usize>,
}

pub fn run(options: &Options) -> Result {
    let mut all = Vec::new();
    for set in attacks(&options.data)? {
        all.push(measure(&set, true, options.errors)?);
    }
    for name in HONEST {
        let rows = read(&options.data, name)?.iter().map(row).collect();
        all.push(measure(&Set { name: name.to_string(), rows }, false, options.errors)?);
    }
    if options.json {
        println!("{}", serde_json::to_string_pretty(&all)?);
        return Ok(());
    }
    println!("{:<52}{:>7}{:>8}{:>9}{:>10}", "set", "tools", "alarms", "share", "us/tool");
    for one in &all {
        let share = format!("{:.2} %", one.share * 100.0);
        let us = format!("{:.1}", one.us_per_tool);
        println!("{:<52}{:>7}{:>8}{share:>9}{us:>10}", one.set, one.tools, one.alarms);
    }
    Ok(())
}

/// The sets by the kind of attack; the unselected part of the descriptions also alone.
fn attacks(data: &Path) -> Result<Vec<Set>> {
    let mut sets: BTreeMap<String, Vec<Row>> = BTreeMap::new();
    for value in read(data, ATTACKS)? {
        let text = |key: &str| value[key].as_str().unwrap_or_default().to_string();
        let (kind, source) = (text("kind"), text("source"));
        if kind == "poisoned-description"
            && [&source, &text("attack_type")].iter().any(|it| it.contains(UNSELECTED))
        {
            sets.entry(format!("{kind} ({UNSELECTED})")).or_default().push(row(&value));
        }
        sets.entry(kind).or_default().push(row(&value));
    }
    Ok(sets.into_iter().map(|(name, rows)| Set { name, rows }).collect())
}

fn read(data: &Path, name: &str) -> Result<Vec<Value>> {
    let path = data.join(format!("{name}.jsonl"));
    let text = fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

/// A row as its server would list it.
fn row(value: &Value) -> Row {
    let name = value["tool"].as_str().unwrap_or("unnamed");
    let mut definition = json!({"name": name, "description": value["description"]});
    for key in ["inputSchema", "annotations"] {
        if value[key].is_object() {
            definition[key] = value[key].clone();
        }
    }
    Row { name: name.to_string(), definition: Bytes::from(definition.to_string()) }
}

fn measure(set: &Set, poisoned: bool, errors: bool) -> Result<Figures> {
    let neighbours = Neighbours::default();
    let mut ids = BTreeMap::new();
    let mut alarms = 0;
    let mut spent = Duration::ZERO;
    for row in &set.rows {
        let document = Document::parse(row.definition.clone(), Reading::Strict)
            .map_err(|error| format!("{}: {error:?}", row.name))?;
        let before = busy();
        let tool = Tool::read(document.root());
        let findings = tool.map(|tool| inspect(&tool, &neighbours)).unwrap_or_default();
        spent += busy().saturating_sub(before);
        alarms += usize::from(!findings.is_empty());
        if errors && findings.is_empty() == poisoned {
            let said: Vec<_> =
                findings.iter().map(|one| format!("{} «{}»", one.id, one.quote)).collect();
            println!("{}: {}: {}", set.name, row.name, said.join(" · "));
        }
        let mut known: Vec<_> = findings.iter().map(|finding| finding.id).collect();
        known.sort_unstable();
        known.dedup();
        for id in known {
            *ids.entry(id).or_default() += 1;
        }
    }
    let tools = set.rows.len();
    let count = f64::from(u32::try_from(tools.max(1))?);
    Ok(Figures {
        set: set.name.clone(),
        poisoned,
        tools,
        alarms,
        share: f64::from(u32::try_from(alarms)?) / count,
        us_per_tool: spent.as_secs_f64() * 1e6 / count,
        ids,
    })
}

/// The time this thread ran: others on the machine don't count.
pub(crate) fn busy() -> Duration {
    let now = clock_gettime(ClockId::ThreadCPUTime);
    Duration::new(now.tv_sec.unsigned_abs(), u32::try_from(now.tv_nsec).unwrap_or_default())
}

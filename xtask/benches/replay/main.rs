//! A log of many calls, made by the store itself, and how long `toolgate replay` takes for it.
//!
//! `cargo bench -p xtask --bench replay -- --calls 1000000`

#![expect(clippy::print_stdout, reason = "the figures go to stdout")]

mod generate;

use std::path::Path;
use std::process::Command;
use std::time::Instant;

use clap::Parser;
use toolgate_json::{Document, Reading, Value};
use xtask::Result;
use xtask::command::{cargo, output, run, target_directory};

#[derive(Parser)]
struct Options {
    #[arg(long, default_value_t = 1_000_000)]
    calls: u64,
    /// The program to measure, instead of building it
    #[arg(long, value_name = "FILE")]
    toolgate: Option<std::path::PathBuf>,
    /// What `cargo bench` says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

const SECONDS_MAX: f64 = 60.0;
const START_NS: u64 = 1_790_000_000_000_000_000;

const OTHER: &str = r#"
version: "1"
default: deny
tools:
  search: {limits: [{window: minute, max: 30}]}
  "read_*":
    require: [{path: args.path, op: path_within, value: [/srv/data/public]}]
  pay:
    require: [{path: args.amount, op: lte, value: 1000}]
    require_approval: [{path: args.amount, op: gt, value: 400}]
    limits: [{window: hour, max: 4000, increment_from: args.amount}]
"#;

fn main() -> Result {
    let options = Options::parse();
    let program = if let Some(program) = options.toolgate {
        program
    } else {
        run(cargo().args(["build", "--release", "--locked", "--package=toolgate"]))?;
        target_directory()?.join("release/toolgate")
    };
    let place = tempfile::tempdir()?;
    let began = Instant::now();
    generate::log(&place.path().join("state"), options.calls, START_NS)?;
    println!("{} calls recorded in {:.1} s", options.calls, began.elapsed().as_secs_f64());
    let mut slowest: f64 = 0.0;
    for (name, policy) in [("the same", generate::POLICY), ("another", OTHER)] {
        let (took_s, told) = replay(&program, place.path(), policy)?;
        slowest = slowest.max(took_s);
        let count = |key| number(&told, key);
        println!(
            "{name} policy: {took_s:.1} s; newly denied {}, newly allowed {}, newly held {}, \
             unchanged {} ({} by another rule), undecidable {}",
            count("newly_denied"),
            count("newly_allowed"),
            count("newly_held"),
            count("unchanged"),
            count("unchanged_by_another_rule"),
            count("undecidable"),
        );
        let is_same = name == "the same";
        let reproduced =
            count("unchanged") == options.calls && count("unchanged_by_another_rule") == 0;
        if is_same && !reproduced {
            return Err("the same policy does not reproduce every decision".into());
        }
    }
    if slowest > SECONDS_MAX { Err("a replay takes too long".into()) } else { Ok(()) }
}

fn replay(program: &Path, place: &Path, policy: &str) -> Result<(f64, Document)> {
    let file = place.join("policy.yaml");
    std::fs::write(&file, policy)?;
    let mut command = Command::new(program);
    command.args(["replay", "--json", "--policy"]).arg(&file);
    command.arg("--state").arg(place.join("state"));
    let began = Instant::now();
    let told = output(&mut command)?;
    let took_s = began.elapsed().as_secs_f64();
    let document = Document::parse(told.into(), Reading::Plain);
    Ok((took_s, document.map_err(|error| format!("no JSON: {error:?}"))?))
}

fn number(told: &Document, key: &str) -> u64 {
    let value = told.root().get(key).and_then(Value::as_number);
    value.and_then(|literal| literal.parse().ok()).unwrap_or_default()
}

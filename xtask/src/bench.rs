//! What a call costs: toolgate beside nothing, beside a bare pump, beside a minimal gateway.
//!
//! Absolute figures of a shared machine say little. All arms run in shuffled order inside each
//! repeat, ratios are taken inside the repeat, and of the repeats the median and the spread are
//! told.

mod arm;
mod block;
pub mod envelope;
mod figures;
mod health;
pub mod levels;
pub mod micro;
mod report;
mod runner;
pub mod sample;
mod shuffle;

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde::Serialize;
use serde_json::json;

use crate::{Result, size};
use block::Transport;
use health::{Health, Start};
use runner::{Row, Runner};

#[derive(Args)]
pub struct Options {
    /// One part only
    #[arg(long)]
    only: Option<Part>,
    /// Two short repeats: does it run, and roughly how fast. Nothing to quote
    #[arg(long)]
    quick: bool,
    /// How often every arm is measured
    #[arg(long, default_value_t = 7, value_parser = clap::value_parser!(u32).range(2..=100))]
    repeats: u32,
    /// Also write every sample there, as JSON
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    Http,
    Micro,
    Stdio,
}

impl Options {
    fn transports(&self) -> &'static [Transport] {
        match self.only {
            None => &[Transport::Stdio, Transport::Http],
            Some(Part::Http) => &[Transport::Http],
            Some(Part::Stdio) => &[Transport::Stdio],
            Some(Part::Micro) => &[],
        }
    }

    fn wants_steps(&self) -> bool {
        matches!(self.only, None | Some(Part::Micro))
    }

    fn repeats(&self) -> u32 {
        if self.quick { 2 } else { self.repeats }
    }

    fn seconds(&self) -> f64 {
        if self.quick { 0.2 } else { 1.0 }
    }
}

pub fn run(options: &Options) -> Result {
    let transports = options.transports();
    let calls =
        if transports.is_empty() { None } else { Some(Calls::measure(options, transports)?) };
    let steps = if options.wants_steps() { micro::run()? } else { Vec::new() };
    if let Some(path) = &options.json {
        let all = json!({"calls": calls, "steps": steps});
        fs::write(path, serde_json::to_string_pretty(&all)?)?;
    }
    calls.map_or(Ok(()), Calls::verdict)
}

/// Whole calls, measured through real processes.
#[derive(Serialize)]
struct Calls {
    health: Health,
    binary_bytes: u64,
    samples: Vec<Row>,
    /// The arms that gave no figures, and why.
    broken: Vec<String>,
}

impl Calls {
    /// Measures and prints.
    fn measure(options: &Options, transports: &[Transport]) -> Result<Self> {
        let mut runner = Runner::build(options.seconds())?;
        let blocks = block::all(transports, runner.can_pin());
        let start = Start::now(runner.place())?;
        let samples = runner.measure(&blocks, options.repeats());
        let health = start.end(&blocks, &samples)?;
        report::print(&blocks, &samples, &health);
        let (binary_bytes, max) = (size::measure()?, size::SIZE_BYTES_MAX);
        println!("binary: {} (at most {})", size::mib(binary_bytes), size::mib(max));
        Ok(Self { health, binary_bytes, samples, broken: runner.broken() })
    }

    /// Fails if an arm gave no figures, or if the binary has grown too large.
    fn verdict(self) -> Result {
        for broken in &self.broken {
            println!("no figures: {broken}");
        }
        match self.broken.len() {
            0 => size::judge(self.binary_bytes),
            count => Err(format!("bench: {count} arms gave no figures").into()),
        }
    }
}

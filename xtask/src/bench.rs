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
mod levels;
mod report;
mod runner;
pub mod sample;
mod shuffle;

use std::fs;
use std::path::PathBuf;

use clap::{Args, ValueEnum};

use crate::{Result, size};
use block::Transport;
use health::Start;
use runner::Runner;

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
    Stdio,
}

impl Options {
    fn transports(&self) -> &'static [Transport] {
        match self.only {
            None => &[Transport::Stdio, Transport::Http],
            Some(Part::Http) => &[Transport::Http],
            Some(Part::Stdio) => &[Transport::Stdio],
        }
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
    if !transports.is_empty() {
        calls(options, transports)?;
    }
    Ok(())
}

/// Measures whole calls, through real processes.
fn calls(options: &Options, transports: &[Transport]) -> Result {
    let mut runner = Runner::build(options.seconds())?;
    let blocks = block::all(transports, runner.can_pin());
    let start = Start::now(runner.place())?;
    let rows = runner.measure(&blocks, options.repeats());
    let health = start.end(&blocks, &rows)?;
    report::print(&blocks, &rows, &health);
    let (size_bytes, max) = (size::measure()?, size::SIZE_BYTES_MAX);
    println!("binary: {} (at most {})", size::mib(size_bytes), size::mib(max));
    if let Some(path) = &options.json {
        fs::write(path, report::json(&rows, &health)?)?;
    }
    runner.verdict()
}

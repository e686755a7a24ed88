//! The single steps of a call, alone: how much CPU time each takes, and, under a counting tool,
//! how many instructions. `cargo xtask bench --only micro` runs both.

#![expect(clippy::print_stdout, reason = "the figures go to stdout")]

mod admit;
mod clock;
mod decide;
mod message;
mod parse;
mod stopwatch;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use stopwatch::Stopwatch;
use xtask::Result;
use xtask::bench::levels;
use xtask::bench::micro::Timed;

struct Step {
    name: &'static str,
    prepare: fn() -> Result<Work>,
}

/// Does the step so many times.
type Work = Box<dyn FnMut(u32) -> Result>;

const STEPS: &[Step] = &[
    Step { name: "parse, 300 B", prepare: || Ok(parse::ours(message::small())) },
    Step { name: "parse, 100 KB of text", prepare: || Ok(parse::ours(message::text())) },
    Step { name: "parse, 100 KB of rows", prepare: || Ok(parse::ours(message::rows())) },
    Step { name: "serde_json, 300 B", prepare: || Ok(parse::serde(message::small())) },
    Step { name: "serde_json, 100 KB of text", prepare: || Ok(parse::serde(message::text())) },
    Step { name: "serde_json, 100 KB of rows", prepare: || Ok(parse::serde(message::rows())) },
    Step { name: "decide, 20 rules, 1000 tools", prepare: decide::twenty_rules },
    Step { name: "admit, no limit", prepare: || admit::under(levels::NO_RULE) },
    Step { name: "admit, 1 limit", prepare: || admit::under(levels::ONE_LIMIT) },
    Step {
        name: "admit, 2 limits, amount",
        prepare: || admit::under(levels::TWO_LIMITS_AND_AMOUNT),
    },
];

#[derive(Parser)]
struct Options {
    #[command(subcommand)]
    task: Option<Task>,
    /// What `cargo bench` says to every benchmark
    #[arg(long, hide = true)]
    bench: bool,
}

#[derive(Subcommand)]
enum Task {
    /// Run one step so many times, for a tool that counts
    Run { name: String, times: u32 },
    /// Time every step
    Time,
}

fn main() -> ExitCode {
    let outcome = match Options::parse().task.unwrap_or(Task::Time) {
        Task::Run { name, times } => run(&name, times),
        Task::Time => STEPS.iter().try_for_each(time),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("steps: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(name: &str, times: u32) -> Result {
    let step = STEPS.iter().find(|step| step.name == name).ok_or("no such step")?;
    (step.prepare)()?(times)
}

/// Prints the nanoseconds of one run of the step, several times over.
fn time(step: &Step) -> Result {
    const LONG_ENOUGH: Duration = Duration::from_millis(50);
    let mut work = (step.prepare)()?;
    let mut spent = |times| {
        let watch = Stopwatch::start();
        work(times)?;
        watch.spent()
    };
    let mut times = 1;
    while spent(times)? < LONG_ENOUGH {
        times *= 2;
    }
    let mut ns = Vec::new();
    for _ in 0..9 {
        ns.push(spent(times)?.as_secs_f64() * 1e9 / f64::from(times));
    }
    println!("{}", serde_json::to_string(&Timed { step: step.name.to_owned(), ns })?);
    Ok(())
}

//! The single steps of a call, alone: how much CPU time each takes, and, under a counting tool,
//! how many instructions. `cargo xtask bench --only micro` runs both.

#![expect(clippy::print_stdout, reason = "the figures go to stdout")]

mod admit;
mod decide;
mod message;
mod parse;
mod stopwatch;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, Subcommand};
use xtask::Result;
use xtask::bench::micro::Timed;

/// One step. It prepares itself, then runs so many times, and says how much CPU time those took.
struct Step {
    name: &'static str,
    run: fn(u32) -> Result<Duration>,
}

const STEPS: &[Step] = &[
    Step { name: "parse, 300 B", run: parse::small },
    Step { name: "parse, 100 KB of text", run: parse::text },
    Step { name: "parse, 100 KB of rows", run: parse::rows },
    Step { name: "serde_json, 300 B", run: parse::serde_small },
    Step { name: "serde_json, 100 KB of text", run: parse::serde_text },
    Step { name: "serde_json, 100 KB of rows", run: parse::serde_rows },
    Step { name: "decide, 20 rules, 1000 tools", run: decide::twenty_rules },
    Step { name: "admit and close, no limit", run: admit::no_limit },
    Step { name: "admit and close, 1 limit", run: admit::one_limit },
    Step { name: "admit and close, 2 limits, amount", run: admit::two_limits_and_amount },
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
    (step.run)(times)?;
    Ok(())
}

/// Prints the nanoseconds of one run of the step, several times over.
fn time(step: &Step) -> Result {
    const LONG_ENOUGH: Duration = Duration::from_millis(50);
    let mut times = 1;
    while (step.run)(times)? < LONG_ENOUGH {
        times *= 2;
    }
    let mut ns = Vec::new();
    for _ in 0..9 {
        ns.push((step.run)(times)?.as_secs_f64() * 1e9 / f64::from(times));
    }
    println!("{}", serde_json::to_string(&Timed { step: step.name.to_owned(), ns })?);
    Ok(())
}

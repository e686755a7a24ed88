//! Every check of the project, in one command: what a person runs and what the CI runs.

use clap::Args;

use crate::command::{cargo, run as run_command, works};
use crate::{Result, tidy};

#[derive(Args)]
pub struct Options {
    /// Only what needs no network and nothing but Rust
    #[arg(long)]
    quick: bool,
}

struct Step {
    name: &'static str,
    run: fn() -> Result,
    /// Needs only Rust and what the lock file names.
    quick: bool,
}

const STEPS: &[Step] = &[
    Step { name: "format", run: format, quick: true },
    Step { name: "tidy", run: tidy::run, quick: true },
    Step { name: "clippy", run: clippy, quick: true },
    Step { name: "build", run: build, quick: true },
    Step { name: "test", run: test, quick: true },
    Step { name: "deny", run: deny, quick: false },
    Step { name: "clients", run: clients, quick: false },
    Step { name: "framing", run: framing, quick: false },
    Step { name: "servers", run: servers, quick: false },
    Step { name: "weight", run: weight, quick: false },
    Step { name: "site", run: site, quick: false },
    Step { name: "console", run: console, quick: false },
    Step { name: "otlp", run: otlp, quick: false },
    Step { name: "conformance", run: conformance, quick: false },
];

/// Runs all steps, whatever fails, and says at the end which did.
pub fn run(options: &Options) -> Result {
    let mut failed = Vec::new();
    let mut passed = 0;
    for step in STEPS.iter().filter(|step| step.quick || !options.quick) {
        println!("\n== {} ==", step.name);
        match (step.run)() {
            Ok(()) => passed += 1,
            Err(failure) => {
                println!("{failure}");
                failed.push(step.name);
            }
        }
    }
    println!("\nsteps: {passed} passed, {} failed", failed.len());
    if failed.is_empty() { Ok(()) } else { Err(format!("failed: {}", failed.join(", ")).into()) }
}

fn format() -> Result {
    run_command(cargo().args(["fmt", "--all", "--check"]))
}

fn clippy() -> Result {
    run_command(cargo().args([
        "clippy",
        "--workspace",
        "--all-targets",
        "--locked",
        "--",
        "--deny=warnings",
    ]))
}

/// Some tests start the binaries of other packages: they have to be there first.
fn build() -> Result {
    run_command(cargo().args(["build", "--workspace", "--bins", "--locked"]))
}

fn test() -> Result {
    run_command(cargo().args(["test", "--workspace", "--locked", "--no-fail-fast"]))
}

fn deny() -> Result {
    if !works(cargo().args(["deny", "--version"])) {
        println!("skipped: cargo-deny is not installed (`cargo install --locked cargo-deny`)");
        return Ok(());
    }
    run_command(cargo().args(["deny", "check"]))
}

/// In a process of its own, like every other step: it may need what the build has just made.
fn clients() -> Result {
    run_command(cargo().args(["xtask", "clients"]))
}

fn framing() -> Result {
    run_command(cargo().args(["xtask", "framing"]))
}

fn conformance() -> Result {
    run_command(cargo().args(["xtask", "conformance"]))
}

fn weight() -> Result {
    run_command(cargo().args(["xtask", "weight", "--short"]))
}

fn otlp() -> Result {
    run_command(cargo().args(["xtask", "otlp"]))
}

fn site() -> Result {
    run_command(cargo().args(["xtask", "site", "--short"]))
}

fn console() -> Result {
    run_command(cargo().args(["xtask", "console", "--short"]))
}

fn servers() -> Result {
    run_command(cargo().args(["xtask", "servers", "--short"]))
}

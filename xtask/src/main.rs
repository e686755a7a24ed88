//! `cargo xtask`: the menu.

use std::process::ExitCode;

use clap::Parser;

/// What the project does with itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Run every check of the project: format, lints, rules, tests, real clients
    Test(xtask::test::Options),
    /// Check the project's own rules
    Tidy,
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Test(options) => xtask::test::run(&options),
        Task::Tidy => xtask::tidy::run(),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

//! `cargo xtask`: the menu.

use std::process::ExitCode;

use clap::Parser;

/// What the project does with itself.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
enum Task {
    /// Measure what a call costs, beside a bare pump and a minimal gateway
    Bench(xtask::bench::Options),
    /// Run real MCP clients through the gate to real servers
    Clients(xtask::clients::Options),
    /// Run the official conformance suite, directly and through the gate
    Conformance(xtask::conformance::Options),
    /// Go through the console in a real browser, and ask its API everything
    Console(xtask::console::Options),
    /// Measure the detector of poisoned definitions on labelled data
    EvalPoison(xtask::poison::Options),
    /// Race, kill and break the gate: each fault, many times
    Faults(xtask::faults::Options),
    /// Measure how well the risk of tools is told, on vendors that were not trained with
    EvalRisk(xtask::risk::evaluate::Options),
    /// Send every line break there is through the gate to real servers
    Framing(xtask::framing::Options),
    /// Draw up the table of well-known servers that is in the binary
    Index(xtask::index::Options),
    /// Have what is sent to a collector read by OpenTelemetry's own definitions
    Otlp,
    /// Put five real servers behind one gateway, and real clients before it
    Servers(xtask::servers::Options),
    /// Open the exported catalogue in a real browser
    Site(xtask::site::Options),
    /// Check the size of the release binary
    Size,
    /// Run every check of the project: format, lints, rules, tests, real clients
    Test(xtask::test::Options),
    /// Check the project's own rules
    Tidy,
    /// Measure what sessions weigh, and that nothing is left of them
    Weight(xtask::weight::Options),
    /// Train the risk model that is part of the program
    TrainRisk(xtask::risk::train::Options),
}

fn main() -> ExitCode {
    let outcome = match Task::parse() {
        Task::Bench(options) => xtask::bench::run(&options),
        Task::Clients(options) => xtask::clients::run(&options),
        Task::Conformance(options) => xtask::conformance::run(&options),
        Task::Console(options) => xtask::console::run(&options),
        Task::EvalPoison(options) => xtask::poison::run(&options),
        Task::Faults(options) => xtask::faults::run(&options),
        Task::EvalRisk(options) => xtask::risk::evaluate::run(&options),
        Task::Framing(options) => xtask::framing::run(&options),
        Task::Index(options) => xtask::index::run(&options),
        Task::Otlp => xtask::otlp::run(),
        Task::Servers(options) => xtask::servers::run(&options),
        Task::Site(options) => xtask::site::run(&options),
        Task::Size => xtask::size::run(),
        Task::Test(options) => xtask::test::run(&options),
        Task::Tidy => xtask::tidy::run(),
        Task::Weight(options) => xtask::weight::run(&options),
        Task::TrainRisk(options) => xtask::risk::train::run(&options),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("xtask: {failure}");
            ExitCode::FAILURE
        }
    }
}

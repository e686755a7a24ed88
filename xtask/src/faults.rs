//! `cargo xtask faults`: the gate under races, kills and faults, in full.

use std::process::Command;

use clap::Args;

use crate::Result;
use crate::command::{cargo, run as run_command, works};

#[derive(Args)]
pub struct Options {
    /// Run only the tests whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Go on without strace or mount namespaces where they are missing
    #[arg(long)]
    lenient: bool,
}

/// How often each fault is met: the environment of `crates/cli/tests/gate_faults`.
const ROUNDS: &[(&str, &str)] = &[
    ("TOOLGATE_FAULTS_CUTS", "100000"),
    ("TOOLGATE_FAULTS_CYCLES", "100"),
    ("TOOLGATE_FAULTS_KILLS", "200"),
    ("TOOLGATE_FAULTS_RACES", "10"),
    ("TOOLGATE_FAULTS_RELOADS", "64"),
    ("TOOLGATE_FAULTS_SESSIONS", "10000"),
    ("TOOLGATE_FAULTS_SYSCALLS", "40"),
];

/// Runs the suite in its full form, one test after the other: each loads the machine by itself.
pub fn run(options: &Options) -> Result {
    if !options.lenient && !works(Command::new("strace").arg("-V")) {
        return Err("strace is missing: `apt install strace`, or pass `--lenient`".into());
    }
    let mut command = cargo();
    command.args(["test", "--locked", "--package=toolgate", "--test=gate_faults", "--"]);
    command.args(["--test-threads=1", "--nocapture"]).args(&options.only);
    command.envs(ROUNDS.iter().copied());
    if !options.lenient {
        command.env("TOOLGATE_REQUIRE_STRACE", "1").env("TOOLGATE_REQUIRE_MOUNT", "1");
    }
    run_command(&mut command)?;
    let mut tampering = cargo();
    tampering.args(["test", "--locked", "--package=toolgate-store", "--test=it", "--"]);
    tampering.args(["--nocapture", "each_of_a_thousand_records"]);
    run_command(tampering.env("TOOLGATE_TEST_TAMPER", "1"))
}

//! The load generator: one closed loop against one arm, every answer checked, one line of JSON.
//!
//! It runs in a process of its own, so that one `taskset` pins it and everything it starts.

#![expect(clippy::print_stdout, reason = "the sample goes to stdout")]

mod call;
mod connection;
mod grant;
mod http;
mod process;
mod server;
mod stdio;
mod tally;
mod window;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Parser, ValueEnum};
use xtask::Result;
use xtask::bench::sample::Sample;

#[derive(Parser)]
struct Load {
    /// Length of the arguments of each call
    #[arg(long)]
    bytes: usize,
    /// Calls under way at any time
    #[arg(long)]
    in_flight: u32,
    /// How long to measure
    #[arg(long)]
    seconds: f64,
    #[arg(long)]
    answer: Expected,
    /// The server for streamable HTTP to start first; `{url}` in the command stands for its URL
    #[arg(long)]
    upstream: Option<String>,
    /// The command serves streamable HTTP and says so on stderr: `listening on URL`
    #[arg(long)]
    http: bool,
    /// It also says there which bearer token it wants: `token: TOKEN`
    #[arg(long)]
    token: bool,
    /// The command is `toolgate serve … --state DIR`: the upstream is registered there first,
    /// and granted under this policy
    #[arg(long, value_name = "POLICY", requires = "upstream")]
    grant: Option<String>,
    /// What the client talks to
    #[arg(last = true, required = true)]
    command: Vec<String>,
}

/// What each call is answered.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Expected {
    Denied,
    Result,
}

impl Load {
    fn measured(&self) -> Duration {
        Duration::from_secs_f64(self.seconds)
    }

    /// Long enough for connections, caches and allocators to be as they stay.
    fn warm_up(&self) -> Duration {
        self.measured() / 4
    }
}

fn main() -> ExitCode {
    match run(&Load::parse()) {
        Ok(text) => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        Err(failure) => {
            eprintln!("bench-load: {failure}");
            ExitCode::FAILURE
        }
    }
}

fn run(load: &Load) -> Result<String> {
    let sample: Sample = if load.http { http::run(load)? } else { stdio::run(load)? };
    Ok(serde_json::to_string(&sample)?)
}

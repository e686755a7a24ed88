//! The sentinel: an MCP server of both eras that writes down every byte before it answers.

mod answer;
mod ask;
mod call;
mod core;
mod definitions;
mod flags;
mod http;
mod legacy;
mod modern;
mod recorder;
mod session;
mod shelf;
mod stdio;

use std::io;
use std::process::ExitCode;

use clap::Parser as _;

pub use flags::{EraFlag, Flags};

/// Runs the sentinel as its command line asks, until its input ends or it is told to stop.
pub fn main() -> ExitCode {
    let flags = Flags::parse();
    match run(flags) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("sentinel: {error}");
            ExitCode::from(9)
        }
    }
}

fn run(flags: Flags) -> io::Result<u8> {
    let core = core::Core::new(flags)?;
    if core.flags.http.is_some() { http::run(&core) } else { stdio::run(&core) }
}

//! A gate as it should not be: it decides, but not on what the upstream will read.
//!
//! It has the faults that were found in stdio gates in the wild: it forwards what it cannot parse,
//! batches and odd arguments among them; takes keys in any case, the last of two; keeps its
//! limits in memory
//! and shares them by name; looks at nothing but `tools/call`; records after it forwarded.
//! A suite that passes on this gate tests nothing.

mod http;
mod judge;
mod stdio;

use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;

use judge::Judge;

/// A deliberately naive gate.
#[derive(Debug, Parser)]
#[command(name = "naive-proxy")]
pub struct Flags {
    /// Deny this tool.
    #[arg(long)]
    deny: Vec<String>,
    /// `TOOL=N`: allow this many calls of a tool.
    #[arg(long, value_parser = limit)]
    limit: Vec<(String, u64)>,
    /// Append a line for each forwarded call, once it is forwarded.
    #[arg(long)]
    record: Option<PathBuf>,
    /// Serve HTTP here, before `--upstream`.
    #[arg(long, requires = "upstream")]
    http: Option<SocketAddr>,
    /// The URL behind `--http`.
    #[arg(long)]
    upstream: Option<String>,
    /// The stdio server behind the gate, and its arguments.
    #[arg(last = true)]
    command: Vec<String>,
}

fn limit(text: &str) -> Result<(String, u64), String> {
    let (tool, count) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form `TOOL=N`"))?;
    let count = count.parse().map_err(|_| format!("`{count}` is not a number"))?;
    Ok((tool.to_owned(), count))
}

pub fn main() -> ExitCode {
    let flags = Flags::parse();
    match run(&flags) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("naive-proxy: {error}");
            ExitCode::from(9)
        }
    }
}

fn run(flags: &Flags) -> io::Result<u8> {
    let judge = Judge::new(flags)?;
    match (flags.http, &flags.upstream) {
        (Some(address), Some(upstream)) => http::run(judge, address, upstream),
        _ => stdio::run(&judge, &flags.command),
    }
}

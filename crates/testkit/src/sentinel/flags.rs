//! The sentinel's command line: every way in which an upstream may misbehave.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Parser, ValueEnum};

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum EraFlag {
    Dual,
    Legacy,
    Modern,
}

/// A server for tests that records what it receives.
#[derive(Clone, Debug, Parser)]
#[command(name = "sentinel")]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a test server")]
pub struct Flags {
    /// Serve streamable HTTP at this address (port 0: any) instead of stdio.
    #[arg(long)]
    pub http: Option<SocketAddr>,
    /// With --http, write the URL here as well as to standard error.
    #[arg(long, requires = "http")]
    pub address_file: Option<PathBuf>,
    /// With --http, stop when standard input ends, so that no server outlives its test.
    #[arg(long, requires = "http")]
    pub tied: bool,
    /// With --http, give out no session ids.
    #[arg(long, requires = "http")]
    pub sessionless: bool,
    /// Append every message to this file, and stdin as it came to FILE.raw.
    #[arg(long)]
    pub ledger: Option<PathBuf>,
    #[arg(long, value_enum, default_value = "dual")]
    pub era: EraFlag,
    /// The first request of a connection fixes its era.
    #[arg(long)]
    pub strict_era_lock: bool,
    /// The newest legacy version to agree to.
    #[arg(long, default_value = "2025-11-25")]
    pub newest: String,
    /// Serve the tools of this file: an array, or an object with `tools`. Read at each list.
    #[arg(long)]
    pub tools: Option<PathBuf>,
    /// Cut the list of tools into this many pages.
    #[arg(long, default_value_t = 1)]
    pub pages: usize,
    /// `echo=foo`: list and serve `echo` under the name `foo`.
    #[arg(long, value_parser = pair)]
    pub rename: Vec<(String, String)>,
    /// `ttlMs` of modern lists.
    #[arg(long, default_value_t = 60_000)]
    pub ttl_ms: u64,
    /// Wait this long before each list.
    #[arg(long, default_value_t = 0)]
    pub delay_list_ms: u64,
    /// After this many messages, leave stdin unread until --resume-file exists.
    #[arg(long)]
    pub stop_reading_after: Option<u64>,
    #[arg(long, requires = "stop_reading_after")]
    pub resume_file: Option<PathBuf>,
    /// Exit once this many messages are answered.
    #[arg(long)]
    pub exit_after: Option<u64>,
    #[arg(long, default_value_t = 0)]
    pub exit_code: u8,
    /// Stay alive after the end of standard input, as a child that ignores it.
    #[arg(long)]
    pub linger: bool,
    /// A bare carriage return ends a line too, as in Python servers.
    #[arg(long)]
    pub universal_newlines: bool,
    /// Write a line that looks like a message to standard error for each message.
    #[arg(long)]
    pub stderr_noise: bool,
    /// Before each call's answer, send an answer to nobody and a request nobody expects.
    #[arg(long)]
    pub forge_response: bool,
    /// Send answers a few bytes at a time.
    #[arg(long)]
    pub split_writes: bool,
    /// Answer every request by an event stream.
    #[arg(long)]
    pub sse: bool,
    /// End a legacy answer's stream after this many events; the rest comes by GET.
    #[arg(long)]
    pub drop_sse_after_events: Option<usize>,
    /// On the two paths of 2024-11-05, `/sse` and `/messages`: the endpoint to name instead.
    #[arg(long)]
    pub sse_endpoint: Option<String>,
    /// `503` answers every POST with this status, `503:tools/call` those of one method.
    #[arg(long, value_parser = status)]
    pub http_status: Option<(u16, Option<String>)>,
    /// Answer every POST with a 307 to this URL.
    #[arg(long)]
    pub redirect: Option<String>,
    /// `name=value`: answer 401 to a request without this header.
    #[arg(long, value_parser = pair)]
    pub require_header: Option<(String, String)>,
}

fn pair(text: &str) -> Result<(String, String), String> {
    let (left, right) =
        text.split_once('=').ok_or_else(|| format!("`{text}` is not of the form `name=value`"))?;
    Ok((left.to_owned(), right.to_owned()))
}

fn status(text: &str) -> Result<(u16, Option<String>), String> {
    let (code, method) = match text.split_once(':') {
        Some((code, method)) => (code, Some(method.to_owned())),
        None => (text, None),
    };
    let code = code.parse().map_err(|_| format!("`{code}` is not an HTTP status"))?;
    Ok((code, method))
}

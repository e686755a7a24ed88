//! `console`.

use std::net::SocketAddr;
use std::path::PathBuf;

use clap::Args;

use super::{STATE, TEMPLATE};

/// Runs the console, where people look and answer, beside `run`.
///
/// `serve` has it built in: `console: {}` in its configuration. Sign in with the token of an
/// account, from `toolgate account add`.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate account add ann --role approver
  toolgate console
  toolgate console --listen 127.0.0.1:9000 --url https://toolgate.example.com
"
)]
pub(crate) struct ConsoleArgs {
    #[arg(long, value_name = "DIR", help = STATE)]
    pub(crate) state: Option<PathBuf>,
    /// Where browsers connect (port 0: any free one)
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:8481")]
    pub(crate) listen: SocketAddr,
    /// How people reach it, where a proxy stands in front
    #[arg(long, value_name = "URL")]
    pub(crate) url: Option<String>,
    #[arg(long, exclusive = true, help = "Only print the OpenAPI document of its API, and end")]
    pub(crate) openapi: bool,
}

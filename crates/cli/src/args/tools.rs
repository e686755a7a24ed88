//! `tools`.

use clap::{Args, Subcommand};

use super::{PlaceArgs, TEMPLATE};

/// The tools of all servers as they were first seen, and what has become of them.
///
/// A tool whose definition changes is denied and no longer listed, unless the server's
/// `tools_changed` says otherwise. It is as before once somebody accepts the change.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate tools list --server shop
  toolgate tools diff
  toolgate tools accept shop pay --fingerprint 0c1f2e3d4b5a
"
)]
pub(crate) struct ToolsArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: ToolsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ToolsCommand {
    /// Takes a change over: what the server said last is what the tool is from now on
    #[command(help_template = TEMPLATE)]
    Accept(AcceptArgs),
    /// Prints what servers have changed, with hidden characters made visible
    #[command(help_template = TEMPLATE)]
    Diff(ToolsDiffArgs),
    /// Lists all tools that servers have shown
    #[command(help_template = TEMPLATE)]
    List(ToolsListArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AcceptArgs {
    #[arg(value_name = "SERVER")]
    pub(crate) server: String,
    #[arg(value_name = "TOOL", required_unless_present = "all")]
    pub(crate) tool: Option<String>,
    /// Every change of the server
    #[arg(long, conflicts_with = "tool")]
    pub(crate) all: bool,
    /// Only if the fingerprint of the change begins so, as `diff` printed it
    #[arg(long, value_name = "HEX", requires = "tool", value_parser = hex)]
    pub(crate) fingerprint: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ToolsDiffArgs {
    #[arg(value_name = "SERVER")]
    pub(crate) server: Option<String>,
    #[arg(value_name = "TOOL", requires = "server")]
    pub(crate) tool: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ToolsListArgs {
    /// Only those of one server
    #[arg(long, value_name = "SERVER")]
    pub(crate) server: Option<String>,
}

fn hex(text: &str) -> Result<String, String> {
    let digits = text.bytes().all(|byte| byte.is_ascii_digit() || (b'a'..=b'f').contains(&byte));
    if digits && (8..=64).contains(&text.len()) {
        return Ok(text.to_owned());
    }
    Err("write 8 to 64 hexadecimal digits".to_owned())
}

//! `scan`.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};
use toolgate_catalog::Severity;

use super::{TEMPLATE, TransportArg};

/// Says how dangerous the tools of MCP servers are, and why; writes the policy for them.
///
/// Servers are started and asked for their lists; none of their tools is called. A command is run
/// with your rights: on Linux it can write to caches and temporary folders only, unless --no-fence.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate scan -- npx -y @modelcontextprotocol/server-filesystem /data
  toolgate scan --url https://mcp.example.com/mcp --header Authorization=env:EXAMPLE_TOKEN
  toolgate scan --config ~/.cursor/mcp.json
  toolgate scan --tools tools.json --policy policy.yaml --fail-on high
"
)]
#[expect(clippy::struct_excessive_bools, reason = "independent switches of a command line")]
pub(crate) struct ScanArgs {
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND", conflicts_with_all = ["url", "tools", "config"])]
    pub(crate) command: Vec<OsString>,
    /// The server's address
    #[arg(long, value_name = "URL", conflicts_with_all = ["tools", "config"])]
    pub(crate) url: Option<String>,
    /// A header for the server: NAME=env:VARIABLE or NAME=file:PATH, never the secret itself
    #[arg(long = "header", value_name = "NAME=SOURCE", requires = "url")]
    pub(crate) headers: Vec<String>,
    /// How messages travel to that address
    #[arg(long, value_enum, requires = "url")]
    pub(crate) transport: Option<TransportArg>,
    /// A saved list of tools: an array, or any JSON object that has one as `tools`; `-` is
    /// standard input
    #[arg(long, value_name = "FILE", conflicts_with = "config")]
    pub(crate) tools: Option<PathBuf>,
    /// All servers of a client's configuration (Claude, Cursor, VS Code, Codex, Gemini CLI,
    /// Windsurf, Zed), or of toolgate's own
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// A registered server (see `toolgate server list`); with --config, this one of its servers;
    /// otherwise the name to show
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    #[arg(long, value_name = "DIR", help = super::STATE)]
    pub(crate) state: Option<PathBuf>,
    /// Prints JSON
    #[arg(long, conflicts_with = "sarif")]
    pub(crate) json: bool,
    /// Prints SARIF 2.1.0, for code scanning
    #[arg(long)]
    pub(crate) sarif: bool,
    /// Writes a page for people: one file, without scripts
    #[arg(long, value_name = "FILE")]
    pub(crate) html: Option<PathBuf>,
    /// Writes the recommended policy, YAML or JSON by its ending; with several servers, a folder
    #[arg(long, value_name = "OUT")]
    pub(crate) policy: Option<PathBuf>,
    /// Lets --policy and --html replace files that are there
    #[arg(long)]
    pub(crate) force: bool,
    /// Exit code 3 if a tool, a finding or a flow is at least this grave
    #[arg(long, value_enum, ignore_case = true, value_name = "SEVERITY")]
    pub(crate) fail_on: Option<SeverityArg>,
    /// How long each server may take, in seconds; first downloads may need more
    #[arg(long, value_name = "SECONDS", default_value = "30", value_parser = seconds)]
    pub(crate) timeout: Duration,
    /// Runs commands without the fence around their files
    #[arg(long)]
    pub(crate) no_fence: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum SeverityArg {
    Low,
    Medium,
    High,
    Critical,
}

impl From<SeverityArg> for Severity {
    fn from(arg: SeverityArg) -> Self {
        match arg {
            SeverityArg::Low => Self::Low,
            SeverityArg::Medium => Self::Medium,
            SeverityArg::High => Self::High,
            SeverityArg::Critical => Self::Critical,
        }
    }
}

fn seconds(text: &str) -> Result<Duration, String> {
    let seconds = text.strip_suffix('s').unwrap_or(text).parse::<u64>().ok();
    let seconds = seconds.filter(|seconds| (1..=3600).contains(seconds));
    seconds.map(Duration::from_secs).ok_or_else(|| "write a number from 1 to 3600".to_owned())
}

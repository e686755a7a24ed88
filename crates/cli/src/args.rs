//! What was typed. What it means is the business of each command.

mod account;
mod approvals;
mod attacks;
mod catalog;
mod console;
mod explain;
mod freeze;
mod grant;
mod place;
mod policy;
mod replay;
mod report;
mod scan;
mod serve;
mod server;
mod test;
mod tools;
mod top;

use std::ffi::OsString;
use std::net::SocketAddr;
use std::path::PathBuf;

use clap::{Args, Parser, Subcommand, ValueEnum};
use clap_complete::Shell;

pub(crate) use account::{AccountArgs, AccountCommand, AddAccountArgs, RoleArg};
pub(crate) use approvals::{ApprovalsArgs, ApprovalsCommand, ApproveArgs};
pub(crate) use attacks::{AttacksArgs, AttacksCommand, RunAttackArgs, TargetArgs};
pub(crate) use catalog::{CatalogArgs, CatalogCommand, CatalogExportArgs};
pub(crate) use console::ConsoleArgs;
pub(crate) use explain::ExplainArgs;
pub(crate) use freeze::{ExtentArgs, FreezeArgs, ThawArgs};
pub(crate) use grant::{AddGrantArgs, GrantArgs, GrantCommand};
pub(crate) use place::PlaceArgs;
pub(crate) use policy::{AttachArgs, DiffArgs, PolicyArgs, PolicyCommand, PolicyShowArgs};
pub(crate) use replay::{FailOnArg, ReplayArgs};
pub(crate) use report::ReportArgs;
pub(crate) use scan::ScanArgs;
pub(crate) use serve::ServeArgs;
pub(crate) use server::{AddServerArgs, ServerArgs, ServerCommand};
pub(crate) use test::TestArgs;
pub(crate) use tools::{AcceptArgs, ToolsArgs, ToolsCommand, ToolsDiffArgs};
pub(crate) use top::TopArgs;

const TEMPLATE: &str = "\
{about}

{before-help}Usage: {usage}

{all-args}{after-help}
";

const STATE: &str = "\
The directory of the audit log, the counters and the keys
[default: $TOOLGATE_STATE, $XDG_STATE_HOME/toolgate or ~/.local/state/toolgate]";

#[derive(Debug, Parser)]
#[command(
    name = "toolgate",
    version,
    about = "A policy gateway for MCP: decides every tool call, before the server hears of it.",
    before_help = "\
Examples:
  toolgate demo --once                              see it decide, with nothing set up
  toolgate scan -- npx my-mcp                       see how dangerous a server's tools are
  toolgate check policy.yaml                        find every mistake in a policy
  toolgate test policy.yaml --coverage              run the tests that stand in it
  toolgate explain dec_1f0c9a3e_42                  say why a call was decided as it was
  toolgate run --policy policy.yaml -- npx my-mcp   put it in front of a server
  toolgate audit tail -f                            watch the decisions
",
    after_help = "Exit codes: 0 ok, 1 unexpected, 2 usage, 3 findings, \
4 server unreachable, 6 policy invalid, 7 audit or state unavailable, 8 audit log tampered with.",
    help_template = TEMPLATE,
    infer_subcommands = false,
    propagate_version = true
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    Account(AccountArgs),
    Approvals(ApprovalsArgs),
    Attacks(AttacksArgs),
    Audit(AuditArgs),
    Catalog(CatalogArgs),
    Check(CheckArgs),
    #[command(hide = true)]
    Child(ChildArgs),
    Completions(CompletionsArgs),
    Console(ConsoleArgs),
    Demo(DemoArgs),
    #[command(hide = true)]
    DemoShop(DemoShopArgs),
    Explain(ExplainArgs),
    Freeze(FreezeArgs),
    Grant(GrantArgs),
    Policy(PolicyArgs),
    Replay(ReplayArgs),
    Report(ReportArgs),
    Run(RunArgs),
    Scan(ScanArgs),
    Serve(ServeArgs),
    Server(ServerArgs),
    Test(TestArgs),
    Thaw(ThawArgs),
    Tools(ToolsArgs),
    Top(TopArgs),
}

impl Command {
    /// Whether errors are wanted as JSON.
    pub(crate) fn json(&self) -> bool {
        match self {
            Self::Account(args) => args.place.json,
            Self::Approvals(args) => args.place.json,
            Self::Attacks(args) => args.json,
            Self::Audit(args) => args.place.json,
            Self::Catalog(args) => args.place.json,
            Self::Check(args) => args.json,
            Self::Explain(args) => args.place.json,
            Self::Freeze(args) => args.place.json,
            Self::Grant(args) => args.place.json,
            Self::Policy(args) => args.place.json,
            Self::Replay(args) => args.place.json,
            Self::Report(args) => args.place.json,
            Self::Scan(args) => args.json,
            Self::Server(args) => args.place.json,
            Self::Test(args) => args.json,
            Self::Thaw(args) => args.place.json,
            Self::Tools(args) => args.place.json,
            Self::Top(args) => args.place.json,
            Self::Child(_)
            | Self::Completions(_)
            | Self::Console(_)
            | Self::Demo(_)
            | Self::DemoShop(_)
            | Self::Run(_)
            | Self::Serve(_) => false,
        }
    }
}

/// Puts the gate in front of one MCP server.
///
/// Without --listen it is an MCP server itself, on standard input and output: write it into a
/// client's configuration where the server's command was. Standard output carries MCP only.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate run --policy policy.yaml -- npx -y @modelcontextprotocol/server-filesystem /data
  toolgate run --policy policy.yaml --url https://mcp.example.com/mcp \\
      --header Authorization=env:EXAMPLE_TOKEN
  toolgate run --policy policy.yaml --listen 127.0.0.1:8080 -- npx my-mcp
"
)]
pub(crate) struct RunArgs {
    /// The policy document, YAML or JSON; it is read again whenever it changes
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: PathBuf,
    #[arg(long, value_name = "DIR", help = STATE)]
    pub(crate) state: Option<PathBuf>,
    /// The grant that calls come under: limits of scope `grant` count per grant
    #[arg(long, value_name = "NAME", default_value = "local")]
    pub(crate) grant: String,
    /// The server's name in records and counters
    /// [default: the program's name, or what npx, uvx, node, python… start; or the URL's host]
    #[arg(long, value_name = "NAME", verbatim_doc_comment)]
    pub(crate) server: Option<String>,
    /// The server's address, if it is not started as a command
    #[arg(long, value_name = "URL", conflicts_with = "command")]
    pub(crate) url: Option<String>,
    /// A header for the server: NAME=env:VARIABLE or NAME=file:PATH, never the secret itself
    #[arg(long = "header", value_name = "NAME=SOURCE", requires = "url")]
    pub(crate) headers: Vec<String>,
    /// How messages travel to that address
    #[arg(long, value_enum, requires = "url")]
    pub(crate) transport: Option<TransportArg>,
    /// Where HTTP clients connect (port 0: any free one), instead of standard input and output
    #[arg(long, value_name = "ADDR:PORT")]
    pub(crate) listen: Option<SocketAddr>,
    /// What a recorded decision survives: the death of the process, or the loss of power
    #[arg(long, value_enum, default_value = "normal")]
    pub(crate) durability: DurabilityArg,
    /// The longest message taken from either side, in bytes
    #[arg(long, value_name = "N", default_value_t = 16 << 20,
          value_parser = clap::value_parser!(u64).range(1024..=1 << 30))]
    pub(crate) message_bytes_max: u64,
    /// Where people answer approvals: clients that can are sent to this address, with the
    /// approval's id behind it
    #[arg(long, value_name = "URL")]
    pub(crate) approval_url: Option<String>,
    /// The server's command and its arguments
    #[arg(last = true, value_name = "COMMAND", required_unless_present = "url")]
    pub(crate) command: Vec<OsString>,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum TransportArg {
    /// Streamable HTTP: what servers speak unless they are old
    Http,
    /// HTTP with SSE, of 2024-11-05: the address often ends in /sse
    Sse,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum DurabilityArg {
    /// The loss of power: every decision waits for the disk
    Full,
    /// The death of the process
    Normal,
}

/// Reads policies or a configuration and reports every mistake at once.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate check policy.yaml
  toolgate check policies/*.yaml --json
  toolgate check --config toolgate.yaml
  cat policy.json | toolgate check - --print
"
)]
pub(crate) struct CheckArgs {
    /// Policy documents, YAML or JSON; `-` is standard input
    #[arg(required_unless_present = "config", value_name = "FILE")]
    pub(crate) files: Vec<PathBuf>,
    /// The gateway's configuration, YAML or JSON
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Prints what each document means, in one canonical form
    #[arg(long)]
    pub(crate) print: bool,
    /// Prints the findings as JSON
    #[arg(long, conflicts_with = "print")]
    pub(crate) json: bool,
}

/// Reads and verifies the audit log.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate audit tail -f --deny --tool 'shop/*'
  toolgate audit show dec_1f0c9a3e_42
  toolgate audit verify
  toolgate audit export --jsonl --since 7d > week.jsonl
"
)]
pub(crate) struct AuditArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: AuditCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AuditCommand {
    /// Prints records for other programs, oldest first
    #[command(help_template = TEMPLATE)]
    Export(ExportArgs),
    /// Prints everything that is known about one decision
    #[command(help_template = TEMPLATE)]
    Show(ShowArgs),
    /// Prints the last decisions, one line each
    #[command(help_template = TEMPLATE)]
    Tail(TailArgs),
    /// Looks for changed, removed, added or reordered records; exit code 8 if there are any
    #[command(help_template = TEMPLATE)]
    Verify(VerifyArgs),
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FormatArg {
    /// Common Event Format: one line per decision
    Cef,
    /// Entries as they were hashed: one JSON object per line
    Jsonl,
    /// OCSF 1.3, API Activity: one JSON object per decision
    Ocsf,
}

#[derive(Debug, Args)]
pub(crate) struct ExportArgs {
    /// The form: `jsonl` has every entry, the others have the decisions
    #[arg(long, value_enum, value_name = "FORMAT", required_unless_present = "jsonl")]
    pub(crate) format: Option<FormatArg>,
    /// The same as `--format jsonl`
    #[arg(long, conflicts_with = "format")]
    pub(crate) jsonl: bool,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

#[derive(Debug, Args)]
pub(crate) struct ShowArgs {
    /// The decision's id: it stands in what the agent was told and in every line of `tail`
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct TailArgs {
    /// Goes on with new decisions as they are made
    #[arg(short, long)]
    pub(crate) follow: bool,
    /// How many of the latest decisions to begin with [default: 10; all of them with --since]
    #[arg(short = 'n', long = "lines", value_name = "N")]
    pub(crate) count: Option<usize>,
    /// Colours: `auto` has them on a terminal, unless `NO_COLOR` is set
    #[arg(
        long = "color",
        alias = "colour",
        value_name = "WHEN",
        value_enum,
        default_value = "auto",
        hide_possible_values = true
    )]
    pub(crate) colour: ColourArg,
    #[command(flatten)]
    pub(crate) filter: FilterArgs,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum ColourArg {
    Always,
    Auto,
    Never,
}

#[derive(Debug, Args)]
pub(crate) struct VerifyArgs {
    /// A head that was kept elsewhere: SEQ:HASH, or a file with that in its last line
    #[arg(long, value_name = "FILE|SEQ:HASH")]
    pub(crate) head: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct FilterArgs {
    /// Only calls of tools with this name, or of `server/tool`; `*` stands for any characters
    #[arg(long, value_name = "GLOB")]
    pub(crate) tool: Option<String>,
    /// Only calls of this server
    #[arg(long, value_name = "GLOB")]
    pub(crate) server: Option<String>,
    /// Only calls under this grant
    #[arg(long, value_name = "GLOB")]
    pub(crate) grant: Option<String>,
    /// Only denials for this reason: a code like `default_deny`, `limit`, `frozen`
    #[arg(long, value_name = "GLOB")]
    pub(crate) code: Option<String>,
    /// Only decisions of the trace with this id: 32 hexadecimal digits, or a `traceparent`
    #[arg(long, value_name = "ID")]
    pub(crate) trace: Option<String>,
    /// Only these decisions; may be given several times
    #[arg(long = "decision", visible_alias = "effect", value_name = "DECISION", value_enum)]
    pub(crate) decisions: Vec<DecisionArg>,
    /// Only what was not let through: deny, limit and pending
    #[arg(long, conflicts_with = "decisions")]
    pub(crate) deny: bool,
    /// Only from this time on: an age like 10m, 2h, 7d, or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(crate) enum DecisionArg {
    /// Let through
    Allow,
    /// Denied by a rule, by default, or in doubt
    Deny,
    /// Over a limit
    Limit,
    /// Waiting for a person
    Pending,
}

/// Fences itself in and becomes a server: how the gateway starts one in bounds.
#[derive(Debug, Args)]
pub(crate) struct ChildArgs {
    #[arg(long = "fence", value_name = "WORD", allow_hyphen_values = true)]
    pub(crate) fence: Vec<OsString>,
    #[arg(last = true, value_name = "COMMAND", required = true)]
    pub(crate) command: Vec<OsString>,
}

/// Shows the gate at work in front of a small shop that lives in this program.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate demo --once      a scripted session, every decision explained
  toolgate demo             connect your own client, watch the decisions
"
)]
pub(crate) struct DemoArgs {
    /// Plays a scripted session, prints what was decided and why, and ends
    #[arg(long, conflicts_with = "listen")]
    pub(crate) once: bool,
    /// Where clients connect
    #[arg(long, value_name = "ADDR:PORT", default_value = "127.0.0.1:0")]
    pub(crate) listen: SocketAddr,
}

/// The shop of the demo: an MCP server on standard input and output.
#[derive(Debug, Args)]
pub(crate) struct DemoShopArgs {
    /// Writes every tool call that arrives to this file
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: Option<PathBuf>,
}

/// Prints a completion script for a shell.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate completions bash > ~/.local/share/bash-completion/completions/toolgate
  toolgate completions zsh > ~/.zfunc/_toolgate
"
)]
pub(crate) struct CompletionsArgs {
    pub(crate) shell: Shell,
}

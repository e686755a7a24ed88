//! `attacks`.

use std::path::PathBuf;

use clap::{Args, Subcommand, ValueEnum};
use toolgate_catalog::attacks::Family;

use super::TEMPLATE;

/// Known attacks on agents and their tools, and the policies that stop them.
///
/// `run` plays one against a vulnerable server that lives in this program: first without the
/// policy, then with it, through the real gate. Nothing outside this program is touched.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate attacks list --family arguments
  toolgate attacks show path-escape
  toolgate attacks run path-escape
  toolgate attacks run --all
"
)]
pub(crate) struct AttacksArgs {
    /// Prints JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
    #[command(subcommand)]
    pub(crate) command: AttacksCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AttacksCommand {
    /// Lists all attacks, by where they have their hold
    #[command(help_template = TEMPLATE)]
    List(ListAttacksArgs),
    /// Plays an attack without its policy and with it; exit code 1 unless the policy stops it
    #[command(help_template = TEMPLATE)]
    Run(RunAttackArgs),
    /// Prints how an attack goes, real cases, what to look for, and the policy that stops it
    #[command(help_template = TEMPLATE)]
    Show(ShowAttackArgs),
    #[command(hide = true)]
    Target(TargetArgs),
}

#[derive(Debug, Args)]
pub(crate) struct ListAttacksArgs {
    /// Only those of one kind
    #[arg(long, value_name = "FAMILY", value_enum)]
    pub(crate) family: Option<FamilyArg>,
}

#[derive(Debug, Args)]
pub(crate) struct RunAttackArgs {
    #[arg(value_name = "ID", required_unless_present = "all")]
    pub(crate) id: Option<String>,
    /// Every attack that can be played, one line each
    #[arg(long, conflicts_with = "id")]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ShowAttackArgs {
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// The vulnerable server: an MCP server on standard input and output.
#[derive(Debug, Args)]
pub(crate) struct TargetArgs {
    #[arg(value_name = "ID")]
    pub(crate) id: String,
    /// Where it writes down what it did
    #[arg(long, value_name = "FILE")]
    pub(crate) ledger: PathBuf,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum FamilyArg {
    /// What a call asks for
    Arguments,
    /// What a server says of its tools
    Definitions,
    /// From one tool to another
    Flows,
    /// How much and how often
    Limits,
    /// How messages are written
    Protocol,
    /// What a server asks of its client
    Servers,
    /// Where servers, secrets and settings come from
    Supply,
}

impl From<FamilyArg> for Family {
    fn from(family: FamilyArg) -> Self {
        match family {
            FamilyArg::Arguments => Self::Arguments,
            FamilyArg::Definitions => Self::Definitions,
            FamilyArg::Flows => Self::Flows,
            FamilyArg::Limits => Self::Limits,
            FamilyArg::Protocol => Self::Protocol,
            FamilyArg::Servers => Self::Servers,
            FamilyArg::Supply => Self::Supply,
        }
    }
}

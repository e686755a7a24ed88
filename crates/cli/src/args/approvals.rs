//! `approvals`.

use clap::{Args, Subcommand};

use super::{PlaceArgs, TEMPLATE};

/// Calls that wait for a person's yes.
///
/// A yes lets exactly this call pass, once, while it stands: the same tool, the same arguments,
/// from the same principal, under the same policy. The answer is yours: the user of this machine.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate approvals list
  toolgate approvals show apr_1f0c
  toolgate approvals approve apr_1f0c9a3e5b7d2468 --reason checked
  toolgate approvals watch
"
)]
pub(crate) struct ApprovalsArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: ApprovalsCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum ApprovalsCommand {
    /// Says yes: the call passes once
    #[command(help_template = TEMPLATE)]
    Approve(ApproveArgs),
    /// Says no, to equal calls too until the question expires
    #[command(help_template = TEMPLATE)]
    Deny(AnswerArgs),
    /// Lists what waits
    #[command(help_template = TEMPLATE)]
    List(ListApprovalsArgs),
    /// Prints everything about one question, its arguments whole
    #[command(help_template = TEMPLATE)]
    Show(ApprovalId),
    /// Shows what waits as it comes, and takes answers by keys; without a terminal, lines
    #[command(help_template = TEMPLATE)]
    Watch,
}

#[derive(Debug, Args)]
pub(crate) struct ApprovalId {
    /// The question, as `list` shows it; its beginning will do where no other begins so
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

#[derive(Debug, Args)]
pub(crate) struct AnswerArgs {
    #[command(flatten)]
    pub(crate) id: ApprovalId,
    /// Why, in one line; it stands in the log, and the agent hears why it was denied
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct ApproveArgs {
    #[command(flatten)]
    pub(crate) answer: AnswerArgs,
    /// Also where the arguments are too long to be shown whole
    #[arg(long)]
    pub(crate) unread: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ListApprovalsArgs {
    /// Also what is answered, used, expired or withdrawn
    #[arg(long)]
    pub(crate) all: bool,
}

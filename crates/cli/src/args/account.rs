//! `account`.

use clap::{Args, Subcommand, ValueEnum};

use super::{PlaceArgs, TEMPLATE};

/// Who may look at the console and answer questions there.
///
/// Accounts are for people, grants for agents: the token of one opens nothing of the other.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate account add ann --role approver
  toolgate account add bob --role approver --server shop
  toolgate account list
  toolgate account revoke ann
"
)]
pub(crate) struct AccountArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: AccountCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum AccountCommand {
    /// Adds an account and prints its token, once
    #[command(help_template = TEMPLATE)]
    Add(AddAccountArgs),
    /// Lists all accounts
    #[command(help_template = TEMPLATE)]
    List,
    /// Ends an account and its sessions at once
    #[command(help_template = TEMPLATE)]
    Revoke(AccountName),
}

#[derive(Debug, Args)]
pub(crate) struct AddAccountArgs {
    /// What the account is called in records and in `approvers` of a policy
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// What it may do
    #[arg(long, value_enum)]
    pub(crate) role: RoleArg,
    /// A server where the role counts; may be given several times [default: all]
    #[arg(long = "server", value_name = "SERVER")]
    pub(crate) servers: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct AccountName {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Clone, Copy, Debug, ValueEnum)]
pub(crate) enum RoleArg {
    /// Looks
    Viewer,
    /// Looks, approves and denies
    Approver,
    /// Looks, and writes policies
    Editor,
    /// Everything, accounts too
    Admin,
}

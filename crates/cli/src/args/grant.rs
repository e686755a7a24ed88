//! `grant`.

use clap::{Args, Subcommand};

use super::{PlaceArgs, TEMPLATE};

/// Who may use which servers, under which policy.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate grant add ann --server shop --policy policy.yaml
  toolgate grant add ci --server shop --server web --policy ci --expires 30d
  toolgate grant revoke ann
"
)]
pub(crate) struct GrantArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: GrantCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum GrantCommand {
    /// Adds a grant and prints its token, once
    #[command(help_template = TEMPLATE)]
    Add(AddGrantArgs),
    /// Lists all grants
    #[command(help_template = TEMPLATE)]
    List,
    /// Ends a grant at once, on all connections
    #[command(help_template = TEMPLATE)]
    Revoke(GrantName),
    /// Prints a new token, once; the old one is worth nothing any more
    #[command(help_template = TEMPLATE)]
    Rotate(GrantName),
    /// Names the servers that a grant may use
    #[command(help_template = TEMPLATE)]
    Servers(GrantServersArgs),
    /// Prints everything about one grant but its token
    #[command(help_template = TEMPLATE)]
    Show(GrantName),
    /// Prints which tools a grant may use, and how much is left of its limits
    #[command(help_template = TEMPLATE)]
    WhatCan(GrantName),
}

#[derive(Debug, Args)]
pub(crate) struct AddGrantArgs {
    /// What the grant is called in records, counters and lists
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// A server that it may use; may be given several times
    #[arg(long = "server", value_name = "SERVER", required = true)]
    pub(crate) servers: Vec<String>,
    /// A policy file, or the name of a policy that is stored; without one everything is denied
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) policy: Option<String>,
    /// Whom the grant is for [default: the grant's own name]
    #[arg(long, value_name = "NAME", verbatim_doc_comment)]
    pub(crate) principal: Option<String>,
    /// When it ends: an age like 12h, 30d, or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) expires: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct GrantName {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
}

#[derive(Debug, Args)]
pub(crate) struct GrantServersArgs {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[arg(value_name = "SERVER", required = true)]
    pub(crate) servers: Vec<String>,
}

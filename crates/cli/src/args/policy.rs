//! `policy`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{PlaceArgs, TEMPLATE};

/// Policies as they are stored: every text that was ever in force is kept.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate policy put support policy.yaml
  toolgate policy attach support --grant ann
  toolgate policy diff support 1 2
  toolgate policy diff support new.yaml --meaning
  toolgate policy rollback support 1
"
)]
pub(crate) struct PolicyArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: PolicyCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum PolicyCommand {
    /// Puts a policy in force for a grant, or above all grants
    #[command(help_template = TEMPLATE)]
    Attach(AttachArgs),
    /// Takes a policy out of force
    #[command(help_template = TEMPLATE)]
    Detach(DetachArgs),
    /// Prints what differs between two revisions, or between two policies
    #[command(help_template = TEMPLATE)]
    Diff(DiffArgs),
    /// Lists all policies, or the revisions of one
    #[command(help_template = TEMPLATE)]
    List(PolicyListArgs),
    /// Stores a text as the newest revision; it takes effect with the next request
    #[command(help_template = TEMPLATE)]
    Put(PutArgs),
    /// Makes an older text the newest revision
    #[command(help_template = TEMPLATE)]
    Rollback(RollbackArgs),
    /// Prints a policy's text
    #[command(help_template = TEMPLATE)]
    Show(PolicyShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct AttachArgs {
    #[arg(value_name = "POLICY")]
    pub(crate) policy: String,
    #[arg(long, value_name = "NAME", required_unless_present = "organization")]
    pub(crate) grant: Option<String>,
    /// Above every grant's own policy: what it denies, no grant allows
    #[arg(long, conflicts_with = "grant")]
    pub(crate) organization: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DetachArgs {
    /// The policy above every grant's
    #[arg(long, required = true)]
    pub(crate) organization: bool,
}

#[derive(Debug, Args)]
pub(crate) struct DiffArgs {
    /// A stored policy, or the file of the older one
    #[arg(value_name = "NAME|OLD")]
    pub(crate) old: String,
    /// The older revision [default: the last but one], or the newer policy: a name or a file
    #[arg(value_name = "FROM|NEW", verbatim_doc_comment)]
    pub(crate) new: Option<String>,
    /// The newer revision [default: the one in force]
    #[arg(value_name = "TO", verbatim_doc_comment)]
    pub(crate) to: Option<u64>,
    /// Which calls they decide otherwise, each with an example, instead of lines
    #[arg(long)]
    pub(crate) meaning: bool,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyListArgs {
    #[arg(value_name = "NAME")]
    pub(crate) name: Option<String>,
}

#[derive(Debug, Args)]
pub(crate) struct PutArgs {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[arg(value_name = "FILE")]
    pub(crate) file: PathBuf,
}

#[derive(Debug, Args)]
pub(crate) struct RollbackArgs {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    #[arg(value_name = "REVISION")]
    pub(crate) revision: u64,
}

#[derive(Debug, Args)]
pub(crate) struct PolicyShowArgs {
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// [default: the one in force]
    #[arg(long, value_name = "N", verbatim_doc_comment)]
    pub(crate) revision: Option<u64>,
}

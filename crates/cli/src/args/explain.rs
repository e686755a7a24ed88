//! `explain`.

use std::path::PathBuf;

use clap::Args;

use super::{PlaceArgs, TEMPLATE};

/// Says why a call is decided as it is, rule by rule, and what would make it pass.
///
/// Every rule is asked in order, with its line and the values it found, those behind the first
/// denial too. A decision of the log is explained by the very policy that made it.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate explain --policy policy.yaml --tool refund --args '{\"amount\": 250}'
  toolgate explain --as ann --server shop --tool refund --args '{\"amount\": 250}'
  toolgate explain dec_1f0c9a3e_42
  toolgate explain dec_1f0c9a3e_42 --policy policy.yaml
"
)]
pub(crate) struct ExplainArgs {
    /// A decision of the log: it stands in what the agent was told
    #[arg(value_name = "DECISION_ID", required_unless_present = "tool", conflicts_with = "tool")]
    pub(crate) id: Option<String>,
    /// The policy: a file, or the name of a stored one
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) policy: Option<String>,
    /// The tool that would be called
    #[arg(long, value_name = "NAME")]
    pub(crate) tool: Option<String>,
    /// Its arguments, a JSON object; with a decision, those that were not recorded
    #[arg(long, value_name = "JSON")]
    pub(crate) args: Option<String>,
    /// The server [default: the only one of the grant]
    #[arg(long, value_name = "NAME", verbatim_doc_comment)]
    pub(crate) server: Option<String>,
    /// The grant that calls, with its policies and what is left of its limits
    #[arg(long = "as", value_name = "GRANT")]
    pub(crate) grant: Option<String>,
    /// The tool as its server defines it, a JSON file: for `validate`
    #[arg(long, value_name = "FILE")]
    pub(crate) definition: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

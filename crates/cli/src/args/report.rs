//! `report`.

use std::path::PathBuf;

use clap::Args;

use super::{PlaceArgs, TEMPLATE};

/// Says what a policy stopped, or would have in shadow, and which rules did nothing.
///
/// Only what is recorded counts: a rule in shadow is one that says `mode: shadow`.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate report
  toolgate report --since 1d --grant ann
  toolgate report --policy policy.yaml --json
"
)]
pub(crate) struct ReportArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Only calls from this time on: an age like 10m, 2h, 7d, or RFC 3339
    #[arg(long, value_name = "TIME", default_value = "7d")]
    pub(crate) since: String,
    /// Only calls before this time
    #[arg(long, value_name = "TIME")]
    pub(crate) until: Option<String>,
    /// Only calls under this grant
    #[arg(long, value_name = "NAME")]
    pub(crate) grant: Option<String>,
    /// Only calls to this server
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// The policy whose rules are looked for, where `toolgate run` goes by a file
    #[arg(long, value_name = "FILE")]
    pub(crate) policy: Option<PathBuf>,
}

//! `serve`.

use std::path::PathBuf;

use clap::Args;

use super::{STATE, TEMPLATE};

/// Runs the gateway: many servers, principals and grants behind one address.
///
/// Standard output has one line, where it listens. Servers, policies and grants can be changed
/// while it runs, by the commands of the same names.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate serve --config toolgate.yaml
  toolgate grant add ann --server shop --policy policy.yaml --config toolgate.yaml
"
)]
pub(crate) struct ServeArgs {
    /// Where to listen, the servers, and all other settings
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    #[arg(long, value_name = "DIR", help = STATE)]
    pub(crate) state: Option<PathBuf>,
}

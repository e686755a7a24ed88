//! Which state directory a command acts on.

use std::path::PathBuf;

use clap::Args;

#[derive(Debug, Args)]
pub(crate) struct PlaceArgs {
    #[arg(long, value_name = "DIR", global = true, help = super::STATE)]
    pub(crate) state: Option<PathBuf>,
    /// The gateway's configuration, which names the state directory
    #[arg(long, value_name = "FILE", global = true)]
    pub(crate) config: Option<PathBuf>,
    /// Prints JSON
    #[arg(long, global = true)]
    pub(crate) json: bool,
}

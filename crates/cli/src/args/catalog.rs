//! `catalog`.

use std::path::PathBuf;

use clap::{Args, Subcommand};

use super::{PlaceArgs, TEMPLATE};

/// What scans found of servers and their tools, and an index that comes along.
///
/// What a server listed itself when it was scanned always takes the place of what the index has.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate catalog list
  toolgate catalog search delete repository
  toolgate catalog show shop/refund
  toolgate catalog export --html site
"
)]
pub(crate) struct CatalogArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(subcommand)]
    pub(crate) command: CatalogCommand,
}

#[derive(Debug, Subcommand)]
pub(crate) enum CatalogCommand {
    /// Writes all of it as web pages that need no server
    #[command(help_template = TEMPLATE)]
    Export(CatalogExportArgs),
    /// Drops what scans have found of a server
    #[command(help_template = TEMPLATE)]
    Forget(ForgetArgs),
    /// Lists the servers that were scanned; with --all, those of the index too
    #[command(help_template = TEMPLATE)]
    List(CatalogListArgs),
    /// Looks for servers and tools by words of their names
    #[command(help_template = TEMPLATE)]
    Search(SearchArgs),
    /// Prints what is known of one server, or of one of its tools
    #[command(help_template = TEMPLATE)]
    Show(CatalogShowArgs),
}

#[derive(Debug, Args)]
pub(crate) struct CatalogExportArgs {
    /// The folder to write to; it is made if it is not there
    #[arg(long, value_name = "DIR")]
    pub(crate) html: PathBuf,
    /// Leaves out the servers that only the index knows: some 2,500 pages less
    #[arg(long)]
    pub(crate) scanned: bool,
    /// Writes into a folder that has files already; those of the same names are replaced
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct ForgetArgs {
    #[arg(value_name = "SERVER")]
    pub(crate) server: String,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogListArgs {
    /// The servers of the index too
    #[arg(long)]
    pub(crate) all: bool,
}

#[derive(Debug, Args)]
pub(crate) struct SearchArgs {
    /// Words that must all be in the name of a server or tool
    #[arg(value_name = "WORD", required = true)]
    pub(crate) words: Vec<String>,
    /// Prints no more than this
    #[arg(short = 'n', long, value_name = "N", default_value_t = 20)]
    pub(crate) limit: usize,
}

#[derive(Debug, Args)]
pub(crate) struct CatalogShowArgs {
    /// A server, or a tool of it: SERVER/TOOL
    #[arg(value_name = "SERVER[/TOOL]")]
    pub(crate) name: String,
}

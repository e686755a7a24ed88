//! `freeze` and `thaw`.

use clap::{ArgGroup, Args};

use super::{PlaceArgs, TEMPLATE};

/// Stops calls at once, on every gate of the state directory, until somebody thaws them.
///
/// Calls, reads of resources and prompts are denied, what waits to be sent included; lists and
/// handshakes go on, so that clients stay connected. A freeze outlives restarts, and is in the log.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    group = ArgGroup::new("extent").multiple(true),
    group = ArgGroup::new("what")
        .args(["servers", "grants", "all", "list"]).required(true).multiple(true),
    before_help = "\
Examples:
  toolgate freeze --server shop --reason incident-7
  toolgate freeze --grant ci --grant nightly
  toolgate freeze --all
  toolgate freeze --list
"
)]
pub(crate) struct FreezeArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) extent: ExtentArgs,
    /// Why, in one line; the agent is told, too
    #[arg(long, value_name = "TEXT", requires = "extent")]
    pub(crate) reason: Option<String>,
    /// Also takes names that nobody has used so far
    #[arg(long, requires = "extent", conflicts_with = "all")]
    pub(crate) unseen: bool,
    /// Lists what is frozen
    #[arg(long, conflicts_with = "extent")]
    pub(crate) list: bool,
}

/// Lets calls pass again that somebody has frozen.
///
/// Ends the freeze of what is named, and no other: a server stays frozen while everything is.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    group = ArgGroup::new("extent").required(true).multiple(true),
    before_help = "\
Examples:
  toolgate thaw --server shop
  toolgate thaw --all --reason over
"
)]
pub(crate) struct ThawArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    #[command(flatten)]
    pub(crate) extent: ExtentArgs,
    /// Why, in one line, for the log
    #[arg(long, value_name = "TEXT")]
    pub(crate) reason: Option<String>,
}

#[derive(Debug, Args)]
#[group(skip)]
pub(crate) struct ExtentArgs {
    /// One server, for everybody; may be given several times
    #[arg(long = "server", value_name = "NAME", group = "extent")]
    pub(crate) servers: Vec<String>,
    /// One grant, at every server; may be given several times
    #[arg(long = "grant", value_name = "NAME", group = "extent")]
    pub(crate) grants: Vec<String>,
    /// Everything
    #[arg(long, group = "extent", conflicts_with_all = ["servers", "grants"])]
    pub(crate) all: bool,
}

//! `top`.

use clap::Args;

use super::{PlaceArgs, TEMPLATE};

/// Shows what goes on: calls, denials by rule, what waits for a person, budgets.
///
/// It reads the state directory alone, whoever writes there, and is in nobody's way: on a terminal
/// twice a second, without one it prints one look.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate top
  toolgate top --once --window 1h
  toolgate top --json
"
)]
pub(crate) struct TopArgs {
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
    /// Prints one look and ends; so does --json
    #[arg(long)]
    pub(crate) once: bool,
    /// So far back decisions are counted: 30s, 5m, 1h
    #[arg(long, value_name = "TIME", default_value = "1m")]
    pub(crate) window: String,
}

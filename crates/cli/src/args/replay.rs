//! `replay`.

use clap::{Args, ValueEnum};

use super::{PlaceArgs, TEMPLATE};

/// Decides the calls on record again, by another policy, and says which fare otherwise.
///
/// The log is read from its start and held against its hashes; limits are counted on the clock of
/// the records, and a yes that a person gave then counts. Nothing is changed.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate replay --policy new.yaml
  toolgate replay --policy new.yaml --since 7d --fail-on newly-allowed
  toolgate replay --policy support --grant ann --json
"
)]
pub(crate) struct ReplayArgs {
    /// The policy to decide by: a file, or the name of a stored one
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) policy: String,
    /// A policy above it, as `toolgate policy attach --organization` puts one
    #[arg(long, value_name = "FILE|NAME")]
    pub(crate) organization: Option<String>,
    /// Only calls from this time on: an age like 10m, 2h, 7d, or RFC 3339
    #[arg(long, value_name = "TIME")]
    pub(crate) since: Option<String>,
    /// Only calls under this grant
    #[arg(long, value_name = "NAME")]
    pub(crate) grant: Option<String>,
    /// Only calls of this server
    #[arg(long, value_name = "NAME")]
    pub(crate) server: Option<String>,
    /// How many decisions to name for each tool and rule
    #[arg(long, value_name = "N", default_value_t = 3)]
    pub(crate) samples: usize,
    /// Exit code 3 if there are such calls; may be given several times
    #[arg(long, value_name = "CHANGE", value_enum)]
    pub(crate) fail_on: Vec<FailOnArg>,
    #[command(flatten)]
    pub(crate) place: PlaceArgs,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
#[expect(clippy::enum_variant_names, reason = "as they are typed")]
pub(crate) enum FailOnArg {
    /// Denied or held then, allowed now
    NewlyAllowed,
    /// Allowed or held then, denied now
    NewlyDenied,
    /// Allowed or denied then, held for a person now
    NewlyHeld,
}

//! `test`.

use std::path::PathBuf;

use clap::Args;

use super::TEMPLATE;

/// Runs the tests that stand in policies, and says which of their rules no test asks.
///
/// Exit code 1 if a test fails, 6 if a policy has errors.
#[derive(Debug, Args)]
#[command(
    help_template = TEMPLATE,
    before_help = "\
Examples:
  toolgate test policy.yaml
  toolgate test policies/ --coverage
  toolgate test policies/ --junit report.xml
"
)]
pub(crate) struct TestArgs {
    /// Policy documents, or directories of them; `-` is standard input
    #[arg(required = true, value_name = "FILE|DIR")]
    pub(crate) files: Vec<PathBuf>,
    /// Also prints which rules the tests put to the test, and which they do not, by line
    #[arg(long)]
    pub(crate) coverage: bool,
    #[arg(long, value_name = "FILE", help = "Writes a report in JUnit's format")]
    pub(crate) junit: Option<PathBuf>,
    /// Prints JSON
    #[arg(long)]
    pub(crate) json: bool,
}

//! `child`: this process becomes a server, in bounds.

use toolgate_gateway::become_server;

use crate::args::ChildArgs;
use crate::exit::Failure;

/// Returns only where that failed.
pub(super) fn execute(args: &ChildArgs) -> Failure {
    super::run::failure(become_server(&args.fence, &args.command))
}

//! How many files and connections the process may have open.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

/// Shells give a process 1024, which was right when `select` could not do more. What the system
/// allows is taken; a process that may have no more goes on with what it has.
pub(super) fn raise() {
    let limits = getrlimit(Resource::Nofile);
    let _ = setrlimit(Resource::Nofile, Rlimit { current: limits.maximum, ..limits });
}

//! Recorded calls, decided again by another policy: which ones it would have decided otherwise.

mod budget;
mod fresh;
mod policies;
mod recorded;
mod rerun;
mod tally;

pub use policies::{Policies, stored_names};
pub use rerun::{Rerun, Wanted};
pub use tally::{Class, Group, Key, Tally};

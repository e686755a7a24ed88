//! Recorded calls, decided again by another policy: which ones it would have decided otherwise.

mod budget;
mod fresh;
mod json;
mod policies;
mod recorded;
mod rerun;
mod tally;
mod text;

pub(crate) use json::json;
pub(crate) use policies::Policies;
pub(crate) use rerun::{Rerun, Wanted};
pub(crate) use tally::Class;
pub(crate) use text::text;

//! The log as it grows: counted for the overview, told to whoever looks on, and remembered so far
//! that a search need not read what cannot be wanted. All of it is derived, and kept in memory.

mod blocks;
mod live;
mod names;
mod pulse;
mod summary;

pub(crate) use live::Batch;
pub(crate) use pulse::Pulse;
pub(crate) use summary::{Bar, Range};

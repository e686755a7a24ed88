//! What scans leave in the state directory, written and read.

mod kept;
mod record;
mod words;

pub(crate) use kept::{Kept, Known, read};
pub(crate) use record::{keep, survey_to_keep};
pub(crate) use words::{Hit, Words};

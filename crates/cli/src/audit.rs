//! The audit log for people and programs: which decisions, and how they are shown.

mod decision;
mod filter;
mod following;
mod line;
mod outcomes;
mod report;
mod sheet;
mod view;

pub(crate) use decision::Decision;
pub(crate) use filter::Filter;
pub(crate) use following::Following;
pub(crate) use outcomes::Outcomes;
pub(crate) use report::{findings, report};
pub(crate) use sheet::sheet;
pub(crate) use view::{View, envelope};

use std::path::Path;

use toolgate_store::{Log, OpenError, ReadError};

use crate::exit::{Exit, Failure};

/// Opens the log of a state directory for reading; it takes no lock.
pub(crate) fn open(state: &Path) -> Result<Log, Failure> {
    Log::open(state).map_err(|error| unopened(&error))
}

pub(crate) fn unopened(error: &OpenError) -> Failure {
    Failure::new(Exit::State, error.to_string())
}

impl From<ReadError> for Failure {
    fn from(error: ReadError) -> Self {
        Self::new(Exit::State, error.to_string())
    }
}

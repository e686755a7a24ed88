//! What the policy would have done, what it did, and which of its rules did nothing.

mod form;
mod idle;
mod page;
mod policies;
mod tally;

pub(crate) use form::form;
pub(crate) use idle::idle;
pub(crate) use page::page;
pub(crate) use policies::in_force;
pub(crate) use tally::{Tally, Wanted};

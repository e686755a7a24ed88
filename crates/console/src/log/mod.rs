//! The audit log as people look at it: which decisions, how they are found, what is shown of them.

mod draft;
mod filter;
mod row;
mod search;

pub(crate) use draft::{Aim, rule};
pub(crate) use filter::{Filter, shell_word};
pub(crate) use row::{End, Row, facts};
pub(crate) use search::find_page;

//! The audit log as people look at it: which decisions, how they are found, what is shown of them.

mod draft;
mod filter;
mod row;
mod search;

pub(crate) use draft::{Aim, rule};
pub(crate) use filter::{Filter, form_escaped, is_principal, matches, shell_word};
pub(crate) use row::{End, Row, Word, facts, span};
pub(crate) use search::{Found, Query, bounds, find_page};

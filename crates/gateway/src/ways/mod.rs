//! The ways to ask a person through the client that makes the call.
//!
//! What comes back this way proves nothing against a client that answers by itself, so that it
//! counts only where the policy says `in_client`. A page only shows the question: there the
//! gateway knows who answers.

mod ask;
mod declined;
mod go_on;
mod line;
mod returned;
mod seals;
mod text;
mod ticket;

use std::path::PathBuf;

pub(crate) use ask::{Open, Told, ask_client};
pub(crate) use go_on::{Approved, go_on};
pub(crate) use line::Line;
pub(crate) use returned::{Returned, take};

use declined::Declined;
use seals::Seals;

/// What all connections need to ask.
#[derive(Debug)]
pub(crate) struct Ways {
    seals: Seals,
    /// Where the pages of approvals are, if there are any.
    pages: Option<String>,
    declined: Declined,
}

impl Ways {
    /// For the gates of one state directory.
    pub(crate) fn new(state: impl Into<PathBuf>, approval_url: Option<&str>) -> Self {
        let pages = approval_url.map(|url| url.trim_end_matches('/').to_owned());
        Self { seals: Seals::new(state, None), pages, declined: Declined::default() }
    }
}

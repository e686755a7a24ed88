//! Recorded calls, decided again by another policy: which ones it would have decided otherwise.

mod json;
mod policies;
mod text;

pub(crate) use json::json;
pub(crate) use policies::read;
pub(crate) use text::text;

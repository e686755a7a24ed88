//! Strict JSON, read once: a flat tree over the original bytes.
//!
//! Every part of toolgate that reads JSON reads it here, so that what was judged and what is
//! sent cannot differ. The tree borrows nothing and copies nothing: nodes are byte ranges of
//! the text, number literals stay as they were written, and the bytes stay at hand to forward.

mod canonical;
mod decimal;
mod document;
mod read;
mod text;

pub use canonical::canonical;
pub use decimal::Decimal;
pub use document::{Document, Kind, NodeId, Value};
pub use read::{DEPTH_MAX, Error, ErrorKind, Reading};
pub use text::quote;

//! Definitions of tools: what a change is, what differs, what asks for less.
#![expect(clippy::unwrap_used, reason = "tests")]

mod attacks;
mod diff;
mod fingerprint;
mod narrow;
mod risk;

use bytes::Bytes;
use toolgate_json::{Document, Reading};

pub(crate) fn document(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).unwrap()
}

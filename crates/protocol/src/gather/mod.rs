//! Several servers as one: the names that tell them apart, and their answers put together.
//!
//! Text is spliced, never rewritten: what a server says of a tool stays as it was but for the name.

mod entry;
mod introduction;
mod kind;
mod name;
mod template;

pub use entry::{Entry, entries, list, ttl_ms};
pub use introduction::{Introduction, capabilities, discovery, has, initialized, versions};
pub use kind::ListKind;
pub use name::{SEPARATOR, join, named, split};
pub use template::expands;

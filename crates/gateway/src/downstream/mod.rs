//! The client's side.

pub(crate) mod http;
mod pipes;
pub(crate) mod stdio;

pub(crate) use pipes::{input, output};

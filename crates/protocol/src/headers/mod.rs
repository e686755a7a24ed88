//! HTTP headers that mirror the body (MCP 2026-07-28, Streamable HTTP): compared on the way in,
//! written from the body on the way out. Nothing is ever decided on a header.

mod params;
mod standard;
mod value;

use std::fmt;

use bytes::Bytes;

use crate::answer;

pub use params::Mirrors;
pub use standard::{check, of};

pub const PROTOCOL_VERSION: &str = "mcp-protocol-version";
pub const METHOD: &str = "mcp-method";
pub const NAME: &str = "mcp-name";
/// Of a header that mirrors one argument.
pub const PARAM_PREFIX: &str = "mcp-param-";

/// Headers that do not say what the body says: to be answered with 400.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Mismatch {
    /// The header's name in lower case.
    pub header: String,
    pub problem: Problem,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Problem {
    Different,
    Duplicate,
    Malformed,
    Missing,
}

impl Mismatch {
    pub const CODE: i32 = answer::HEADER_MISMATCH;

    fn new(header: &str, problem: Problem) -> Self {
        Self { header: header.to_ascii_lowercase(), problem }
    }

    /// The JSON-RPC error to answer with.
    pub fn to_bytes(&self, id_raw: Option<&[u8]>) -> Bytes {
        answer::error(id_raw, Self::CODE, &self.to_string(), None)
    }
}

impl fmt::Display for Mismatch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let what = match self.problem {
            Problem::Different => "differs from the body",
            Problem::Duplicate => "stands twice",
            Problem::Malformed => "is malformed",
            Problem::Missing => "is missing",
        };
        write!(f, "header mismatch: `{}` {what}", self.header)
    }
}

impl std::error::Error for Mismatch {}

/// Puts the one value of a header into its slot.
fn once<'h>(slot: &mut Option<&'h [u8]>, name: &str, value: &'h [u8]) -> Result<(), Mismatch> {
    match slot.replace(value) {
        None => Ok(()),
        Some(_) => Err(Mismatch::new(name, Problem::Duplicate)),
    }
}

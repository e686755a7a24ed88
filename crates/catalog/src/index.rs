//! Well-known servers, known offline: names, packages, tool names and what toolgate thinks of
//! them. No word of their descriptions.
//!
//! A table of facts that was drawn up on one day, from the sources it names. What a server lists
//! itself always counts for more.

use std::fmt;
use std::rc::Rc;

use miniz_oxide::inflate::decompress_to_vec_zlib_with_limit;

use crate::grade::{Counted, Tally};
use crate::{Category, Severity};

mod read;
mod write;

pub use write::{Entry, Listing, write};

/// One line for each fact, deflated (RFC 1950). Made by `cargo xtask index`.
const EMBEDDED: &[u8] = include_bytes!("../index/servers.z");
/// Signals that rest on arguments, annotations and numbers: what is left of their texts without
/// the arguments is ours. What rests on words of a description stays out.
pub const TOLD_SIGNALS: [(&str, &str); 16] = [
    ("bulk", "Bulk/mass operation — affects multiple targets"),
    ("code-input", "Accepts freeform code/query input"),
    ("confirm-input", "Asks for confirmation"),
    ("credential-input", "Accepts a credential"),
    ("declared-destructive", "Declares destructiveHint: true"),
    ("declared-writing", "Declares readOnlyHint: false"),
    ("dry-run", "Offers a dry run"),
    ("dry-run-default", "Runs dry unless told otherwise"),
    ("force-input", "Can be forced or made recursive"),
    ("html-input", "Accepts raw HTML/template content"),
    ("many-params", "High parameter count"),
    ("money-input", "Accepts an amount of money"),
    ("path-input", "Accepts file system path"),
    ("recipient-input", "Accepts a recipient"),
    ("single-target", "Single-target operation"),
    ("url-input", "Accepts URL/endpoint input"),
];

/// A table that unfolds to more than this is none of ours.
const TEXT_BYTES_MAX: usize = 16 << 20;

/// The table, unfolded: what an `Index` points into.
pub struct IndexText(String);

/// All of it. Servers and tools are in the order of their names.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Index<'a> {
    /// The day of the table: `2026-11-21`.
    pub as_of: &'a str,
    pub sources: Vec<Source<'a>>,
    pub servers: Vec<IndexedServer<'a>>,
}

/// Where tool names were collected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Source<'a> {
    /// A public repository.
    pub name: &'a str,
    /// When its own collection was made, as far as it says so.
    pub collected: &'a str,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedServer<'a> {
    /// The package, or the repository where there is none.
    pub name: &'a str,
    /// Where the package can be had: `npm or PyPI`, `Smithery`.
    pub registries: Vec<&'a str>,
    /// Places in `Index::sources`.
    pub sources: Vec<usize>,
    pub annotated: u32,
    pub described: u32,
    /// Nothing where schemas are missing.
    pub tokens: Option<u32>,
    pub tools: Vec<IndexedTool<'a>>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IndexedTool<'a> {
    pub name: &'a str,
    pub verdict: Rc<Verdict<'a>>,
}

/// What toolgate thought of a tool when the table was drawn up.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Verdict<'a> {
    pub category: Category,
    /// The category to write policy for.
    pub strict: Category,
    pub severity: Severity,
    pub score: u8,
    /// In tenths.
    pub confidence: u8,
    /// Ids and texts, without the arguments they are about.
    pub signals: Vec<(&'a str, &'a str)>,
}

/// Why a table cannot be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct IndexError {
    /// Counts from 1; 0 if the table cannot even be unfolded.
    pub line: usize,
}

impl fmt::Display for IndexError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.line {
            0 => f.write_str("the index cannot be unfolded"),
            line => write!(f, "the index is broken in line {line}"),
        }
    }
}

impl std::error::Error for IndexError {}

impl IndexText {
    /// The table in this program.
    pub fn embedded() -> Result<Self, IndexError> {
        Self::unfold(EMBEDDED)
    }

    pub fn unfold(bytes: &[u8]) -> Result<Self, IndexError> {
        let broken = IndexError { line: 0 };
        let text = decompress_to_vec_zlib_with_limit(bytes, TEXT_BYTES_MAX).map_err(|_| broken)?;
        Ok(Self(String::from_utf8(text).map_err(|_| broken)?))
    }

    pub fn index(&self) -> Result<Index<'_>, IndexError> {
        read::read(&self.0)
    }
}

impl<'a> Index<'a> {
    pub fn server(&self, name: &str) -> Option<&IndexedServer<'a>> {
        let place = self.servers.binary_search_by(|server| server.name.cmp(name)).ok()?;
        self.servers.get(place)
    }

    pub fn tools(&self) -> usize {
        self.servers.iter().map(|server| server.tools.len()).sum()
    }
}

impl<'a> IndexedServer<'a> {
    pub fn tool(&self, name: &str) -> Option<&IndexedTool<'a>> {
        let place = self.tools.binary_search_by(|tool| tool.name.cmp(name)).ok()?;
        self.tools.get(place)
    }

    /// What the grade is made of. The table keeps no findings: they are for who looks now.
    pub fn tally(&self) -> Tally {
        let counted = self.tools.iter().map(|tool| Counted {
            category: tool.verdict.category,
            severity: tool.verdict.severity,
            is_annotated: false,
            is_described: false,
        });
        let tally = Tally::of(counted).with_tokens(self.tokens);
        Tally { annotated: self.annotated, described: self.described, ..tally }
    }
}

#[cfg(test)]
mod tests;

//! What a document's author is told: what, where, and how to mend it.

use std::fmt;
use std::sync::Arc;

use crate::document::span::Span;

/// One finding in a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Diagnostic {
    pub severity: Severity,
    /// Lower case, no full stop, the document's words in backticks.
    pub message: String,
    pub help: Option<String>,
    /// The document's name, as it was given to the reader.
    pub file: Arc<str>,
    pub span: Span,
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    /// The line may hold a secret: it is named, not shown.
    pub confidential: bool,
    /// Another place that explains this one.
    pub related: Option<Related>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Related {
    pub span: Span,
    pub label: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// The document is refused.
    Error,
    /// Nothing is wrong, but a rule means something else than where its notation comes from.
    Note,
    /// The document is read; it may not do what its author thinks.
    Warning,
}

impl Severity {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Note => "note",
            Self::Warning => "warning",
        }
    }
}

/// One line, as compilers print it: `policy.yaml:3:5: error: unknown key …`.
impl fmt::Display for Diagnostic {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message, .. } = self;
        write!(f, "{file}:{line}:{column}: {}: {message}", self.severity.as_str())
    }
}

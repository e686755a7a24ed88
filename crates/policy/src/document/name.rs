//! What can be the name of a tool or of a counter.

use crate::document::findings::{Findings, quoted};
use crate::document::span::Span;

/// Whether `name` can be one; if not, that is reported.
pub(crate) fn check(name: &str, span: Span, findings: &mut Findings) -> bool {
    if name.is_empty() {
        findings.error(span, "a name cannot be empty");
        return false;
    }
    if name.chars().any(char::is_control) {
        findings.error(span, format!("a name cannot hold control characters: {}", quoted(name)));
        return false;
    }
    if name.trim() != name {
        findings
            .warning(span, format!("the name {} starts or ends with a space", quoted(name)))
            .help("names are compared exactly, spaces too");
    }
    true
}

//! Documents of any kind: text to a tree with places, checked against tables of keys.
//!
//! Policies are read this way, and so is the configuration of the gateway, so that one set of
//! eyes reads all that people write, and one voice tells what is wrong with it.

pub use crate::document::findings::{Finding, Findings, quoted};
pub use crate::document::node::{Member, Node, Text, Value};
pub use crate::document::notation::{About, Notation, Refused};
pub use crate::document::schema::schema;
pub use crate::document::suggest::{any_of, nearest};
pub use crate::document::table::{Form, Key, Manner, Named, Need, Shape, Table, may, must};

use crate::document::diagnostic::Diagnostic;
use crate::document::{json, shape, text, yaml};

/// The tree of a text: JSON if it starts with `{`, else YAML.
pub fn tree(text: &str, findings: &mut Findings) -> Option<Node> {
    if !text::check(text, findings) {
        return None;
    }
    if text.trim_start().starts_with('{') {
        json::tree(text, findings)
    } else {
        yaml::tree(text, findings)
    }
}

/// Reports whatever in `document` is not as the root table of its notation has it.
pub fn check(document: &Node, findings: &mut Findings) {
    shape::check(document, findings.notation().root, findings);
}

/// What was read, with remarks; or all errors, by position. `name` is what they call the text.
pub fn end<T>(
    read: Option<T>,
    findings: Findings,
    name: &str,
    text: &str,
) -> Result<(T, Vec<Diagnostic>), Vec<Diagnostic>> {
    let failed = findings.failed();
    let told = findings.told(name, text);
    match read {
        Some(read) if !failed => Ok((read, told)),
        _ => Err(told),
    }
}

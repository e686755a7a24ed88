//! Policy documents: text to policy, with every fault told at once and where it stands.
//!
//! text → tree (`yaml`, `json`) → outline checked against the tables of `keys` (`shape`) →
//! entries and their checks (`tool`, `rules`, `limits`, `state`) → policy and its canonical form.

mod assemble;
mod canonical;
mod conditions;
mod counters;
mod cut;
mod deviation;
mod diagnostic;
mod doubts;
mod entries;
mod findings;
mod json;
mod keys;
mod limits;
mod line;
mod name;
mod node;
mod place;
mod pointer;

mod quantity;
mod render;
mod rules;
mod scalar;
mod schema;
mod shape;
mod span;
mod state;
mod suggest;
#[cfg(test)]
mod tests;
mod text;
mod tool;
mod words;
mod yaml;

pub use canonical::pretty;
pub use cut::is_truncation_of;
pub use diagnostic::{Diagnostic, Related, Severity};
pub use render::{Colour, render};
pub use schema::schema;
pub use span::Span;

use crate::rule::Policy;
use findings::Findings;

/// Reads a document: JSON if it starts with `{`, else YAML. `name` is what findings call it.
///
/// With the policy come warnings and notes; without one, all that is wrong, by position.
pub fn read(name: &str, text: &str) -> Result<(Policy, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::default();
    let policy = policy(text, &mut findings);
    let failed = findings.failed();
    let told = findings.told(name, text);
    match policy {
        Some(policy) if !failed => Ok((policy, told)),
        _ => Err(told),
    }
}

fn policy(text: &str, findings: &mut Findings) -> Option<Policy> {
    if !text::check(text, findings) {
        return None;
    }
    let tree = if text.trim_start().starts_with('{') {
        json::tree(text, findings)
    } else {
        yaml::tree(text, findings)
    };
    assemble::policy(&tree?, findings)
}

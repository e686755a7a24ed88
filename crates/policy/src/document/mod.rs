//! Policy documents: text to policy, with every fault told at once and where it stands.
//!
//! text → tree (`yaml`, `json`) → outline checked against the tables of `keys` (`shape`) →
//! entries and their checks (`tool`, `rules`, `limits`, `state`) → policy and its canonical form.

mod assemble;
mod canonical;
pub(crate) mod cases;
mod conditions;
mod counters;
mod cut;
mod deviation;
mod diagnostic;
mod doubts;
pub mod edit;
mod entries;
mod examine;
mod findings;
mod json;
mod keys;
mod limits;
mod line;
mod modes;
mod name;
mod node;
mod notation;
pub mod outline;
mod place;
mod pointer;

mod quantity;
mod render;
mod rules;
mod scalar;
mod schema;
mod section_keys;
mod shape;
mod span;
mod state;
mod suggest;
mod table;
mod terms;
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
pub use span::Span;

pub use examine::{Examined, examine};

use crate::rule::Policy;
use findings::Findings;
use keys::POLICY;

/// Reads a document: JSON if it starts with `{`, else YAML. `name` is what findings call it.
///
/// With the policy come warnings and notes; without one, all that is wrong, by position. Its tests
/// are run: one that fails is an error.
pub fn read(name: &str, text: &str) -> Result<(Policy, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::of(&POLICY);
    let tree = outline::tree(text, &mut findings);
    let policy = tree.and_then(|tree| {
        let (policy, cases) = assemble::policy(&tree, &mut findings)?;
        let trials = cases::try_all(&policy, &cases);
        cases::refuse_failed(&trials, &tree, &mut findings);
        Some(policy)
    });
    outline::end(policy, findings, name, text)
}

/// The JSON Schema of policy documents, 2020-12.
pub fn schema() -> String {
    outline::schema(&POLICY)
}

//! A document looked at closely: its policy, whatever its tests say, and where each rule stands.

use std::sync::Arc;

use crate::cases::{Coverage, Trial};
use crate::document::diagnostic::Diagnostic;
use crate::document::findings::Findings;
use crate::document::keys::POLICY;
use crate::document::node::Node;
use crate::document::span::position;
use crate::document::{assemble, cases, outline};
use crate::rule::Policy;

/// For whoever explains a policy or tests it. Whoever puts one in force takes
/// [`crate::document::read`], which refuses one whose tests fail.
#[derive(Debug)]
pub struct Examined {
    pub policy: Arc<Policy>,
    /// Every call of its tests.
    pub trials: Vec<Trial>,
    pub coverage: Coverage,
    tree: Node,
    text: String,
}

/// Reads a document and runs its tests. Warnings and notes come with it; without it, all that is
/// wrong, by position.
pub fn examine(name: &str, text: &str) -> Result<(Examined, Vec<Diagnostic>), Vec<Diagnostic>> {
    let mut findings = Findings::of(&POLICY);
    let examined = outline::tree(text, &mut findings).and_then(|tree| {
        let (policy, cases) = assemble::policy(&tree, &mut findings)?;
        let trials = cases::try_all(&policy, &cases);
        let coverage = Coverage::of(&policy, &trials);
        let policy = Arc::new(policy);
        Some(Examined { policy, trials, coverage, tree, text: text.to_owned() })
    });
    outline::end(examined, findings, name, text)
}

impl Examined {
    /// The line on which `pointer` leads to something, from 1.
    pub fn line(&self, pointer: &str) -> Option<usize> {
        self.tree.place(pointer).map(|span| self.line_at(span.start))
    }

    /// The line on which a byte of the text stands, from 1.
    pub fn line_at(&self, at: usize) -> usize {
        position(&self.text, at).0
    }

    /// What the author calls the rule that `pointer` leads to, or into.
    pub fn rule_name(&self, pointer: &str) -> Option<&str> {
        let mut at = pointer;
        loop {
            let name = self.tree.at(at).and_then(|node| node.get("name")).and_then(Node::text);
            if name.is_some() && at.contains("/rules/") {
                return name;
            }
            at = at.rsplit_once('/')?.0;
        }
    }
}

//! Policies above one another: an organisation's, a team's, a grant's. Lower ones only narrow.

use std::sync::Arc;

use crate::call::{Call, Subject};
use crate::decide::decide_all;
use crate::decision::Decision;
use crate::rule::{Policy, Results};

#[cfg(test)]
mod tests;

/// The policies that a call must pass, all of them, the outermost first. None allow nothing.
#[derive(Clone, Debug, Default)]
pub struct Layers(Vec<Arc<Policy>>);

impl Layers {
    pub fn new(policies: Vec<Arc<Policy>>) -> Self {
        Self(policies)
    }

    pub fn policies(&self) -> &[Arc<Policy>] {
        &self.0
    }

    /// As [`crate::decide`]: the first denial counts, outermost first, and all obligations are
    /// owed together. A counter that several layers name is spent once, within all their bounds.
    pub fn decide(&self, call: Call) -> Decision {
        decide_all(self.0.iter().map(|policy| &**policy), call)
    }

    /// Whether any layer has a say in such calls.
    pub fn decides(&self, subject: Subject) -> bool {
        self.0.is_empty() || self.any(|policy| policy.decides(subject))
    }

    /// Whether the tool does not exist for agents.
    pub fn hides(&self, tool: &str) -> bool {
        self.any(|policy| policy.hides(tool))
    }

    pub fn omits(&self, subject: Subject, name: &str) -> bool {
        self.is_bare(subject) || self.any(|policy| policy.omits(subject, name))
    }

    pub fn omits_template(&self, template: &str) -> bool {
        self.is_bare(Subject::Resource) || self.any(|policy| policy.omits_template(template))
    }

    pub fn omits_any(&self, subject: Subject) -> bool {
        self.is_bare(subject) || self.any(|policy| policy.omits_any(subject))
    }

    pub fn needs_definition(&self, tool: &str) -> bool {
        self.any(|policy| policy.needs_definition(tool))
    }

    pub fn records_arguments(&self, subject: Subject, name: &str) -> bool {
        self.any(|policy| policy.records_arguments(subject, name))
    }

    /// What happens to poisoned results of the tool: what the strictest layer says.
    pub fn results(&self, tool: &str) -> Option<Results> {
        self.0.iter().filter_map(|policy| policy.results(tool)).max()
    }

    /// Nothing is allowed; tools stay in lists, so that an agent can be told why.
    fn is_bare(&self, subject: Subject) -> bool {
        self.0.is_empty() && subject != Subject::Tool
    }

    fn any(&self, ask: impl Fn(&Policy) -> bool) -> bool {
        self.0.iter().any(|policy| ask(policy))
    }
}

impl From<Policy> for Layers {
    fn from(policy: Policy) -> Self {
        Self(vec![Arc::new(policy)])
    }
}

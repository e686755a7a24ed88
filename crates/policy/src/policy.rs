//! What can be asked of a policy, apart from a decision.

use crate::rule::{Entry, Index, Names, Policy, Test};

impl Policy {
    /// Whether the tool does not exist for agents.
    pub fn hides(&self, tool: &str) -> bool {
        self.hidden.contain(tool)
    }

    /// Whether lists of tools must be filtered.
    pub fn hides_any(&self) -> bool {
        !self.hidden.exact.is_empty() || !self.hidden.globs.is_empty()
    }

    /// Whether a rule asks for the tool's own definition.
    pub fn needs_definition(&self, tool: &str) -> bool {
        let mut checks = self.entries(tool).flat_map(|entry| &entry.checks);
        checks.any(|check| matches!(check.test, Test::RequiredArgs | Test::Schema))
    }

    /// Whether the arguments themselves are to stand in the record, not their digest alone.
    pub fn records_arguments(&self, tool: &str) -> bool {
        self.record_arguments || self.entries(tool).any(|entry| entry.record_arguments)
    }

    /// The document in its one canonical form, JSON. Its SHA-256 is the policy's revision.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// The entries that name the tool, by name or by pattern.
    pub(crate) fn listed(&self, tool: &str) -> impl Iterator<Item = &Entry> {
        self.index.listing(tool).filter_map(|index| self.entries.get(index))
    }

    /// The entries that name no tool and hold for all.
    pub(crate) fn of_every_tool(&self) -> impl Iterator<Item = &Entry> {
        self.index.every.iter().filter_map(|index| self.entries.get(*index))
    }

    fn entries(&self, tool: &str) -> impl Iterator<Item = &Entry> {
        self.listed(tool).chain(self.of_every_tool())
    }
}

impl Index {
    /// The entries that list the tool.
    fn listing(&self, tool: &str) -> impl Iterator<Item = usize> {
        let globs = self.globs.iter().filter(move |(glob, _)| glob.matches(tool));
        self.exact.get(tool).copied().into_iter().chain(globs.map(|(_, entry)| *entry))
    }
}

impl Names {
    fn contain(&self, name: &str) -> bool {
        self.exact.contains(name) || self.globs.iter().any(|glob| glob.matches(name))
    }
}

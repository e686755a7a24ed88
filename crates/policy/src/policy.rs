//! What can be asked of a policy, apart from a decision.

use crate::rule::{Check, Entry, Index, Names, Policy, Test};

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
        self.checks(tool).any(|check| matches!(check.test, Test::RequiredArgs | Test::Schema))
    }

    /// Whether the arguments themselves are to stand in the record, not their digest alone.
    pub fn records_arguments(&self, tool: &str) -> bool {
        self.record_arguments || self.entries(tool).any(|entry| entry.record_arguments)
    }

    /// The document in its one canonical form, JSON. Its SHA-256 is the policy's revision.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    /// Whether an entry names the tool, by name or by pattern.
    pub(crate) fn lists(&self, tool: &str) -> bool {
        self.index.listing(tool).next().is_some()
    }

    /// Every check that applies to the tool: of its own entry, of patterns, of all tools.
    pub(crate) fn checks(&self, tool: &str) -> impl Iterator<Item = &Check> {
        self.entries(tool).flat_map(|entry| &entry.checks)
    }

    fn entries(&self, tool: &str) -> impl Iterator<Item = &Entry> {
        let indexes = self.index.listing(tool).chain(self.index.every.iter().copied());
        indexes.filter_map(|index| self.entries.get(index))
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

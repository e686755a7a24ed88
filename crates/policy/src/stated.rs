//! What a policy states, rule by rule: for whoever asks which of them do anything.

use crate::glob::Glob;
use crate::rule::{Check, Policy, Test};

/// One rule, as far as can be said of it without a call.
#[derive(Clone, Copy, Debug)]
pub struct Stated<'a>(&'a Check);

/// A name or a pattern under `tools`.
#[derive(Clone, Copy, Debug)]
pub struct Listed<'a>(&'a str, Option<&'a Glob>);

impl Policy {
    /// Every rule of every section, in the order of the document.
    pub fn stated(&self) -> impl Iterator<Item = Stated<'_>> {
        let others = [&self.prompts, &self.resources, &self.server_requests];
        let sections = [&self.tools].into_iter().chain(others.into_iter().flatten());
        let entries = sections.flat_map(|section| &section.entries);
        entries.flat_map(|entry| &entry.checks).map(Stated)
    }

    /// What `tools` lists, names first, sorted.
    pub fn listed(&self) -> Vec<Listed<'_>> {
        let index = &self.tools.index;
        let mut names: Vec<_> = index.exact.keys().map(String::as_str).collect();
        names.sort_unstable();
        let names = names.into_iter().map(|name| Listed(name, None));
        names.chain(index.globs.iter().map(|(glob, _)| Listed(glob.as_str(), Some(glob)))).collect()
    }
}

impl<'a> Stated<'a> {
    pub fn pointer(self) -> &'a str {
        &self.0.pointer
    }

    pub fn is_shadow(self) -> bool {
        self.0.shadow
    }

    /// What it does, in the words of documents.
    pub fn what(self) -> &'static str {
        match self.0.test {
            Test::Approve(_) => "require_approval",
            Test::Deny => "deny",
            Test::DenyIf(_) => "deny_if",
            Test::Limit(_) => "limit",
            Test::Require(_) => "require",
            Test::RequiredArgs => "required_args",
            Test::Schema => "schema",
        }
    }
}

impl<'a> Listed<'a> {
    /// As it is written.
    pub fn key(self) -> &'a str {
        self.0
    }

    pub fn covers(self, tool: &str) -> bool {
        self.1.map_or(self.0 == tool, |glob| glob.matches(tool))
    }
}

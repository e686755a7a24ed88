//! What can be asked of a policy, apart from a decision.

use crate::call::Subject;
use crate::rule::{Entry, Index, Names, Policy, Posture, Results, Section, Test};
use crate::uri;

impl Policy {
    /// Whether the policy has a say in such calls. What it does not decide goes through.
    pub fn decides(&self, subject: Subject) -> bool {
        self.section(subject).is_some()
    }

    /// Whether the whole policy only says what it would have done, and enforces nothing.
    pub fn is_shadow(&self) -> bool {
        self.shadow
    }

    /// Whether the tool does not exist for agents.
    pub fn hides(&self, tool: &str) -> bool {
        !self.shadow && self.lists_as_hidden(tool)
    }

    /// Whether it would not, if the policy were enforced.
    pub(crate) fn lists_as_hidden(&self, tool: &str) -> bool {
        self.hidden.contain(tool)
    }

    pub(crate) fn hides_any(&self) -> bool {
        let none = self.hidden.exact.is_empty() && self.hidden.globs.is_empty();
        !self.shadow && !none
    }

    /// Whether lists leave this out: a tool that is hidden; a prompt or a resource that is denied
    /// whatever its arguments.
    pub fn omits(&self, subject: Subject, name: &str) -> bool {
        match (subject, self.section(subject)) {
            (Subject::Tool, _) => self.hides(name),
            (_, Some(section)) => section.denies(self.shadow, subject, name),
            (_, None) => false,
        }
    }

    /// Whether lists leave this template of resources out: nothing that it stands for may be read.
    pub fn omits_template(&self, template: &str) -> bool {
        let Some(section) = &self.resources else { return false };
        let mut globs = section.index.folded.iter().map(|(glob, _)| glob);
        let open = section.default == Posture::Allow || self.shadow;
        let listed = open || globs.any(|glob| uri::meets(glob, template));
        !listed || section.entries_of(template).any(Entry::denies)
    }

    /// Whether lists of this kind must be filtered.
    pub fn omits_any(&self, subject: Subject) -> bool {
        match (subject, self.section(subject)) {
            (Subject::Tool, _) => self.hides_any(),
            (_, Some(section)) => {
                let shut = section.default == Posture::Deny && !self.shadow;
                shut || section.entries.iter().any(Entry::denies)
            }
            (_, None) => false,
        }
    }

    /// Whether a rule asks for the tool's own definition.
    pub fn needs_definition(&self, tool: &str) -> bool {
        self.asks_for_definition(tool, false) || self.asks_for_definition(tool, true)
    }

    /// Whether a rule asks for it that is, or is not, in shadow.
    pub(crate) fn asks_for_definition(&self, tool: &str, shadow: bool) -> bool {
        let mut checks = self.tools.entries_of(tool).flat_map(|entry| &entry.checks);
        checks.any(|check| check.shadow == shadow && check.needs_definition())
    }

    /// Whether the arguments themselves are to stand in the record, not their digest alone.
    pub fn records_arguments(&self, subject: Subject, name: &str) -> bool {
        let mut entries = self.section(subject).into_iter().flat_map(|s| s.entries_of(name));
        self.record_arguments || entries.any(|entry| entry.record_arguments)
    }

    /// What happens to poisoned results of the tool; nothing if they are not looked at. What stands
    /// under a tool counts before what stands under `*`, and that before the document's own.
    pub fn results(&self, tool: &str) -> Option<Results> {
        if !self.looks_at_results {
            return None;
        }
        let of_tool = self.tools.listed(tool).filter_map(|entry| entry.results).max();
        let of_every = || self.tools.of_every_name().filter_map(|entry| entry.results).max();
        of_tool.or_else(of_every).or(self.results)
    }

    /// The document in its one canonical form, JSON. Its SHA-256 is the policy's revision.
    pub fn canonical(&self) -> &str {
        &self.canonical
    }

    pub(crate) fn section(&self, subject: Subject) -> Option<&Section> {
        match subject {
            Subject::Prompt | Subject::PromptMention => self.prompts.as_ref(),
            Subject::Resource | Subject::ResourceMention => self.resources.as_ref(),
            Subject::ServerRequest => self.server_requests.as_ref(),
            Subject::Tool => Some(&self.tools),
        }
    }
}

impl Section {
    /// The entries that list the name, by itself or by a pattern.
    pub(crate) fn listed(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.index.listing(name).filter_map(|index| self.entries.get(index))
    }

    /// The entries that hold for all and list nothing.
    pub(crate) fn of_every_name(&self) -> impl Iterator<Item = &Entry> {
        self.index.every.iter().filter_map(|index| self.entries.get(*index))
    }

    /// Whether programs may take the URI for one that other entries list.
    pub(crate) fn is_in_doubt(&self, uri: &str) -> bool {
        if self.index.folded.is_empty() {
            return false;
        }
        let Some(folded) = uri::folded(uri) else { return true };
        let same = self.index.folded.iter().filter(|(glob, _)| glob.matches(&folded));
        let mut same: Vec<usize> = same.map(|(_, entry)| *entry).collect();
        let mut listed: Vec<usize> = self.index.listing(uri).collect();
        same.sort_unstable();
        listed.sort_unstable();
        same != listed
    }

    /// Whether the name is denied, whatever the arguments. In a policy in shadow only what is
    /// enforced all the same denies.
    fn denies(&self, in_shadow: bool, subject: Subject, name: &str) -> bool {
        let unlisted = || self.default == Posture::Deny && self.listed(name).next().is_none();
        let doubt = || subject.is_resource() && self.is_in_doubt(name);
        (!in_shadow && (unlisted() || doubt())) || self.entries_of(name).any(Entry::denies)
    }

    fn entries_of(&self, name: &str) -> impl Iterator<Item = &Entry> {
        self.listed(name).chain(self.of_every_name())
    }
}

impl Entry {
    /// Whether it denies, whatever the arguments.
    fn denies(&self) -> bool {
        self.checks.iter().any(|check| !check.shadow && matches!(check.test, Test::Deny))
    }
}

impl Index {
    /// The entries that list the name.
    fn listing(&self, name: &str) -> impl Iterator<Item = usize> {
        let globs = self.globs.iter().filter(move |(glob, _)| glob.matches(name));
        self.exact.get(name).copied().into_iter().chain(globs.map(|(_, entry)| *entry))
    }
}

impl Names {
    fn contain(&self, name: &str) -> bool {
        self.exact.contains(name) || self.globs.iter().any(|glob| glob.matches(name))
    }
}

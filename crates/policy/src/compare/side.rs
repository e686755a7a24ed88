//! What one policy says of one name.

use crate::call::Subject;
use crate::compare::Fate;
use crate::rule::{Check, Policy, Posture, Test};

/// What it hangs on.
#[derive(Debug)]
pub(crate) struct Side<'a> {
    /// Set where the arguments make no difference.
    pub(super) fixed: Option<Fate>,
    pub(super) checks: Vec<&'a Check>,
}

impl<'a> Side<'a> {
    pub(super) fn of(policy: &'a Policy, subject: Subject, name: &str) -> Self {
        let fixed = |fate| Self { fixed: Some(fate), checks: Vec::new() };
        if subject == Subject::Tool && policy.hides(name) {
            return fixed(Fate::Hidden);
        }
        let Some(section) = policy.section(subject) else { return fixed(Fate::Allowed) };
        let mut listed = section.listed(name).peekable();
        let refused = subject.is_resource() && section.is_in_doubt(name)
            || section.default == Posture::Deny && listed.peek().is_none();
        if refused && !policy.is_shadow() {
            return fixed(Fate::Denied);
        }
        let entries = listed.chain(section.of_every_name());
        // What is in shadow decides nothing.
        let checks = entries.flat_map(|entry| &entry.checks).filter(|check| !check.shadow);
        let checks: Vec<&Check> = checks.collect();
        let denies = |check: &&Check| match check.test {
            Test::Deny => true,
            Test::Limit(_) => false,
            // What is only named has no arguments to decide by.
            _ => subject.is_mention(),
        };
        if checks.iter().any(denies) {
            return fixed(Fate::Denied);
        }
        if subject.is_mention() {
            return fixed(Fate::Allowed);
        }
        let fixed = checks.is_empty().then_some(Fate::Allowed);
        Self { fixed, checks }
    }

    /// Equal for sides that decide alike.
    pub(super) fn key(&self) -> String {
        let mut tests: Vec<String> =
            self.checks.iter().map(|check| format!("{:?}", check.test)).collect();
        tests.sort();
        tests.dedup();
        format!("{:?} {tests:?}", self.fixed)
    }
}

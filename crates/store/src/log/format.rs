//! Decisions in the forms that other programs collect.

mod cef;
mod ocsf;

use crate::entry::{Entry, Kind};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Format {
    /// `ArcSight` Common Event Format, version 0: one line per decision.
    Cef,
    /// Entries as they were hashed, outcomes and changes too: one JSON object per line.
    Jsonl,
    /// Open Cybersecurity Schema Framework 1.3: API Activity, one JSON object per line.
    Ocsf,
}

impl Format {
    pub const ALL: [Self; 3] = [Self::Cef, Self::Jsonl, Self::Ocsf];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::Cef => "cef",
            Self::Jsonl => "jsonl",
            Self::Ocsf => "ocsf",
        }
    }

    pub fn parse(text: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.as_str() == text)
    }

    /// One line without its end; nothing for an entry that has none in this form.
    pub fn line(self, entry: &Entry) -> Option<String> {
        match self {
            Self::Cef => Event::of(entry).map(|event| cef::line(&event)),
            Self::Jsonl => Some(entry.to_json()),
            Self::Ocsf => Event::of(entry).map(|event| ocsf::line(&event)),
        }
    }
}

/// A decision as these forms see it.
struct Event<'a> {
    entry: &'a Entry,
    facts: &'a crate::facts::Facts,
    /// `allow`, `deny`, `limit`, `pending`.
    effect: &'static str,
    code: &'a str,
    rule: &'a str,
}

impl<'a> Event<'a> {
    fn of(entry: &'a Entry) -> Option<Self> {
        match &entry.kind {
            Kind::Denied(denied) => Some(Self {
                entry,
                facts: &denied.facts,
                effect: denied.effect.as_str(),
                code: &denied.code,
                rule: &denied.pointer,
            }),
            Kind::Opened(opened) => {
                Some(Self { entry, facts: &opened.facts, effect: "allow", code: "", rule: "" })
            }
            Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => None,
        }
    }

    fn is_allowed(&self) -> bool {
        self.effect == "allow"
    }

    fn tool(&self) -> &str {
        self.facts.tool.as_deref().unwrap_or(&self.facts.method)
    }
}

#[cfg(test)]
mod tests;

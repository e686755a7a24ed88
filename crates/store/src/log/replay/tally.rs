//! What differs, counted by tool and rule, with samples.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::recorded::{Recorded, Then};

/// What becomes of a call now.
#[derive(Debug)]
pub(super) enum Now {
    Allowed,
    /// As it was, whatever that was.
    AsThen,
    Denied {
        code: &'static str,
        pointer: Arc<str>,
    },
    Held(Arc<str>),
    Limited(Arc<str>),
    /// It cannot be told, because of this rule; and why.
    Open(Arc<str>, &'static str),
    /// What decided it then is no policy.
    Otherwise(String),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Class {
    NewlyAllowed,
    NewlyDenied,
    NewlyHeld,
    Unchanged,
    Undecidable,
}

/// Calls of one tool that one rule decides.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Key {
    pub class: Class,
    pub tool: String,
    /// The rule that decides now; or, of what is allowed now, the one that did then.
    pub rule: String,
    /// Of what cannot be decided: why.
    pub why: &'static str,
}

#[derive(Debug, Default)]
pub struct Group {
    pub count: u64,
    /// Ids of decisions.
    pub samples: Vec<String>,
}

#[derive(Debug)]
pub struct Tally {
    pub groups: BTreeMap<Key, Group>,
    totals: [u64; 5],
    /// Of the unchanged: those that another rule decides now.
    pub moved: u64,
    /// Of the unchanged: those that no policy decided.
    pub elsewhere: u64,
    samples_max: usize,
    pub first_ms: Option<u64>,
    pub last_ms: Option<u64>,
}

impl Class {
    pub const ALL: [Self; 5] = [
        Self::NewlyDenied,
        Self::NewlyAllowed,
        Self::NewlyHeld,
        Self::Unchanged,
        Self::Undecidable,
    ];

    pub fn as_str(self) -> &'static str {
        match self {
            Self::NewlyAllowed => "newly_allowed",
            Self::NewlyDenied => "newly_denied",
            Self::NewlyHeld => "newly_held",
            Self::Unchanged => "unchanged",
            Self::Undecidable => "undecidable",
        }
    }

    fn of(then: Then<'_>, now: &Now) -> Self {
        match (then, now) {
            (_, Now::Open(..)) => Self::Undecidable,
            (_, Now::AsThen | Now::Otherwise(_))
            | (Then::Allowed, Now::Allowed)
            | (Then::Held { .. }, Now::Held(_))
            | (
                Then::Denied { .. } | Then::Limited { .. } | Then::Otherwise { .. },
                Now::Denied { .. } | Now::Limited(_),
            ) => Self::Unchanged,
            (_, Now::Allowed) => Self::NewlyAllowed,
            (_, Now::Held(_)) => Self::NewlyHeld,
            (_, Now::Denied { .. } | Now::Limited(_)) => Self::NewlyDenied,
        }
    }
}

impl Tally {
    pub(super) fn new(samples_max: usize) -> Self {
        Self {
            groups: BTreeMap::new(),
            totals: [0; 5],
            moved: 0,
            elsewhere: 0,
            samples_max,
            first_ms: None,
            last_ms: None,
        }
    }

    pub(super) fn add(&mut self, recorded: &Recorded<'_>, now: &Now) -> Class {
        let class = Class::of(recorded.then, now);
        self.totals[class as usize] += 1;
        let wall_ms = recorded.entry.wall_ms;
        self.first_ms = Some(self.first_ms.map_or(wall_ms, |first| first.min(wall_ms)));
        self.last_ms = Some(self.last_ms.map_or(wall_ms, |last| last.max(wall_ms)));
        let (rule, why) = match (class, now) {
            (Class::Unchanged, now) => {
                self.moved += u64::from(!is_same(recorded.then, now));
                self.elsewhere += u64::from(matches!(now, Now::Otherwise(_)));
                return class;
            }
            (_, Now::Allowed | Now::AsThen) => (recorded.then.reason(), ""),
            (_, Now::Denied { code, pointer }) if pointer.is_empty() => ((*code).to_owned(), ""),
            (_, Now::Denied { pointer, .. } | Now::Held(pointer) | Now::Limited(pointer)) => {
                (pointer.to_string(), "")
            }
            (_, Now::Open(pointer, why)) => (pointer.to_string(), *why),
            (_, Now::Otherwise(code)) => (code.clone(), ""),
        };
        let key = Key { class, tool: recorded.name().to_owned(), rule, why };
        let group = self.groups.entry(key).or_default();
        group.count += 1;
        if group.samples.len() < self.samples_max {
            group.samples.push(recorded.entry.decision_id().to_string());
        }
        class
    }

    pub fn total(&self, class: Class) -> u64 {
        self.totals[class as usize]
    }

    pub fn calls(&self) -> u64 {
        self.totals.iter().sum()
    }
}

/// Whether the same rule decides, in the same way.
fn is_same(then: Then<'_>, now: &Now) -> bool {
    match (then, now) {
        (Then::Allowed, Now::Allowed) | (_, Now::AsThen | Now::Otherwise(_)) => true,
        (Then::Denied { code, pointer }, Now::Denied { code: now, pointer: at }) => {
            (code, pointer) == (*now, &**at)
        }
        (Then::Held { pointer }, Now::Held(at)) | (Then::Limited { pointer }, Now::Limited(at)) => {
            pointer == &**at
        }
        _ => false,
    }
}

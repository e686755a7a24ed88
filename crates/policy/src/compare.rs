//! What a policy decides otherwise than another one, and for which calls.
//!
//! A call's fate hangs on its name and on what each condition says of its arguments. Names and
//! arguments fall into finitely many cells that no rule of either policy tells apart; a
//! difference is claimed for whole cells, and only with a call that was decided under both.

mod ground;
mod group;
mod limits;
mod linked;
mod names;
mod needs;
mod region;
mod shape;
mod side;
mod spot;
#[cfg(test)]
mod tests;
mod told;
mod tool;
mod trial;
mod wording;

use crate::call::Subject;
use crate::rule::Policy;

pub use told::{Visible, text};

/// What differs.
#[derive(Debug, Default)]
pub struct Comparison {
    pub changes: Vec<Change>,
    pub doubts: Vec<Doubt>,
}

/// Calls that meet another fate now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub names: Names,
    pub kind: Kind,
    /// All of these hold; none: for all arguments.
    pub region: Vec<Part>,
    pub witness: Witness,
}

/// Where it could not be told whether any call meets another fate.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Doubt {
    pub names: Names,
    /// What would change; nothing if not even that can be told.
    pub kind: Option<Kind>,
    pub region: Vec<Part>,
    pub why: &'static str,
}

/// Some names of one section.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Names {
    /// `tools`, `prompts`, `resources` or `server_requests`; also where they are only mentioned.
    pub section: &'static str,
    pub is_mention: bool,
    /// Each a name in quotes, or which other names are meant.
    pub words: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Kind {
    Fate {
        from: Fate,
        to: Fate,
    },
    /// What a call that both let pass is counted by; each line is one difference.
    Limits(Course, Vec<String>),
}

/// What becomes of a call, before any limit is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Fate {
    Allowed,
    Denied,
    /// A person is asked.
    Held,
    Hidden,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Course {
    /// In part freer, in part tighter, or not to be compared.
    Different,
    Freer,
    Tighter,
}

/// One argument, and what it is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Part {
    /// A path as policies write it; empty for what the tool's own definition says.
    pub path: String,
    /// One of these holds.
    pub values: Vec<String>,
    /// None of the values, rather than one of them.
    pub is_other: bool,
}

/// A call that was decided under both policies, otherwise by each.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Witness {
    pub name: String,
    /// JSON.
    pub arguments: String,
    /// The tool's definition, where it matters: an item of `tools/list`; nothing if unknown.
    pub definition: Option<String>,
}

impl Fate {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Allowed => "allowed",
            Self::Denied => "denied",
            Self::Held => "held",
            Self::Hidden => "hidden",
        }
    }
}

impl Course {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Different => "different",
            Self::Freer => "freer",
            Self::Tighter => "tighter",
        }
    }
}

/// What differs between two policies, for calls of every kind.
pub fn compare(old: &Policy, new: &Policy) -> Comparison {
    let mut comparison = Comparison::default();
    for subject in [
        Subject::Tool,
        Subject::Prompt,
        Subject::Resource,
        Subject::ServerRequest,
        Subject::PromptMention,
        Subject::ResourceMention,
    ] {
        if old.decides(subject) || new.decides(subject) {
            tool::compare([old, new], subject, &mut comparison);
        }
    }
    comparison
}

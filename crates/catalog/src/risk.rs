//! What one can say of a tool's danger, and why: the words that scanner, catalogue and
//! recommended policies share.

use std::fmt;

mod assess;
mod context;
mod features;
mod grade;
mod kin;
mod lexicon;
mod model;
mod reading;
mod schema;
mod veto;
mod votes;
mod words;

pub use assess::{Risk, assess, assess_by};
pub(crate) use schema::{Use, uses};

pub use kin::Kin;
pub use model::{BUCKETS, HEADS, MODEL_BYTES, Model, Opinion, Vector};

/// What a tool does, by its gravest effect. One for each tool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Category {
    /// Removes or ends something that does not come back.
    Destructive,
    /// Runs what the caller names: code, a command, a model, a job.
    Execute,
    /// Moves money or what is worth money.
    Financial,
    /// Changes nothing but what it returns.
    Read,
    /// Adds or changes something.
    Write,
}

/// How bad it is if an agent calls the tool wrongly; apart from the category.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Severity {
    Low,
    Medium,
    High,
    Critical,
}

/// One reason for a verdict: what was seen where, and how much it weighs.
#[derive(Debug, Clone, PartialEq)]
pub struct Signal {
    /// Stable: `path-input`.
    pub id: &'static str,
    /// `Accepts file system path (path)`.
    pub text: String,
    /// The argument it is about, by its path: `steps[].url`.
    pub param: Option<String>,
    /// What it adds to the score or to the category's vote; negative if it speaks against danger.
    pub weight: f32,
    /// The words of the definition that it rests on.
    pub quote: Option<String>,
}

/// Something wrong with a definition, or with what is said of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// Stable: `hidden-unicode`.
    pub id: &'static str,
    pub severity: Severity,
    /// One line for a person.
    pub text: String,
    /// Where in the definition: `inputSchema.properties.path.description`.
    pub place: String,
    /// The words it rests on; hidden characters made visible.
    pub quote: String,
}

impl Category {
    pub const ALL: [Self; 5] =
        [Self::Destructive, Self::Execute, Self::Financial, Self::Read, Self::Write];

    /// The graver, the larger.
    pub fn gravity(self) -> u8 {
        match self {
            Self::Read => 1,
            Self::Write => 2,
            Self::Execute => 3,
            Self::Destructive | Self::Financial => 4,
        }
    }

    pub fn name(self) -> &'static str {
        match self {
            Self::Destructive => "Destructive",
            Self::Execute => "Execute",
            Self::Financial => "Financial",
            Self::Read => "Read",
            Self::Write => "Write",
        }
    }

    /// Its place in `ALL`.
    pub fn place(self) -> usize {
        self as usize
    }
}

impl Severity {
    pub const ALL: [Self; 4] = [Self::Low, Self::Medium, Self::High, Self::Critical];

    pub fn name(self) -> &'static str {
        match self {
            Self::Low => "Low",
            Self::Medium => "Medium",
            Self::High => "High",
            Self::Critical => "Critical",
        }
    }

    /// Its place in `ALL`.
    pub fn place(self) -> usize {
        self as usize
    }
}

impl fmt::Display for Category {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl fmt::Display for Severity {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

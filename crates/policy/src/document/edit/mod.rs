//! Documents changed in place: a few bytes are spliced where the change is, so that comments,
//! order, quoting and whatever else people wrote stay.
//!
//! No splice is trusted: the new text is read again, and must be the old document with this one
//! change, with all its comments in order. Where that cannot be had, nothing is changed.

mod block;
mod builder;
mod comments;
mod flow;
mod piece;
mod source;
#[cfg(test)]
mod tests;
mod text;
mod tool;

pub use builder::{Cover, Outline, Part, PartKind, Stance, ToolOutline, outline};
pub use text::EditError;

use source::Source;

/// One thing that a builder does to a document.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Edit {
    /// One more condition directly under a tool.
    AddCondition { tool: String, list: List, condition: Condition, at: Option<usize> },
    /// One more limit directly under a tool.
    AddLimit { tool: String, limit: Limit, at: Option<usize> },
    /// What somebody wrote elsewhere as it would stand under the tool: YAML or JSON.
    AddRule { tool: String, text: String },
    /// What becomes of tools that are not listed.
    Default { allow: bool },
    /// Takes one part of a tool away; see [`Part::pointer`].
    Drop { pointer: String },
    /// Takes a tool off the list, if nothing stands there.
    Forget { tool: String },
    /// Of the whole document, or of one tool.
    Mode { tool: Option<String>, shadow: bool },
    /// What becomes of a tool as a whole.
    Stance { tool: String, stance: Stance },
}

/// Where a condition stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    DenyIf,
    Require,
}

/// `{path, op, value}`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Condition {
    pub path: String,
    pub op: String,
    /// JSON.
    pub value: String,
}

/// One item of `limits`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Limit {
    /// A number, as it is to be written.
    pub max: String,
    /// `minute`, `hour`, `day` or a number of seconds.
    pub window: String,
    pub scope: Option<String>,
    /// The argument that is counted in place of 1.
    pub increment_from: Option<String>,
}

impl List {
    pub fn as_str(self) -> &'static str {
        match self {
            Self::DenyIf => "deny_if",
            Self::Require => "require",
        }
    }
}

/// The text with this one change. What it means is for [`examine`](super::examine) to say.
pub fn edit(text: &str, edit: &Edit) -> Result<String, EditError> {
    let source = Source::read(text)?;
    let done = match edit {
        Edit::AddCondition { tool, list, condition, at } => {
            tool::push(source, tool, list.as_str(), (&piece::condition(condition)?, *at))
        }
        Edit::AddLimit { tool, limit, at } => {
            tool::push(source, tool, "limits", (&piece::limit(limit)?, *at))
        }
        Edit::AddRule { tool, text } => tool::add_rule(source, tool, text),
        Edit::Default { allow } => {
            let word = if *allow { "allow" } else { "deny" };
            tool::head(source, "default", &piece::word(word))
        }
        Edit::Drop { pointer } => tool::drop(source, pointer),
        Edit::Forget { tool } => tool::forget(source, tool),
        Edit::Mode { tool, shadow } => tool::mode(source, tool.as_deref(), *shadow),
        Edit::Stance { tool, stance } => tool::stance(source, tool, stance),
    };
    done.map(Source::into_text)
}

//! Why an edit was not made.

use std::fmt;

/// Nothing was changed.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum EditError {
    /// It would change more than it should: only a person can write this.
    Layout(&'static str),
    /// There is nothing there.
    Nothing(String),
    /// The text cannot be read as it is.
    Unreadable,
    /// What is to be written is not readable.
    Value(String),
}

impl fmt::Display for EditError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Layout(what) => {
                write!(f, "this is not changed here: {what}; change the text itself")
            }
            Self::Nothing(what) => write!(f, "there is nothing at `{what}`"),
            Self::Unreadable => f.write_str("the text has to be mended first"),
            Self::Value(what) => f.write_str(what),
        }
    }
}

impl std::error::Error for EditError {}

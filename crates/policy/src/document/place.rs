//! Whose checks are being read, and where in the document.

use std::fmt::Display;
use std::num::NonZeroU64;

use crate::document::pointer::join;
use crate::document::quantity::window_word;

#[derive(Clone, Debug)]
pub(crate) struct Place<'a> {
    /// Before the owner in names of counters: nothing for tools, `prompts/` for prompts.
    pub(crate) prefix: &'static str,
    /// The key of the entry, which names its counters; `_global` for `*`.
    pub(crate) owner: &'a str,
    /// JSON pointer.
    pub(crate) pointer: String,
}

impl Place<'_> {
    pub(crate) fn inside(&self, step: impl Display) -> Self {
        Self { pointer: join(&self.pointer, step), ..*self }
    }

    /// A counter of this entry.
    pub(crate) fn counter(&self, name: &str) -> String {
        format!("{}{}.{name}", self.prefix, self.owner)
    }

    /// The counter of calls behind a rate: one per entry and window, however it is written.
    pub(crate) fn rate_counter(&self, length_s: NonZeroU64) -> String {
        match window_word(length_s) {
            Some(word) => self.counter(&format!("_rate_{word}")),
            None => self.counter(&format!("_rate_{length_s}s")),
        }
    }
}

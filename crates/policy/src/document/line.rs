//! A check together with its canonical spelling.

use std::sync::Arc;

use toolgate_json::quote;

use crate::document::modes::Mode;
use crate::rule::{Check, Test};

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) check: Check,
    /// What the canonical form says of it, but for `on_deny`.
    pub(crate) spelling: Spelling,
    /// The mode that was said nearest to it, if any was.
    mode: Option<Mode>,
}

impl Line {
    pub(crate) fn new(pointer: impl Into<Arc<str>>, test: Test, spelling: Spelling) -> Self {
        let check = Check { pointer: pointer.into(), on_deny: None, shadow: false, test };
        Self { check, spelling, mode: None }
    }

    /// Gives the check these words, unless it has its own.
    pub(crate) fn or_says(mut self, on_deny: Option<&str>) -> Self {
        if self.check.on_deny.is_none() {
            self.check.on_deny = on_deny.map(Into::into);
        }
        self
    }

    /// Gives it this mode, unless one stands nearer.
    pub(crate) fn or_mode(mut self, mode: Option<Mode>) -> Self {
        self.mode = self.mode.or(mode);
        self
    }

    /// No mode stands further out than that of the document.
    pub(crate) fn settle(&mut self, document: Mode) {
        self.check.shadow = self.mode.unwrap_or(document) == Mode::Shadow;
    }
}

/// The members of a JSON object, in order.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Spelling(String);

impl Spelling {
    pub(crate) fn text(self, key: &str, value: &str) -> Self {
        let mut quoted = Vec::new();
        quote(value, &mut quoted);
        self.raw(key, &String::from_utf8_lossy(&quoted))
    }

    /// `value` is JSON.
    pub(crate) fn raw(mut self, key: &str, value: &str) -> Self {
        if !self.0.is_empty() {
            self.0.push(',');
        }
        let mut quoted = Vec::new();
        quote(key, &mut quoted);
        self.0.push_str(&String::from_utf8_lossy(&quoted));
        self.0.push(':');
        self.0.push_str(value);
        self
    }

    /// A text as a JSON string.
    pub(crate) fn quoted(value: &str) -> String {
        let mut quoted = Vec::new();
        quote(value, &mut quoted);
        String::from_utf8_lossy(&quoted).into_owned()
    }

    pub(crate) fn maybe_text(self, key: &str, value: Option<&str>) -> Self {
        match value {
            Some(value) => self.text(key, value),
            None => self,
        }
    }

    /// A list, unless there is nothing in it.
    pub(crate) fn list(self, key: &str, items: &[String]) -> Self {
        if items.is_empty() { self } else { self.raw(key, &format!("[{}]", items.join(","))) }
    }

    /// These members, then those of `other`.
    pub(crate) fn and(mut self, other: &Self) -> Self {
        if !self.0.is_empty() && !other.0.is_empty() {
            self.0.push(',');
        }
        self.0.push_str(&other.0);
        self
    }

    pub(crate) fn object(&self) -> String {
        format!("{{{}}}", self.0)
    }
}

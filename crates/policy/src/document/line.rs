//! A check together with its canonical spelling.

use std::sync::Arc;

use toolgate_json::quote;

use crate::rule::{Check, Test};

#[derive(Debug)]
pub(crate) struct Line {
    pub(crate) check: Check,
    /// What the canonical form says of it, but for `on_deny`.
    pub(crate) spelling: Spelling,
}

impl Line {
    pub(crate) fn new(pointer: impl Into<Arc<str>>, test: Test, spelling: Spelling) -> Self {
        Self { check: Check { pointer: pointer.into(), on_deny: None, test }, spelling }
    }

    /// Gives the check these words, unless it has its own.
    pub(crate) fn or_says(mut self, on_deny: Option<&str>) -> Self {
        if self.check.on_deny.is_none() {
            self.check.on_deny = on_deny.map(Into::into);
        }
        self
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

//! Values with a notation of their own: read in one place, checked by the same reading.

use std::fmt;

use toolgate_policy::document::outline::{Findings, Form, Node, Value};

/// How a value is written, and what it is then.
pub(crate) trait Reads: fmt::Debug + Sync {
    type Value;

    /// For messages: `… takes {due}`.
    fn due(&self) -> String;

    /// Whether it is of the right kind, be it right or not.
    fn fits(&self, node: &Node) -> bool {
        matches!(node.value, Value::Text(_))
    }

    /// The value of a node that fits.
    fn read(&self, node: &Node) -> Result<Self::Value, Fault>;

    /// What would have been right in place of a value that does not fit.
    fn mend(&self, _node: &Node) -> Option<String> {
        None
    }

    /// A JSON Schema, as JSON.
    fn schema(&self) -> String;

    /// The value at `node`; nothing if there is none, or none that was not refused.
    fn take(&self, node: Option<&Node>) -> Option<Self::Value> {
        node.filter(|node| self.fits(node)).and_then(|node| self.read(node).ok())
    }
}

/// What is wrong with a value, and how to mend it.
#[derive(Debug)]
pub(crate) struct Fault {
    message: String,
    help: String,
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}; {}", self.message, self.help)
    }
}

impl Fault {
    pub(crate) fn new(message: impl Into<String>, help: impl Into<String>) -> Self {
        Self { message: message.into(), help: help.into() }
    }
}

/// A value in the tables of keys.
#[derive(Debug)]
pub(crate) struct Written<R>(pub(crate) R);

impl<R: Reads> Form for Written<R> {
    fn due(&self) -> String {
        self.0.due()
    }

    fn fits(&self, node: &Node) -> bool {
        self.0.fits(node)
    }

    fn check(&self, node: &Node, findings: &mut Findings) {
        if let Err(fault) = self.0.read(node) {
            findings.error(node.span, fault.message).help(fault.help);
        }
    }

    fn mend(&self, node: &Node) -> Option<String> {
        self.0.mend(node)
    }

    fn schema(&self) -> String {
        self.0.schema()
    }
}

//! What stands behind a decision of the log. Whoever wires the console knows how to find that out;
//! here it is only shown.

use std::path::Path;

/// Explains a decision of the log of a state directory, or says why that cannot be done.
pub type Explain = fn(state: &Path, decision_id: &str) -> Result<Explained, String>;

#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Explained {
    /// The policies that decided with their revisions, the outermost first.
    pub policies: Vec<(String, String)>,
    /// Everything that was asked of the call, in order.
    pub steps: Vec<ExplainedStep>,
    /// What it comes to, in one line; empty where that is not known.
    pub verdict: String,
    /// Where, and what would make the call pass there.
    pub to_pass: Vec<(String, String)>,
    /// What cannot be told, and how to know it.
    pub untold: Vec<String>,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ExplainedStep {
    /// `line 12`
    pub place: String,
    pub pointer: String,
    /// What kind of question it is.
    pub asks: String,
    /// `ok`, `no`, `asks`, `full` or `doubt`; in brackets what decided nothing.
    pub end: String,
    /// What was found, the first line of it.
    pub what: String,
    pub more: Vec<String>,
    /// It is the one that decided.
    pub decides: bool,
}

//! The lines that a client printed.

use std::path::Path;

use serde_json::Value;

use crate::Result;

/// One line: what one step brought.
#[derive(Debug)]
pub(crate) struct Answer {
    line: Value,
}

/// All lines of one client, in the order of its steps.
pub(crate) fn read(path: &Path) -> Result<Vec<Answer>> {
    let text = std::fs::read_to_string(path)?;
    text.lines()
        .map(|line| match serde_json::from_str(line) {
            Ok(line) => Ok(Answer { line }),
            Err(error) => Err(format!("`{line}` is not a line of JSON: {error}").into()),
        })
        .collect()
}

impl Answer {
    /// The line as it came, to be compared with another.
    pub(crate) fn line(&self) -> &Value {
        &self.line
    }

    pub(crate) fn of(line: Value) -> Self {
        Self { line }
    }

    pub(crate) fn step(&self) -> &str {
        self.line["step"].as_str().unwrap_or_default()
    }

    pub(crate) fn is_ok(&self) -> bool {
        self.line["ok"] == true
    }

    pub(crate) fn is_error(&self) -> bool {
        self.line["is_error"] == true
    }

    pub(crate) fn text(&self) -> &str {
        self.line["text"].as_str().unwrap_or_default()
    }

    pub(crate) fn has_structured_content(&self) -> bool {
        !self.line["structured"].is_null()
    }

    /// What the gate says about its decision, to machines.
    pub(crate) fn decision(&self) -> &Value {
        &self.line["meta"]["dev.toolgate/decision"]
    }

    /// What whoever sits at the client was asked.
    pub(crate) fn asked(&self) -> &str {
        self.line["message"].as_str().unwrap_or_default()
    }

    pub(crate) fn progress(&self) -> impl Iterator<Item = f64> {
        self.line["progress"].as_array().into_iter().flatten().filter_map(Value::as_f64)
    }

    pub(crate) fn version(&self) -> Option<&str> {
        self.line["version"].as_str()
    }

    pub(crate) fn tools(&self) -> Vec<&str> {
        self.line["tools"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }

    /// The code of the error that the client saw: JSON-RPC's number, or its own name.
    pub(crate) fn error_code(&self) -> &Value {
        &self.line["error"]["code"]
    }

    pub(crate) fn error_message(&self) -> &str {
        self.line["error"]["message"].as_str().unwrap_or_default()
    }

    /// The line as it was printed, for a report.
    pub(crate) fn shown(&self) -> String {
        self.line.to_string().chars().take(400).collect()
    }
}

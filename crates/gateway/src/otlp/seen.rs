//! What is told of one call: who, which tool, what was decided, how long. No arguments, no results.

use std::sync::Arc;
use std::time::Duration;

use toolgate_policy::{Caller, Subject};
use toolgate_store::Outcome;

use crate::trace::Trace;

#[derive(Debug)]
pub(super) struct Seen {
    pub(super) trace: Trace,
    pub(super) caller: Arc<Caller>,
    pub(super) subject: Subject,
    pub(super) method: String,
    pub(super) name: String,
    /// As the client wrote it.
    pub(super) request_id: String,
    /// Of a modern request.
    pub(super) version: Option<String>,
    pub(super) began_ns: u64,
    pub(super) took: Duration,
    pub(super) decided: Option<Decided>,
    pub(super) sent: Option<Sent>,
}

#[derive(Debug)]
pub(super) struct Decided {
    pub(super) effect: &'static str,
    /// Empty where it is allowed.
    pub(super) code: &'static str,
    pub(super) rule: Arc<str>,
    pub(super) layer: usize,
    pub(super) id: Option<String>,
    pub(super) revision: Arc<str>,
    pub(super) took: Duration,
}

/// What the server was asked.
#[derive(Debug)]
pub(super) struct Sent {
    pub(super) began_ns: u64,
    pub(super) took: Duration,
    pub(super) outcome: Outcome,
    /// Of a JSON-RPC error.
    pub(super) code: Option<i64>,
    /// Whether over HTTP.
    pub(super) remote: bool,
}

impl Seen {
    pub(super) fn spans(&self) -> u64 {
        if self.sent.is_some() { 2 } else { 1 }
    }

    /// How the client sees it fail (`error.type` of the MCP conventions).
    pub(super) fn failure(&self) -> Option<String> {
        match (&self.sent, &self.decided) {
            (Some(sent), _) => sent.failure(),
            (None, Some(decided)) if decided.effect != "allow" => Some(match self.subject {
                Subject::Tool => "tool_error".to_owned(),
                _ => decided.code.to_owned(),
            }),
            (None, _) => None,
        }
    }
}

impl Sent {
    pub(super) fn failure(&self) -> Option<String> {
        match self.outcome {
            Outcome::Answered => None,
            Outcome::ProtocolError => {
                Some(self.code.map_or_else(|| "_OTHER".to_owned(), |code| code.to_string()))
            }
            Outcome::TimedOut => Some("timeout".to_owned()),
            outcome => Some(outcome.as_str().to_owned()),
        }
    }
}

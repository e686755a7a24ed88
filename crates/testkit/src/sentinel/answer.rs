//! What the sentinel says: results, errors, notifications, and where they go.

use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::guard::lock;

pub(crate) const PARSE_ERROR: i64 = -32700;
pub(crate) const INVALID_REQUEST: i64 = -32600;
pub(crate) const METHOD_NOT_FOUND: i64 = -32601;
pub(crate) const INVALID_PARAMS: i64 = -32602;
pub(crate) const INTERNAL_ERROR: i64 = -32603;
pub(crate) const HEADER_MISMATCH: i64 = -32020;
pub(crate) const MISSING_CAPABILITY: i64 = -32021;
pub(crate) const UNSUPPORTED_VERSION: i64 = -32022;

/// A JSON-RPC error.
#[derive(Clone, Debug)]
pub(crate) struct Fault {
    pub(crate) code: i64,
    pub(crate) message: String,
    pub(crate) data: Option<Value>,
}

impl Fault {
    pub(crate) fn new(code: i64, message: impl Into<String>) -> Fault {
        Fault { code, message: message.into(), data: None }
    }

    pub(crate) fn with(code: i64, message: impl Into<String>, data: Value) -> Fault {
        Fault { code, message: message.into(), data: Some(data) }
    }
}

pub(crate) type Outcome = Result<Value, Fault>;

/// The text of one response.
#[derive(Clone, Debug)]
pub(crate) struct Answer {
    pub(crate) text: String,
    /// The error's code: modern HTTP answers turn it into a status.
    pub(crate) error: Option<i64>,
}

impl Answer {
    pub(crate) fn new(id: &Value, outcome: Outcome) -> Answer {
        match outcome {
            Ok(result) => Answer {
                text: json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string(),
                error: None,
            },
            Err(fault) => {
                let mut error = json!({"code": fault.code, "message": fault.message});
                if let Some(data) = fault.data {
                    error["data"] = data;
                }
                Answer {
                    text: json!({"jsonrpc": "2.0", "id": id, "error": error}).to_string(),
                    error: Some(fault.code),
                }
            }
        }
    }
}

/// Where the answer to one request, and what belongs to it, is sent.
pub(crate) trait Outlet: Send + Sync {
    /// Sends a notification or a request; false when nobody can hear it any more.
    fn send(&self, text: String) -> bool;
    /// Sends the response; nothing follows it.
    fn finish(&self, answer: Answer);
    /// There will be no response: the request was cancelled.
    fn abandon(&self) {}
}

/// Gathers the answers of a batch (2025-03-26) into one array.
pub(crate) struct Gather {
    inner: Arc<dyn Outlet>,
    state: Mutex<(usize, Vec<String>)>,
}

impl Gather {
    /// `expected` is how many requests the batch holds.
    pub(crate) fn new(inner: Arc<dyn Outlet>, expected: usize) -> Gather {
        Gather { inner, state: Mutex::new((expected, Vec::new())) }
    }
}

impl Outlet for Gather {
    fn send(&self, text: String) -> bool {
        self.inner.send(text)
    }

    fn finish(&self, answer: Answer) {
        let mut state = lock(&self.state);
        state.1.push(answer.text);
        if state.1.len() == state.0 {
            let text = format!("[{}]", state.1.join(","));
            self.inner.finish(Answer { text, error: None });
        }
    }
}

pub(crate) fn notification(method: &str, params: Option<Value>) -> String {
    let mut message = json!({"jsonrpc": "2.0", "method": method});
    if let Some(params) = params {
        message["params"] = params;
    }
    message.to_string()
}

pub(crate) fn text(text: impl Into<String>) -> Value {
    json!({"content": [{"type": "text", "text": text.into()}]})
}

//! What the naive gate thinks of a message.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::sync::{Mutex, PoisonError};

use serde_json::{Value, json};

use super::Flags;
use crate::loose::Loose;

pub(super) struct Judge {
    deny: Vec<String>,
    limits: HashMap<String, u64>,
    /// Forgotten with the process, shared by all clients.
    counts: Mutex<HashMap<String, u64>>,
    record: Option<File>,
}

impl Judge {
    pub(super) fn new(flags: &Flags) -> io::Result<Judge> {
        let open = |path| OpenOptions::new().append(true).create(true).open(path);
        Ok(Judge {
            deny: flags.deny.clone(),
            limits: flags.limit.iter().cloned().collect(),
            counts: Mutex::new(HashMap::new()),
            record: flags.record.as_ref().map(open).transpose()?,
        })
    }

    /// The text of a denial; none where the message goes on, understood or not.
    pub(super) fn denial(&self, message: &[u8]) -> Option<String> {
        let read = Loose::read(message)?;
        if read.folded("method")?.as_str()? != "tools/call" {
            return None;
        }
        let params = read.folded("params")?;
        if params
            .folded("arguments")
            .is_some_and(|arguments| !matches!(arguments, Loose::Object(_)))
        {
            return None;
        }
        let tool = params.folded("name")?.as_str()?;
        let why = self.refusal(tool)?;
        let id = match read.folded("id") {
            Some(Loose::Other(id)) => id.clone(),
            Some(Loose::Array(_) | Loose::Object(_)) | None => Value::Null,
        };
        let result = json!({"content": [{"type": "text", "text": format!("[NAIVE DENIED] {why}")}], "isError": true});
        Some(json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string())
    }

    fn refusal(&self, tool: &str) -> Option<String> {
        if self.deny.iter().any(|denied| denied == tool) {
            return Some(format!("{tool} is denied"));
        }
        let most = *self.limits.get(tool)?;
        let mut counts = self.counts.lock().unwrap_or_else(PoisonError::into_inner);
        let count = counts.entry(tool.to_owned()).or_default();
        if *count >= most {
            return Some(format!("{tool} was called {most} times"));
        }
        *count += 1;
        None
    }

    /// Called when the message is already on its way; a failure is nobody's business.
    pub(super) fn record(&self, message: &[u8]) {
        if let Some(mut record) = self.record.as_ref() {
            drop(record.write_all(&[message.trim_ascii_end(), b"\n"].concat()));
        }
    }
}

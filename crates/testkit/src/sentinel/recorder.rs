//! The writing side of the ledger: one appended write per record, before any answer.

use std::fs::{File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value, json};

/// What was received, and what `serde_json` makes of it.
pub(crate) struct Parsed {
    pub(crate) raw: Vec<u8>,
    pub(crate) json: Result<Value, String>,
}

impl Parsed {
    pub(crate) fn new(raw: Vec<u8>) -> Parsed {
        let json = serde_json::from_slice(&raw).map_err(|error| error.to_string());
        Parsed { raw, json }
    }
}

/// The facts of one HTTP request beside its body.
pub(crate) struct Facts {
    pub(crate) method: String,
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
}

/// Appends to the ledger; without a file it only counts.
pub(crate) struct Recorder {
    ledger: Option<File>,
    raw: Option<File>,
    count: AtomicU64,
}

impl Recorder {
    pub(crate) fn open(path: Option<&Path>) -> io::Result<Recorder> {
        let Some(path) = path else {
            return Ok(Recorder { ledger: None, raw: None, count: AtomicU64::new(0) });
        };
        let mut raw = path.as_os_str().to_owned();
        raw.push(".raw");
        Ok(Recorder {
            ledger: Some(append(path)?),
            raw: Some(append(Path::new(&raw))?),
            count: AtomicU64::new(0),
        })
    }

    /// Bytes of standard input, as they came.
    pub(crate) fn raw(&self, chunk: &[u8]) -> io::Result<()> {
        match self.raw.as_ref() {
            Some(mut file) => file.write_all(chunk),
            None => Ok(()),
        }
    }

    /// Messages of standard input that arrived together.
    pub(crate) fn messages(&self, messages: &[Parsed]) -> io::Result<()> {
        let mut lines = String::new();
        for parsed in messages {
            let record = self.record(parsed);
            if self.ledger.is_some() {
                push(&mut lines, record);
            }
        }
        self.append(&lines)
    }

    pub(crate) fn http(&self, parsed: &Parsed, facts: &Facts) -> io::Result<()> {
        let mut record = self.record(parsed);
        if self.ledger.is_none() {
            return Ok(());
        }
        record.insert("http_method".into(), json!(facts.method));
        record.insert("path".into(), json!(facts.path));
        record.insert("headers".into(), json!(facts.headers));
        let mut lines = String::new();
        push(&mut lines, record);
        self.append(&lines)
    }

    /// Something that happened without a message, such as a client that went away.
    pub(crate) fn event(&self, name: &str, about: &Value) -> io::Result<()> {
        let mut lines = String::new();
        let mut record = self.stamp();
        record.insert("event".into(), json!(name));
        record.insert("about".into(), about.clone());
        push(&mut lines, record);
        self.append(&lines)
    }

    fn record(&self, parsed: &Parsed) -> Map<String, Value> {
        let mut record = self.stamp();
        if self.ledger.is_none() {
            return record;
        }
        match std::str::from_utf8(&parsed.raw) {
            Ok(text) => record.insert("raw".into(), json!(text)),
            Err(_) => record.insert("raw_base64".into(), json!(STANDARD.encode(&parsed.raw))),
        };
        match &parsed.json {
            Ok(value) => record.insert("json".into(), value.clone()),
            Err(error) => record.insert("error".into(), json!(error)),
        };
        record
    }

    fn stamp(&self) -> Map<String, Value> {
        let n = self.count.fetch_add(1, Ordering::Relaxed) + 1;
        if self.ledger.is_none() {
            return Map::new();
        }
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        let time_ns = u64::try_from(time.as_nanos()).unwrap_or(u64::MAX);
        let mut record = Map::new();
        record.insert("pid".into(), json!(std::process::id()));
        record.insert("n".into(), json!(n));
        record.insert("time_ns".into(), json!(time_ns));
        record
    }

    fn append(&self, lines: &str) -> io::Result<()> {
        match self.ledger.as_ref() {
            Some(mut file) => file.write_all(lines.as_bytes()),
            None => Ok(()),
        }
    }
}

fn push(lines: &mut String, record: Map<String, Value>) {
    lines.push_str(&Value::Object(record).to_string());
    lines.push('\n');
}

fn append(path: &Path) -> io::Result<File> {
    OpenOptions::new().append(true).create(true).open(path).map_err(|error| {
        io::Error::new(error.kind(), format!("ledger `{}`: {error}", path.display()))
    })
}

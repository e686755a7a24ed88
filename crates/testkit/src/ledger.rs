//! Reading the sentinel's ledger: what truly reached the upstream.

use std::collections::{BTreeSet, VecDeque};
use std::fs;
use std::io::ErrorKind;
use std::path::{Path, PathBuf};
use std::time::Duration;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

use crate::guard::guard;
use crate::loose::Loose;

/// One received message or HTTP request, or something that happened without one.
#[derive(Clone, Debug)]
pub struct Entry {
    pub pid: u64,
    /// Counts from 1 in each process.
    pub n: u64,
    pub time_ns: u64,
    /// The line without its end, or the body.
    pub raw: Vec<u8>,
    /// What `serde_json` makes of it; none where it makes nothing.
    pub json: Option<Value>,
    pub http: Option<Http>,
    /// `abandoned`: the client left before its answer.
    pub event: Option<String>,
}

/// The head of one HTTP request.
#[derive(Clone, Debug)]
pub struct Http {
    pub method: String,
    pub path: String,
    pub headers: Vec<(String, String)>,
}

impl Http {
    /// The first header of this name, which is given in lower case.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// One `tools/call` that reached the sentinel.
#[derive(Clone, Debug)]
pub struct SeenCall {
    pub name: String,
    pub arguments: Value,
    /// `arguments.nonce`.
    pub nonce: Option<String>,
    /// As [`Entry::raw`].
    pub raw: Vec<u8>,
    pub time_ns: u64,
}

/// A ledger file; each question reads it anew.
#[derive(Clone, Debug)]
pub struct Ledger {
    path: PathBuf,
}

#[expect(clippy::expect_used, reason = "a ledger that cannot be read proves nothing")]
impl Ledger {
    pub fn new(path: impl Into<PathBuf>) -> Ledger {
        Ledger { path: path.into() }
    }

    /// All entries so far; a sentinel that never started wrote none.
    pub fn entries(&self) -> Vec<Entry> {
        let bytes = read(&self.path);
        // What follows the last line end is a write under way.
        let complete = bytes.iter().rposition(|byte| *byte == b'\n').map_or(0, |end| end + 1);
        bytes[..complete]
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .map(|line| entry(&serde_json::from_slice(line).expect("the sentinel writes JSON")))
            .collect()
    }

    /// Every byte that came by standard input.
    pub fn raw_bytes(&self) -> Vec<u8> {
        let mut path = self.path.as_os_str().to_owned();
        path.push(".raw");
        read(Path::new(&path))
    }

    /// The calls that reached the sentinel, those in batches and without id among them.
    pub fn calls(&self) -> Vec<SeenCall> {
        self.entries().iter().flat_map(calls).collect()
    }

    /// The calls of one tool.
    pub fn calls_of(&self, name: &str) -> Vec<SeenCall> {
        self.calls().into_iter().filter(|call| call.name == name).collect()
    }

    pub fn nonces(&self) -> BTreeSet<String> {
        self.calls().into_iter().filter_map(|call| call.nonce).collect()
    }

    /// The names of all tools that any server might have run because of what came through.
    pub fn could_run(&self) -> BTreeSet<String> {
        let entries = self.entries();
        let mut names = Loose::could_run(&self.raw_bytes());
        names.extend(entries.iter().flat_map(|entry| Loose::could_run(&entry.raw)));
        names
    }

    /// Waits until the entries so far satisfy a test, and returns them.
    pub async fn until(&self, test: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        guard(self.poll(test), "the ledger").await
    }

    async fn poll(&self, test: impl Fn(&[Entry]) -> bool) -> Vec<Entry> {
        loop {
            let entries = self.entries();
            if test(&entries) {
                return entries;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
    }

    /// The most calls that fell into any window of this length.
    pub fn most_in(&self, window: Duration) -> usize {
        let mut times: Vec<_> = self.calls().into_iter().map(|call| call.time_ns).collect();
        times.sort_unstable();
        let window_ns = u64::try_from(window.as_nanos()).unwrap_or(u64::MAX);
        let mut inside = VecDeque::new();
        let mut most = 0;
        for time in times {
            inside.push_back(time);
            while inside.front().is_some_and(|first| time - first >= window_ns) {
                inside.pop_front();
            }
            most = most.max(inside.len());
        }
        most
    }
}

#[expect(clippy::panic, reason = "a ledger that cannot be read proves nothing")]
fn read(path: &Path) -> Vec<u8> {
    match fs::read(path) {
        Ok(bytes) => bytes,
        Err(error) if error.kind() == ErrorKind::NotFound => Vec::new(),
        Err(error) => panic!("ledger `{}`: {error}", path.display()),
    }
}

#[expect(clippy::expect_used, reason = "a ledger that cannot be read proves nothing")]
fn entry(line: &Value) -> Entry {
    let raw = match line["raw_base64"].as_str() {
        Some(coded) => STANDARD.decode(coded).expect("the sentinel writes base64"),
        None => line["raw"].as_str().unwrap_or_default().as_bytes().to_vec(),
    };
    let http = line["http_method"].as_str().map(|method| Http {
        method: method.to_owned(),
        path: line["path"].as_str().unwrap_or_default().to_owned(),
        headers: serde_json::from_value(line["headers"].clone()).unwrap_or_default(),
    });
    Entry {
        pid: line["pid"].as_u64().unwrap_or_default(),
        n: line["n"].as_u64().unwrap_or_default(),
        time_ns: line["time_ns"].as_u64().unwrap_or_default(),
        raw,
        json: line.get("json").cloned(),
        http,
        event: line["event"].as_str().map(str::to_owned),
    }
}

fn calls(entry: &Entry) -> Vec<SeenCall> {
    let messages: Vec<&Value> = match &entry.json {
        Some(Value::Array(items)) => items.iter().collect(),
        Some(message) => vec![message],
        None => Vec::new(),
    };
    messages
        .into_iter()
        .filter(|message| message["method"] == "tools/call")
        .map(|message| {
            let arguments = message["params"]["arguments"].clone();
            SeenCall {
                name: message["params"]["name"].as_str().unwrap_or_default().to_owned(),
                nonce: arguments["nonce"].as_str().map(str::to_owned),
                arguments,
                raw: entry.raw.clone(),
                time_ns: entry.time_ns,
            }
        })
        .collect()
}

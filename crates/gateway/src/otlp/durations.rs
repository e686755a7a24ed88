//! How long operations took, for the collector's metrics. Labels are the operator's and the
//! program's: a client cannot make up more of them.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use toolgate_policy::Subject;

use super::seen::Seen;

/// `mcp.*.operation.duration`: as the conventions advise, in seconds.
pub(super) const BOUNDS_S: [f64; 14] =
    [0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 30.0, 60.0, 120.0, 300.0];
const BOUNDS_MS: [u128; 14] =
    [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 30_000, 60_000, 120_000, 300_000];
/// Servers times methods times errors; beyond that there is something wrong.
const SERIES_MAX: usize = 2000;

/// Which series a call belongs to.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Key {
    pub(super) side: Side,
    pub(super) server: String,
    pub(super) method: String,
    pub(super) tool: bool,
    pub(super) failure: Option<String>,
    pub(super) transport: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Side {
    /// What we asked servers.
    Client,
    /// What clients asked us.
    Server,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Series {
    pub(super) counts: [u64; BOUNDS_MS.len() + 1],
    pub(super) sum: Duration,
}

#[derive(Debug, Default)]
pub(super) struct Durations(Mutex<BTreeMap<Key, Series>>);

impl Durations {
    pub(super) fn note(&self, seen: &Seen) {
        let key = |side, failure: Option<String>, transport| Key {
            side,
            server: seen.caller.server.clone(),
            method: seen.method.clone(),
            tool: seen.subject == Subject::Tool,
            failure: failure.map(known),
            transport,
        };
        self.add(key(Side::Server, seen.failure(), "tcp"), seen.took);
        if let Some(sent) = &seen.sent {
            let transport = super::attributes::transport(sent);
            self.add(key(Side::Client, sent.failure(), transport), sent.took);
        }
    }

    pub(super) fn copy(&self) -> BTreeMap<Key, Series> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn add(&self, key: Key, took: Duration) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= SERIES_MAX && !all.contains_key(&key) {
            return;
        }
        let series = all.entry(key).or_default();
        let ms_up = took.as_micros().div_ceil(1000);
        series.counts[BOUNDS_MS.partition_point(|bound| *bound < ms_up)] += 1;
        series.sum += took;
    }
}

/// A server makes up error codes: those of JSON-RPC and MCP are told, others are one.
fn known(failure: String) -> String {
    match failure.parse::<i64>() {
        Ok(-32_768..=-32_000) | Err(_) => failure,
        Ok(_) => "_OTHER".to_owned(),
    }
}

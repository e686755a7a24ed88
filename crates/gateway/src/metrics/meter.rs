//! What is counted of one server.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use toolgate_store::Outcome;

use super::histogram::Histogram;
use super::{Text, lock};

#[derive(Debug, Default)]
pub(crate) struct Meter {
    /// By decision and code.
    calls: Mutex<BTreeMap<(&'static str, &'static str), u64>>,
    outcomes: Mutex<BTreeMap<&'static str, u64>>,
    /// Deciding and recording, to the permit or the denial.
    admit: Histogram,
    upstream: Histogram,
}

impl Meter {
    /// A call that was decided; `code` is empty where it is allowed.
    pub(crate) fn decided(&self, decision: &'static str, code: &'static str, took: Duration) {
        *lock(&self.calls).entry((decision, code)).or_default() += 1;
        self.admit.note(took);
    }

    /// A call that was sent, or was to be.
    pub(crate) fn ended(&self, outcome: Outcome, took: Duration) {
        *lock(&self.outcomes).entry(outcome.as_str()).or_default() += 1;
        self.upstream.note(took);
    }
}

type Servers = BTreeMap<String, Arc<Meter>>;

pub(super) fn write(servers: &Servers, text: &mut Text) {
    text.family("toolgate_calls_total", "counter", "Tool calls by decision and code.");
    for (server, meter) in servers {
        for ((decision, code), count) in lock(&meter.calls).iter() {
            let labels = [("server", &**server), ("decision", decision), ("code", code)];
            text.sample("", &labels, *count);
        }
    }
    text.family("toolgate_upstream_calls_total", "counter", "Forwarded tool calls by outcome.");
    for (server, meter) in servers {
        for (outcome, count) in lock(&meter.outcomes).iter() {
            text.sample("", &[("server", server), ("outcome", outcome)], *count);
        }
    }
    let help = "Time from a call's message to its permit or denial.";
    text.family("toolgate_admit_seconds", "histogram", help);
    for (server, meter) in servers {
        meter.admit.write(("server", server), text);
    }
    text.family("toolgate_upstream_seconds", "histogram", "Time a server took for a call.");
    for (server, meter) in servers {
        meter.upstream.write(("server", server), text);
    }
}

//! What the gateway counts of itself, for Prometheus. No label comes from a client: servers are
//! the operator's, decisions and codes are the program's.

mod histogram;
mod meter;
mod text;

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use hyper::StatusCode;

pub(crate) use meter::Meter;
pub(crate) use text::Text;

#[derive(Debug, Default)]
pub(crate) struct Metrics {
    servers: Mutex<BTreeMap<String, Arc<Meter>>>,
    rejected: Mutex<BTreeMap<u16, u64>>,
    reloads: [AtomicU64; 2],
}

impl Metrics {
    /// The counters of one server, for as long as the gateway runs.
    pub(crate) fn of(&self, server: &str) -> Arc<Meter> {
        let mut servers = lock(&self.servers);
        if let Some(meter) = servers.get(server) {
            return Arc::clone(meter);
        }
        let meter = Arc::new(Meter::default());
        servers.insert(server.to_owned(), Arc::clone(&meter));
        meter
    }

    /// A request that came to no room.
    pub(crate) fn rejected(&self, status: StatusCode) {
        *lock(&self.rejected).entry(status.as_u16()).or_default() += 1;
    }

    pub(crate) fn reloaded(&self, done: bool) {
        self.reloads[usize::from(done)].fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn write(&self, text: &mut Text) {
        let servers = lock(&self.servers).clone();
        meter::write(&servers, text);
        text.family("toolgate_http_rejected_total", "counter", "Requests that came to no server.");
        for (status, count) in lock(&self.rejected).iter() {
            text.sample("", &[("status", &status.to_string())], *count);
        }
        text.family("toolgate_config_reloads_total", "counter", "Times SIGHUP was heeded.");
        for (result, count) in ["failed", "done"].iter().zip(&self.reloads) {
            text.sample("", &[("result", result)], count.load(Ordering::Relaxed));
        }
    }
}

fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

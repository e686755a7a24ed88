//! Spans of calls, sent to a collector as OTLP over HTTP (OTLP 1.x, JSON encoding).
//!
//! A call never waits for this: it leaves its facts in a queue with a bound, and what does not fit
//! is dropped and counted. One task makes batches of them and sends them.

mod attributes;
mod batch;
mod delivery;
mod durations;
mod json;
mod measures;
mod mood;
mod seen;
mod watch;
mod worker;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use hyper::HeaderMap;
use tokio::sync::{mpsc, watch as signal};
use tokio::task::JoinHandle;

use crate::metrics::Text;
use crate::options::{Header, RunError, RunErrorKind, SecretSource};
use crate::report::report;
use crate::upstream::resolve;

use delivery::Collector;
use durations::Durations;
use seen::Seen;
use worker::Worker;

pub(crate) use watch::Watch;

/// The way to the collector; none if nothing is exported.
#[derive(Clone, Debug, Default)]
pub(crate) struct Exporter(Option<Arc<Queue>>);

#[derive(Debug)]
struct Queue {
    calls: mpsc::Sender<Seen>,
    counts: Arc<Counts>,
    durations: Arc<Durations>,
    working: Mutex<Option<(signal::Sender<bool>, JoinHandle<()>)>>,
}

/// What became of spans.
#[derive(Debug, Default)]
struct Counts {
    dropped: AtomicU64,
    failed: AtomicU64,
    sent: AtomicU64,
}

/// Calls that wait to be sent, some hundred bytes each.
const QUEUED_MAX: usize = 4096;
/// How long a stopping gateway waits for its last spans to leave.
const FLUSH: Duration = Duration::from_secs(3);

/// Nothing is open to clients yet, so a pipe that nobody writes to must not be waited for.
fn written(headers: &[Header]) -> Result<HeaderMap, RunError> {
    let mut written = HeaderMap::new();
    for header in headers {
        if let SecretSource::File(path) = &header.source
            && path.metadata().is_ok_and(|there| !there.is_file())
        {
            let (name, path) = (&header.name, path.display());
            let text = format!("`telemetry.headers {name}`: `{path}` is no regular file");
            return Err(RunError::new(RunErrorKind::Usage, text));
        }
        let (name, value) = resolve("telemetry.headers", header)?;
        written.insert(name, value);
    }
    Ok(written)
}

impl Exporter {
    /// `url` as in `OTEL_EXPORTER_OTLP_ENDPOINT`: paths of signals are appended.
    pub(crate) fn start(url: &str, headers: &[Header]) -> Result<Self, RunError> {
        let collector = Collector::new(url, written(headers)?).map_err(|why| {
            RunError::new(RunErrorKind::Usage, format!("`telemetry.otlp`: {why}"))
        })?;
        let (calls, queued) = mpsc::channel(QUEUED_MAX);
        let counts = Arc::<Counts>::default();
        let durations = Arc::<Durations>::default();
        let worker = Worker::new(queued, collector, (Arc::clone(&counts), Arc::clone(&durations)));
        let (stop, stopped) = signal::channel(false);
        let working = Mutex::new(Some((stop, tokio::spawn(worker.run(stopped)))));
        Ok(Self(Some(Arc::new(Queue { calls, counts, durations, working }))))
    }

    pub(crate) fn is_on(&self) -> bool {
        self.0.is_some()
    }

    /// Takes a call that has ended. Never waits.
    fn take(&self, seen: Seen) {
        let Some(queue) = &self.0 else { return };
        queue.durations.note(&seen);
        if seen.trace.own.is_none() {
            return;
        }
        let spans = seen.spans();
        if queue.calls.try_send(seen).is_err() {
            queue.counts.dropped.fetch_add(spans, Ordering::Relaxed);
        }
    }

    /// Sends what is left, for a moment.
    pub(crate) async fn finish(&self) {
        let working = self
            .0
            .as_ref()
            .and_then(|queue| queue.working.lock().unwrap_or_else(PoisonError::into_inner).take());
        let Some((stop, mut task)) = working else { return };
        stop.send_replace(true);
        if tokio::time::timeout(FLUSH, &mut task).await.is_err() {
            task.abort();
            report("the last spans may be missing: the collector did not take them in time");
        }
    }

    pub(crate) fn write_metrics(&self, text: &mut Text) {
        let Some(queue) = &self.0 else { return };
        let help = "Spans by what became of them: sent, dropped (queue full), failed (not taken).";
        text.family("toolgate_otlp_spans_total", "counter", help);
        let Counts { dropped, failed, sent } = &*queue.counts;
        for (result, count) in [("dropped", dropped), ("failed", failed), ("sent", sent)] {
            text.sample("", &[("result", result)], count.load(Ordering::Relaxed));
        }
    }
}

//! Makes batches of what waits and sends them. A collector that is away is waited for, a while;
//! what comes meanwhile waits in the queue, as far as there is room.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::{mpsc, watch};
use tokio::time::Instant;

use crate::clock;
use crate::random;

use super::Counts;
use super::batch::{self, Resource};
use super::delivery::{Collector, Signal};
use super::durations::Durations;
use super::measures;
use super::mood::{Again, Mood};
use super::seen::Seen;

/// Calls of one request to the collector.
const BATCH_MAX: usize = 512;
/// How long the first of a batch waits for others.
const BATCH_WAIT: Duration = Duration::from_secs(1);
/// Between two looks at the durations: what `OTEL_METRIC_EXPORT_INTERVAL` is by default.
const METRICS_EVERY: Duration = Duration::from_mins(1);
/// Before another try, twice as long after each.
const PAUSE_MIN: Duration = Duration::from_millis(500);
/// About half a minute in all.
const TRIES_MAX: usize = 7;

pub(super) struct Worker {
    queued: mpsc::Receiver<Seen>,
    waiting: Vec<Seen>,
    collector: Collector,
    counts: Arc<Counts>,
    durations: Arc<Durations>,
    resource: Resource,
    since_ns: u64,
    /// Of the collector, towards traces and towards metrics.
    moods: [Mood; 2],
}

/// What is to be done.
enum Next {
    Measure,
    Send,
    Stop,
    Wait,
}

impl Worker {
    pub(super) fn new(
        queued: mpsc::Receiver<Seen>,
        collector: Collector,
        (counts, durations): (Arc<Counts>, Arc<Durations>),
    ) -> Self {
        let resource = Resource { instance: random::hex::<16>().unwrap_or_default() };
        let since_ns = clock::wall_ns();
        let moods = [Mood::new("spans"), Mood::new("metrics")];
        let waiting = Vec::new();
        Self { queued, waiting, collector, counts, durations, resource, since_ns, moods }
    }

    /// Until it is told to stop; then what is left has one try.
    pub(super) async fn run(mut self, mut stop: watch::Receiver<bool>) {
        let mut measure_at = Instant::now() + METRICS_EVERY;
        let mut send_at = measure_at;
        loop {
            let room = BATCH_MAX - self.waiting.len();
            let fresh = self.waiting.is_empty();
            let next = tokio::select! {
                biased;
                _ = stop.wait_for(|stop| *stop) => Next::Stop,
                () = tokio::time::sleep_until(measure_at) => Next::Measure,
                () = tokio::time::sleep_until(send_at), if !fresh => Next::Send,
                count = self.queued.recv_many(&mut self.waiting, room) => match count {
                    0 => Next::Stop,
                    full if full == room => Next::Send,
                    _ => Next::Wait,
                },
            };
            match next {
                Next::Measure => {
                    self.measure().await;
                    measure_at = Instant::now() + METRICS_EVERY;
                }
                Next::Send => self.deliver(Some(&mut stop)).await,
                Next::Stop => break,
                Next::Wait if fresh => send_at = Instant::now() + BATCH_WAIT,
                Next::Wait => {}
            }
        }
        self.finish().await;
    }

    async fn finish(mut self) {
        self.queued.close();
        self.deliver(None).await;
        while self.queued.recv_many(&mut self.waiting, BATCH_MAX).await > 0 {
            self.deliver(None).await;
        }
        self.measure().await;
    }

    /// Sends what waits, and again if that may help, until told to stop.
    async fn deliver(&mut self, mut stop: Option<&mut watch::Receiver<bool>>) {
        let calls = std::mem::take(&mut self.waiting);
        if calls.is_empty() {
            return;
        }
        let spans = calls.iter().map(Seen::spans).sum::<u64>();
        let body = batch::traces(&self.resource, &calls);
        let (mut pause, mut tries) = (PAUSE_MIN, TRIES_MAX);
        while tries > 0 {
            tries -= 1;
            let sent = self.collector.send(Signal::Traces, body.clone()).await;
            match self.moods[0].note(sent) {
                Ok(rejected) => {
                    let rejected = rejected.min(spans);
                    self.counts.failed.fetch_add(rejected, Ordering::Relaxed);
                    self.counts.sent.fetch_add(spans - rejected, Ordering::Relaxed);
                    return;
                }
                Err(Again::Never) => break,
                Err(Again::Later) => {}
            }
            let Some(stop) = &mut stop else { break };
            let stopped = stop.wait_for(|stop| *stop);
            if tokio::time::timeout(pause, stopped).await.is_ok() {
                // It tries once more, at once.
                tries = tries.min(1);
            }
            pause *= 2;
        }
        self.counts.failed.fetch_add(spans, Ordering::Relaxed);
    }

    async fn measure(&mut self) {
        let all = self.durations.copy();
        if all.is_empty() || self.moods[1].is_final() {
            return;
        }
        let span = (self.since_ns, clock::wall_ns());
        let body = measures::metrics(&self.resource, span, &all);
        let sent = self.collector.send(Signal::Metrics, body).await;
        // What was not taken is part of the next.
        let _ = self.moods[1].note(sent);
    }
}

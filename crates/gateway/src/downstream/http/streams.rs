//! Event streams of one session, kept a while so that a client can come back for the rest.
//!
//! MCP 2025-03-26 to 2025-11-25, resumability: an event id names its stream and its place there.

use std::collections::{BTreeMap, VecDeque};
use std::ops::Bound::{Excluded, Unbounded};
use std::sync::{Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use tokio::sync::mpsc;
use toolgate_protocol::frame::{Event, event};

use super::post::COMMENT;

/// The stream that a GET opens, for what belongs to no request.
pub(super) const STANDING: u64 = 0;

const KEPT_EVENTS_MAX: usize = 1000;
const KEPT_BYTES_MAX: usize = 8 << 20;
/// A session that has had all its answers keeps little: there may be thousands of them.
const HANDED_STREAMS_MAX: usize = 8;
const HANDED_BYTES_MAX: usize = 64 << 10;

#[derive(Debug, Default)]
pub(super) struct Streams(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: u64,
    streams: BTreeMap<u64, Stream>,
    kept: VecDeque<(u64, u64)>,
    kept_bytes: usize,
    /// Finished streams that a client was handed to their end, oldest first: what they carried
    /// may still have been lost on its way, but not for long.
    handed: VecDeque<u64>,
}

#[derive(Debug, Default)]
struct Stream {
    next: u64,
    events: BTreeMap<u64, Bytes>,
    /// Up to here events were handed to a client.
    delivered: u64,
    live: Option<mpsc::Sender<Bytes>>,
    finished: bool,
}

/// How long a client that lost its stream waits before it comes back.
const RETRY_MS: u64 = 1000;

/// Events that may wait for a client which reads slowly; a slower one is cut off and may resume.
const WAITING_MAX: usize = 1024;

impl Streams {
    /// Opens a stream for one request.
    pub(super) fn open(&self) -> (u64, mpsc::Receiver<Bytes>) {
        let mut state = self.state();
        state.last += 1;
        let number = state.last;
        let (live, events) = mpsc::channel(WAITING_MAX);
        state.streams.insert(number, Stream { live: Some(live), ..Stream::default() });
        (number, events)
    }

    /// Names the place before the first event, so that a client which loses the stream early can
    /// come back too (MCP 2025-11-25, streamable HTTP).
    pub(super) fn prime(&self, number: u64) {
        let id = Some(format!("{number}-0"));
        let data = Some(Bytes::new());
        let bytes = event(&Event { id, data, retry_ms: Some(RETRY_MS), ..Event::default() });
        if let Some(live) = self.state().streams.get(&number).and_then(|s| s.live.as_ref()) {
            let _ = live.try_send(bytes);
        }
    }

    /// Attaches a client to the standing stream, or to what follows the event it names. Nothing
    /// if another client is attached or the event is not known.
    pub(super) fn attach(&self, last_event: Option<&str>) -> Option<mpsc::Receiver<Bytes>> {
        let mut state = self.state();
        let (number, after) = if let Some(id) = last_event {
            parse(id)?
        } else {
            let standing = state.streams.entry(STANDING).or_default();
            if standing.live.as_ref().is_some_and(|live| !live.is_closed()) {
                return None;
            }
            (STANDING, standing.delivered)
        };
        let stream = state.streams.get_mut(&number)?;
        let (live, events) = mpsc::channel(WAITING_MAX);
        for (_, bytes) in stream.events.range((Excluded(after), Unbounded)) {
            live.try_send(bytes.clone()).ok()?;
        }
        stream.delivered = stream.next;
        stream.live = (!stream.finished).then_some(live);
        if stream.finished {
            state.note_handed(number);
        }
        Some(events)
    }

    /// Whether a client reads the standing stream.
    pub(super) fn is_attached(&self) -> bool {
        self.is_read(STANDING)
    }

    /// Whether a client reads this stream.
    pub(super) fn is_read(&self, number: u64) -> bool {
        let state = self.state();
        let live = state.streams.get(&number).and_then(|stream| stream.live.as_ref());
        live.is_some_and(|live| !live.is_closed())
    }

    /// Keeps one message and hands it to the client, if one is there. Never waits.
    pub(super) fn push(&self, number: u64, message: Bytes) {
        let mut state = self.state();
        let stream = state.streams.entry(number).or_default();
        stream.next += 1;
        let place = stream.next;
        let id = Some(format!("{number}-{place}"));
        let bytes = event(&Event { id, data: Some(message), ..Event::default() });
        if let Some(live) = &stream.live {
            match live.try_send(bytes.clone()) {
                Ok(()) => stream.delivered = place,
                Err(_) => stream.live = None,
            }
        }
        let size = bytes.len();
        stream.events.insert(place, bytes);
        state.kept.push_back((number, place));
        state.kept_bytes += size;
        state.shrink();
    }

    /// Keeps the connection of whoever reads this stream alive.
    pub(super) fn comment(&self, number: u64) {
        if let Some(live) = self.state().streams.get(&number).and_then(|s| s.live.as_ref()) {
            let _ = live.try_send(Bytes::from_static(COMMENT));
        }
    }

    /// Nothing more comes on this stream.
    pub(super) fn finish(&self, number: u64) {
        let mut state = self.state();
        let Some(stream) = state.streams.get_mut(&number) else { return };
        stream.finished = true;
        stream.live = None;
        if stream.delivered == stream.next {
            state.note_handed(number);
        }
    }

    /// Cuts every client off.
    pub(super) fn end(&self) {
        for stream in self.state().streams.values_mut() {
            stream.finished = true;
            stream.live = None;
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// The newest stays, however long it is.
    fn note_handed(&mut self, number: u64) {
        if !self.handed.contains(&number) {
            self.handed.push_back(number);
        }
        while self.handed.len() > 1
            && (self.handed.len() > HANDED_STREAMS_MAX || self.handed_bytes() > HANDED_BYTES_MAX)
        {
            let oldest = self.handed.pop_front().and_then(|oldest| self.streams.remove(&oldest));
            self.kept_bytes -= oldest.map_or(0, |stream| stream.size_bytes());
        }
    }

    fn handed_bytes(&self) -> usize {
        let streams = self.handed.iter().filter_map(|number| self.streams.get(number));
        streams.map(Stream::size_bytes).sum()
    }

    fn shrink(&mut self) {
        while self.kept.len() > KEPT_EVENTS_MAX || self.kept_bytes > KEPT_BYTES_MAX {
            let Some((number, place)) = self.kept.pop_front() else { return };
            let Some(stream) = self.streams.get_mut(&number) else { continue };
            self.kept_bytes -= stream.events.remove(&place).map_or(0, |bytes| bytes.len());
            if stream.finished && stream.events.is_empty() {
                self.streams.remove(&number);
            }
        }
    }
}

impl Stream {
    fn size_bytes(&self) -> usize {
        self.events.values().map(Bytes::len).sum()
    }
}

/// `<stream>-<place>`
fn parse(id: &str) -> Option<(u64, u64)> {
    let (stream, place) = id.split_once('-')?;
    Some((stream.parse().ok()?, place.parse().ok()?))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A stream with one message, read by its client or lost; the bytes of it.
    fn stream(streams: &Streams, size_bytes: usize, read: bool) -> String {
        let (number, events) = streams.open();
        let client = read.then_some(events);
        streams.push(number, Bytes::from(vec![b'x'; size_bytes]));
        streams.finish(number);
        drop(client);
        format!("{number}-0")
    }

    #[test]
    fn what_no_client_was_handed_outlives_what_one_was() {
        let streams = Streams::default();
        let lost = stream(&streams, 100, false);
        let handed: Vec<String> =
            (0..=HANDED_STREAMS_MAX).map(|_| stream(&streams, 100, true)).collect();
        assert!(streams.attach(Some(&handed[0])).is_none());
        for id in handed[1..].iter().chain([&lost]) {
            assert!(streams.attach(Some(id)).is_some(), "{id}");
        }
    }

    #[test]
    fn only_the_newest_long_answer_is_kept() {
        let streams = Streams::default();
        let [first, second] = [1, 2].map(|_| stream(&streams, 2 * HANDED_BYTES_MAX, true));
        assert!(streams.attach(Some(&first)).is_none());
        assert!(streams.attach(Some(&second)).is_some());
        let kept_bytes = streams.state().kept_bytes;
        assert!(kept_bytes < 3 * HANDED_BYTES_MAX, "{kept_bytes}");
    }
}

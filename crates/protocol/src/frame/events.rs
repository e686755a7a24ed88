//! Server-sent events as the WHATWG HTML standard reads them (section 9.2), and writing them.

use bytes::{Bytes, BytesMut};
use memchr::{memchr, memchr2};

use super::SIZE_BYTES_MAX;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// One event. A field is absent if the stream did not have it: an empty `data` line is data.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    pub id: Option<String>,
    pub event: Option<String>,
    /// Lines are joined by `\n`.
    pub data: Option<Bytes>,
    pub retry_ms: Option<u64>,
}

/// What a stream of events holds.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Frame {
    /// A line that starts with a colon: keeps the connection alive, means nothing.
    Comment,
    Event(Event),
    /// An event over the limit, told once. The stream goes on behind it.
    TooLong,
}

/// Reads events out of a stream.
#[derive(Debug)]
pub struct Events {
    buffer: BytesMut,
    /// So much of the buffer holds no line end.
    scanned: usize,
    size_bytes_max: usize,
    pending: Pending,
    state: State,
}

/// The event whose blank line has not come yet.
#[derive(Debug, Default)]
struct Pending {
    event: Event,
    data: Option<Vec<u8>>,
    size_bytes: usize,
}

#[derive(Debug)]
#[expect(clippy::struct_excessive_bools, reason = "four facts that do not exclude each other")]
struct State {
    /// A byte order mark may still come.
    start: bool,
    /// The last line ended in CR: an LF now belongs to it.
    after_cr: bool,
    /// The event is over the limit; what comes until its blank line is dropped.
    skipping: bool,
    /// The start of the current line was dropped with it.
    cut: bool,
}

impl Events {
    pub fn new(size_bytes_max: usize) -> Self {
        Self {
            buffer: BytesMut::new(),
            scanned: 0,
            size_bytes_max,
            pending: Pending::default(),
            state: State { start: true, after_cr: false, skipping: false, cut: false },
        }
    }

    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// The next frame that is complete.
    pub fn next_frame(&mut self) -> Option<Frame> {
        loop {
            let Some(line) = self.next_line() else { return self.unfinished() };
            if let Some(frame) = self.line(&line) {
                return Some(frame);
            }
        }
    }

    /// The next line without its end, which is CR, LF or both.
    fn next_line(&mut self) -> Option<Bytes> {
        self.skip_byte_order_mark();
        if self.state.after_cr && !self.buffer.is_empty() {
            self.state.after_cr = false;
            if self.buffer[0] == b'\n' {
                let _lf = self.buffer.split_to(1);
            }
        }
        let Some(found) = memchr2(b'\r', b'\n', &self.buffer[self.scanned..]) else {
            self.scanned = self.buffer.len();
            return None;
        };
        let end = self.scanned + found;
        self.scanned = 0;
        self.state.start = false;
        self.state.after_cr = self.buffer[end] == b'\r';
        let line = self.buffer.split_to(end + 1).freeze().slice(..end);
        Some(line)
    }

    /// Only at the start of the stream.
    fn skip_byte_order_mark(&mut self) {
        if self.state.start && self.buffer.len() >= BYTE_ORDER_MARK.len() {
            self.state.start = false;
            if self.buffer.starts_with(BYTE_ORDER_MARK) {
                let _mark = self.buffer.split_to(BYTE_ORDER_MARK.len());
                self.scanned = 0;
            }
        }
    }

    fn line(&mut self, line: &[u8]) -> Option<Frame> {
        if std::mem::take(&mut self.state.cut) {
            return None;
        }
        if line.is_empty() {
            return self.dispatch();
        }
        if self.state.skipping {
            return None;
        }
        if self.pending.size_bytes + line.len() > self.size_bytes_max {
            return self.too_long();
        }
        if line[0] == b':' {
            return Some(Frame::Comment);
        }
        self.pending.field(line);
        None
    }

    fn dispatch(&mut self) -> Option<Frame> {
        self.state.skipping = false;
        let pending = std::mem::take(&mut self.pending);
        let event = Event { data: pending.data.map(Bytes::from), ..pending.event };
        (event != Event::default()).then_some(Frame::Event(event))
    }

    /// Bounds what waits for its line end.
    fn unfinished(&mut self) -> Option<Frame> {
        if self.state.skipping {
            self.state.cut |= !self.buffer.is_empty();
        } else if self.pending.size_bytes + self.buffer.len() <= self.size_bytes_max {
            return None;
        } else {
            self.state.cut = true;
        }
        self.state.start = false;
        self.buffer.clear();
        self.scanned = 0;
        self.too_long()
    }

    fn too_long(&mut self) -> Option<Frame> {
        self.pending = Pending::default();
        (!std::mem::replace(&mut self.state.skipping, true)).then_some(Frame::TooLong)
    }
}

impl Default for Events {
    fn default() -> Self {
        Self::new(SIZE_BYTES_MAX)
    }
}

impl Pending {
    fn field(&mut self, line: &[u8]) {
        self.size_bytes += line.len();
        let (name, value) = match memchr(b':', line) {
            Some(colon) => (&line[..colon], &line[colon + 1..]),
            None => (line, &[][..]),
        };
        let value = value.strip_prefix(b" ").unwrap_or(value);
        match name {
            b"data" => match &mut self.data {
                Some(data) => {
                    data.push(b'\n');
                    data.extend_from_slice(value);
                }
                None => self.data = Some(value.to_vec()),
            },
            b"event" => self.event.event = Some(String::from_utf8_lossy(value).into_owned()),
            b"id" if !value.contains(&0) => {
                self.event.id = Some(String::from_utf8_lossy(value).into_owned());
            }
            b"retry" if value.iter().all(u8::is_ascii_digit) => {
                let digits = std::str::from_utf8(value).ok();
                self.event.retry_ms = digits.and_then(|d| d.parse().ok()).or(self.event.retry_ms);
            }
            _ => {}
        }
    }
}

/// Writes one event. Line ends in `data` start a new `data` line; an id or name that holds one
/// cannot be written and is left out.
pub fn event(event: &Event) -> Bytes {
    let data = event.data.as_deref();
    let mut out = Vec::with_capacity(64 + data.map_or(0, <[u8]>::len));
    field("event", event.event.as_deref(), &mut out);
    field("id", event.id.as_deref(), &mut out);
    if let Some(retry_ms) = event.retry_ms {
        out.extend_from_slice(format!("retry: {retry_ms}\n").as_bytes());
    }
    let mut rest = data;
    while let Some(text) = rest {
        let end = memchr2(b'\r', b'\n', text);
        out.extend_from_slice(b"data: ");
        out.extend_from_slice(&text[..end.unwrap_or(text.len())]);
        out.push(b'\n');
        rest = end.map(|end| text[end..].strip_prefix(b"\r\n").unwrap_or(&text[end + 1..]));
    }
    out.push(b'\n');
    Bytes::from(out)
}

fn field(name: &str, value: Option<&str>, out: &mut Vec<u8>) {
    let Some(value) = value.filter(|value| !value.contains(['\r', '\n'])) else { return };
    out.extend_from_slice(format!("{name}: {value}\n").as_bytes());
}

//! MCP over stdio: one message per line.

use bytes::{Bytes, BytesMut};
use memchr::memchr;

use super::SIZE_BYTES_MAX;

/// Cuts a stream at `\n`, and at nothing else.
#[derive(Debug)]
pub struct Lines {
    buffer: BytesMut,
    /// So much of the buffer holds no line end.
    scanned: usize,
    size_bytes_max: usize,
    /// The rest of an over-long line is still to come.
    skipping: bool,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Line {
    /// Never empty, without its line end.
    Text(Bytes),
    /// A line over the limit, told once. The stream goes on behind it.
    TooLong,
}

impl Lines {
    pub fn new(size_bytes_max: usize) -> Self {
        Self { buffer: BytesMut::new(), scanned: 0, size_bytes_max, skipping: false }
    }

    pub fn push(&mut self, chunk: &[u8]) {
        self.buffer.extend_from_slice(chunk);
    }

    /// The next line that is complete; empty ones are passed over.
    pub fn next_line(&mut self) -> Option<Line> {
        loop {
            let Some(end) = memchr(b'\n', &self.buffer[self.scanned..]) else {
                return self.unfinished();
            };
            let line = self.buffer.split_to(self.scanned + end + 1).freeze();
            self.scanned = 0;
            if std::mem::take(&mut self.skipping) {
                continue;
            }
            let line = line.slice(..line.len() - 1);
            if line.len() > self.size_bytes_max {
                return Some(Line::TooLong);
            }
            let line = if line.ends_with(b"\r") { line.slice(..line.len() - 1) } else { line };
            if !line.is_empty() {
                return Some(Line::Text(line));
            }
        }
    }

    /// What waits for its line end, in bytes.
    pub fn size_bytes(&self) -> usize {
        self.buffer.len()
    }

    /// Bounds what waits for its line end.
    fn unfinished(&mut self) -> Option<Line> {
        self.scanned = self.buffer.len();
        if !self.skipping && self.buffer.len() <= self.size_bytes_max {
            return None;
        }
        self.buffer.clear();
        self.scanned = 0;
        (!std::mem::replace(&mut self.skipping, true)).then_some(Line::TooLong)
    }
}

impl Default for Lines {
    fn default() -> Self {
        Self::new(SIZE_BYTES_MAX)
    }
}

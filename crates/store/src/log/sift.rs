//! A look at many entries for the few that somebody wants: most of them are not read, only
//! glanced at.

use std::ops::ControlFlow;

use bytes::Bytes;

use crate::database::Raw;
use crate::entry::Entry;
use crate::error::ReadError;
use crate::log::{Log, read};

/// One entry that was not read yet.
#[derive(Clone, Copy, Debug)]
pub struct Glance<'a> {
    pub seq: u64,
    /// JSON, as it was hashed.
    pub body: &'a [u8],
    pub(crate) hash: &'a [u8],
}

impl Glance<'_> {
    pub fn read(&self) -> Result<Entry, ReadError> {
        let (body, hash) = (self.body, self.hash);
        let bytes = Bytes::copy_from_slice;
        read(Raw { seq: self.seq, body: bytes(body), hash: bytes(hash) })
    }

    /// Whether it lets a call through or does not: that stands in front.
    pub fn is_decision(&self) -> bool {
        let kinds: [&[u8]; 2] = [br#"{"kind":"opened""#, br#"{"kind":"denied""#];
        kinds.iter().any(|kind| self.body.starts_with(kind))
    }
}

impl Log {
    /// The newest entry's number.
    pub fn newest(&self) -> Result<u64, ReadError> {
        Ok(self.database.newest_seq()?)
    }

    /// The first entry that was written at `wall_ms` or later; the one to come if none was. Where
    /// the wall clock was set back, one of those around it.
    pub fn seq_at(&self, wall_ms: u64) -> Result<u64, ReadError> {
        let (mut low, mut high) = (1, self.newest()?.saturating_add(1));
        while low < high {
            let middle = low.midpoint(high);
            let Some(entry) = self.entry(middle)? else {
                return Err(ReadError::Entry { seq: middle });
            };
            if entry.wall_ms < wall_ms { low = middle + 1 } else { high = middle }
        }
        Ok(low)
    }

    /// Shows entries from `newest` back to `oldest`, until there is no more or `look` breaks.
    pub fn sift(
        &self,
        newest: u64,
        oldest: u64,
        mut look: impl FnMut(Glance<'_>) -> Result<ControlFlow<()>, ReadError>,
    ) -> Result<(), ReadError> {
        let ends = (newest.min(i64::MAX.unsigned_abs()), oldest.max(1));
        self.database.each_back(ends, |seq, body, hash| look(Glance { seq, body, hash }))
    }

    /// The entry that closes the call which entry `opened` let through, if it is one of the next
    /// `within`.
    pub fn closing_within(&self, opened: u64, within: u64) -> Result<Option<Entry>, ReadError> {
        let needle = format!(r#""opened":{opened},"#);
        let (mut behind, last) = (opened, opened.saturating_add(within));
        while let Some(raw) = self.database.first_with_until((behind, last), needle.as_bytes())? {
            behind = raw.seq;
            let entry = read(raw)?;
            if entry.closes(opened) {
                return Ok(Some(entry));
            }
        }
        Ok(None)
    }
}

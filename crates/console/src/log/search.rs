//! One page of decisions, newest first. A search that finds little ends after a while and says how
//! far back it looked, so that no question keeps anybody waiting.

use std::ops::ControlFlow;
use std::time::{Duration, Instant};

use toolgate_store::{Log, ReadError};

use super::filter::Filter;
use super::row::{End, Row};

/// What one page shows.
#[derive(Debug, Default)]
pub(crate) struct Found {
    pub(crate) rows: Vec<Row>,
    /// Where the next page goes on: all that is older than this entry.
    pub(crate) older: Option<u64>,
    /// The page is not full: it ends with an entry of this time because looking took too long.
    pub(crate) looked_to_ms: Option<u64>,
}

/// Behind this a search gives what it has.
const LOOK_MAX: Duration = Duration::from_millis(150);
/// Between two looks at the clock.
const GLANCES: u64 = 256;
/// So many entries behind a call its end is looked for.
const END_WITHIN: u64 = 1024;

/// At most `count` of those in front of entry `before`.
pub(crate) fn find_page(
    log: &Log,
    filter: &Filter,
    before: Option<u64>,
    count: usize,
) -> Result<Found, ReadError> {
    let newest = log.newest()?;
    let mut found = Found::default();
    let (oldest, end) = bounds(log, filter, newest)?;
    let from = before.map_or(end, |before| end.min(before.saturating_sub(1)));
    let (began, mut glances, mut last) = (Instant::now(), 0, None);
    log.sift(from, oldest, |glance| {
        if found.rows.len() == count {
            found.older = found.rows.last().map(|row| row.seq);
            return Ok(ControlFlow::Break(()));
        }
        glances += 1;
        last = Some(glance.seq);
        if filter.may_want(&glance) {
            let entry = glance.read()?;
            let row = Row::of(&entry).filter(|row| filter.wants(row, &entry));
            found.rows.extend(row);
        }
        if glances % GLANCES == 0 && began.elapsed() > LOOK_MAX {
            found.older = last;
            return Ok(ControlFlow::Break(()));
        }
        Ok(ControlFlow::Continue(()))
    })?;
    if found.rows.len() < count
        && let Some(seq) = found.older
    {
        found.looked_to_ms = log.entry(seq)?.map(|entry| entry.wall_ms);
    }
    for row in found.rows.iter_mut().filter(|row| row.code.is_empty()) {
        let closing = log.closing_within(row.seq, END_WITHIN)?;
        row.end = closing.as_ref().and_then(End::of);
    }
    Ok(found)
}

/// The oldest and the newest entry of the filter's times.
fn bounds(log: &Log, filter: &Filter, newest: u64) -> Result<(u64, u64), ReadError> {
    let oldest = filter.from_ms.map(|from| log.seq_at(from)).transpose()?.unwrap_or(1);
    let end = filter.to_ms.map(|to| log.seq_at(to)).transpose()?;
    Ok((oldest, end.map_or(newest, |end| end.saturating_sub(1))))
}

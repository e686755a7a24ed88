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
    /// The newest entry that was looked at.
    pub(crate) newest: u64,
}

/// Behind this a search for a text gives what it has.
const SEARCH_MAX: Duration = Duration::from_millis(150);
/// The same of a page.
const LOOK_MAX: Duration = Duration::from_millis(60);
/// Between two looks at the clock.
const GLANCES: u64 = 256;
/// So many entries behind a call its end is looked for.
const END_WITHIN: u64 = 1024;

/// Which page of which decisions.
#[derive(Clone, Debug)]
pub(crate) struct Query {
    pub(crate) filter: Filter,
    /// All are older than this entry.
    pub(crate) before: Option<u64>,
    /// All are newer than this one.
    pub(crate) after: Option<u64>,
    pub(crate) count: usize,
}

/// `ranges` says where between two entries there may be any, newest first.
pub(crate) fn find_page(
    log: &Log,
    query: &Query,
    ranges: impl Fn(u64, u64) -> Vec<(u64, u64)>,
) -> Result<Found, ReadError> {
    let Query { filter, before, after, count } = query;
    let (oldest, newest) = bounds(log, filter)?;
    let oldest = after.map_or(oldest, |after| oldest.max(after.saturating_add(1)));
    let from = before.map_or(newest, |before| newest.min(before.saturating_sub(1)));
    let most = if filter.text.is_empty() { LOOK_MAX } else { SEARCH_MAX };
    let mut walk = Walk { filter, count: *count, until: Instant::now() + most, glances: 0 };
    let mut found = Found { newest, ..Found::default() };
    for (first, last) in ranges(from, oldest) {
        walk.through(log, (last, first), &mut found)?;
        if found.older.is_some() {
            break;
        }
    }
    if found.rows.len() < *count
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

struct Walk<'a> {
    filter: &'a Filter,
    count: usize,
    until: Instant,
    glances: u64,
}

impl Walk<'_> {
    /// Takes what is wanted from the entries between these two.
    fn through(&mut self, log: &Log, ends: (u64, u64), found: &mut Found) -> Result<(), ReadError> {
        log.sift(ends.0, ends.1, |glance| {
            if found.rows.len() == self.count {
                found.older = found.rows.last().map(|row| row.seq);
                return Ok(ControlFlow::Break(()));
            }
            if self.filter.may_want(&glance) {
                let entry = glance.read()?;
                let row = Row::of(&entry).filter(|row| self.filter.wants(row, &entry));
                found.rows.extend(row);
            }
            self.glances += 1;
            if self.glances.is_multiple_of(GLANCES) && Instant::now() > self.until {
                found.older = Some(glance.seq);
                return Ok(ControlFlow::Break(()));
            }
            Ok(ControlFlow::Continue(()))
        })
    }
}

/// The oldest and the newest entry of the filter's times.
pub(crate) fn bounds(log: &Log, filter: &Filter) -> Result<(u64, u64), ReadError> {
    let oldest = filter.from_ms.map(|from| log.seq_at(from)).transpose()?.unwrap_or(1);
    let newest = match filter.to_ms {
        Some(to) => log.seq_at(to)?.saturating_sub(1),
        None => log.newest()?,
    };
    Ok((oldest, newest))
}

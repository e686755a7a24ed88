//! What a counter holds, read back from the log: entries that touch a counter are linked.
//!
//! Each charge names an earlier entry behind which nothing else touches its counter, so a view
//! of a counter is rebuilt by walking its own entries, not the whole log.

use std::collections::HashSet;

use toolgate_policy::{Amount, CounterKey, View, Window};

use crate::database::Database;
use crate::decode;

/// Why a counter's view cannot be rebuilt.
#[derive(Debug)]
pub(crate) enum Error {
    Database(rusqlite::Error),
    /// An entry that may matter is gone or unreadable.
    Short,
}

impl From<rusqlite::Error> for Error {
    fn from(error: rusqlite::Error) -> Self {
        Self::Database(error)
    }
}

/// The view of `counter` over `window`, from entries up to `seq`.
pub(crate) fn rebuild(
    database: &Database,
    counter: &CounterKey,
    window: Window,
    seq: u64,
    now_ns: u64,
) -> Result<View, Error> {
    let mut view = View::new(window);
    let mut spent: Vec<(u64, Amount)> = Vec::new();
    let mut refunded = HashSet::new();
    let mut at = seq;
    while at > 0 {
        let raw = database.entry(at)?.ok_or(Error::Short)?;
        let touch = decode::touch(raw.body).ok_or(Error::Short)?;
        if !view.covers(touch.time_ns, now_ns) {
            break;
        }
        let mut next = at - 1;
        for part in touch.parts.iter().filter(|part| part.key == *counter) {
            next = next.min(part.previous);
            match touch.closes {
                Some(opened) => drop(refunded.insert(opened)),
                None if refunded.contains(&at) => {}
                None => spent.push((touch.time_ns, part.amount)),
            }
        }
        at = next;
    }
    for (time_ns, amount) in spent.into_iter().rev() {
        view.add(time_ns, amount);
    }
    view.expire(now_ns);
    Ok(view)
}

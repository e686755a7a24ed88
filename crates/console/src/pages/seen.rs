//! When calls were last made, from the newest records.

use std::collections::HashMap;
use std::path::Path;

use toolgate_policy::Caller;
use toolgate_store::{Kind, Log};

use crate::house::House;
use crate::reply::Refusal;

/// So far back is looked: a page must not read a whole log.
pub(super) const RECORDS_MAX: usize = 2_000;

/// The wall clock's time of the last call by whatever of a caller is asked for.
pub(super) async fn last_calls(
    house: &House,
    of: fn(&Caller) -> &str,
) -> Result<HashMap<String, u64>, Refusal> {
    let state = house.state.clone();
    let looked = tokio::task::spawn_blocking(move || look(&state, of)).await;
    let looked = looked.unwrap_or_else(|_| Err("the log could not be read".to_owned()));
    looked.map_err(|why| Refusal::unavailable(&why))
}

fn look(state: &Path, of: fn(&Caller) -> &str) -> Result<HashMap<String, u64>, String> {
    let log = Log::open(state).map_err(|error| error.to_string())?;
    let mut last = HashMap::new();
    for entry in log.entries_back(u64::MAX).take(RECORDS_MAX) {
        let entry = entry.map_err(|error| error.to_string())?;
        let facts = match &entry.kind {
            Kind::Denied(denied) => &denied.facts,
            Kind::Opened(opened) => &opened.facts,
            Kind::Answered(_) | Kind::Changed(_) | Kind::Closed(_) | Kind::Note(_) => continue,
        };
        last.entry(of(&facts.caller).to_owned()).or_insert(entry.wall_ms);
    }
    Ok(last)
}

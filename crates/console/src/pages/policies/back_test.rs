//! Recorded calls, decided again by a draft: before it is put in force.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use toolgate_policy::{Policy, document};
use toolgate_store::replay::{Class, Policies, Rerun, Tally, Wanted, stored_names};
use toolgate_store::{Directory, DirectoryReader, Log, ReadError};

use super::list;

/// What came of it.
pub(super) struct BackTest {
    pub(super) tallies: Vec<Tally>,
    /// Of all calls that were decided again, by when they were made.
    pub(super) slices: Vec<Slice>,
    pub(super) looked_at: u64,
    /// It ended before the newest entry.
    pub(super) is_cut: bool,
}

#[derive(Clone, Debug, Default)]
pub(super) struct Slice {
    pub(super) start_ms: u64,
    pub(super) counts: BTreeMap<Class, u64>,
}

/// Nobody waits longer than this for a page.
const TIME_MAX: Duration = Duration::from_secs(5);
/// What stands before these is not looked at.
const ENTRIES_MAX: u64 = 400_000;
/// Limits know this much of what went before.
const BEFORE_MS: u64 = 24 * 3600 * 1000;
const SAMPLES_MAX: usize = 5;
const SLICES: u64 = 28;

/// The draft in the place of the policy `name`, wherever that stands.
pub(super) fn back_test(
    log: &Log,
    reader: &DirectoryReader,
    (name, draft): (&str, &Arc<Policy>),
    (since_ms, now_ms): (u64, u64),
) -> Result<BackTest, ReadError> {
    let began = Instant::now();
    let directory = reader.read()?;
    let groups = groups(&directory, reader, (name, draft))?;
    let mut reruns: Vec<_> = groups
        .iter()
        .map(|(policies, grants)| {
            let grants = grants.as_ref().map(|grants| grants.iter().cloned().collect());
            let wanted = Wanted { since_ms: Some(since_ms), grants, server: None };
            Rerun::new(policies, wanted, reader, SAMPLES_MAX)
        })
        .collect();
    let mut slices = slices(since_ms, now_ms);
    let (mut looked_at, mut is_cut) = (0, false);
    for entry in log.entries(first(log, since_ms.saturating_sub(BEFORE_MS))?) {
        let entry = entry?;
        looked_at += 1;
        for rerun in &mut reruns {
            if let Some(class) = rerun.take(&entry)? {
                note(&mut slices, entry.wall_ms, class);
            }
        }
        if looked_at % 64 == 0 && began.elapsed() > TIME_MAX {
            is_cut = true;
            break;
        }
    }
    let tallies = reruns.into_iter().map(Rerun::finish).collect();
    Ok(BackTest { tallies, slices, looked_at, is_cut })
}

/// A policy, and what the log calls it.
type Named = (Arc<Policy>, Vec<String>);
type Group = (Policies, Option<Vec<String>>);

/// Grants by the policies that their calls would be decided by. A policy that no grant is under is
/// tried on all calls.
fn groups(
    directory: &Directory,
    reader: &DirectoryReader,
    (name, draft): (&str, &Arc<Policy>),
) -> Result<Vec<Group>, ReadError> {
    let own = (Arc::clone(draft), stored_names(draft, reader)?);
    let stored = |name: &str| stored(directory, reader, name);
    if directory.organization.as_deref() == Some(name) {
        let mut by_policy: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for grant in directory.grants.values() {
            let Some(policy) = grant.policy.as_deref() else { continue };
            by_policy.entry(policy).or_default().push(grant.name.clone());
        }
        let mut groups = Vec::new();
        for (policy, grants) in by_policy {
            let layers = [own.clone()].into_iter().chain(stored(policy)?).collect();
            groups.push((Policies::new(layers), Some(grants)));
        }
        return Ok(groups);
    }
    let above = directory.organization.as_deref().map(stored).transpose()?.flatten();
    let grants = list::grants(directory, name);
    let policies = Policies::new(above.into_iter().chain([own]).collect());
    Ok(vec![(policies, (!grants.is_empty()).then_some(grants))])
}

fn stored(
    directory: &Directory,
    reader: &DirectoryReader,
    name: &str,
) -> Result<Option<Named>, ReadError> {
    let text = directory.policies.get(name).map(|policy| policy.text.as_str());
    let read = text.and_then(|text| document::read(name, text).ok());
    let Some((policy, _)) = read else { return Ok(None) };
    let names = stored_names(&policy, reader)?;
    Ok(Some((Arc::new(policy), names)))
}

/// The first entry that is not older, by halves; of very long logs only the end.
fn first(log: &Log, since_ms: u64) -> Result<u64, ReadError> {
    let newest = log.head()?.seq;
    let (mut low, mut high) = (newest.saturating_sub(ENTRIES_MAX).max(1), newest + 1);
    while low < high {
        let middle = low.midpoint(high);
        match log.entry(middle)? {
            Some(entry) if entry.wall_ms < since_ms => low = middle + 1,
            _ => high = middle,
        }
    }
    Ok(low)
}

fn slices(since_ms: u64, now_ms: u64) -> Vec<Slice> {
    let length_ms = now_ms.saturating_sub(since_ms) / SLICES + 1;
    let slice = |index| Slice { start_ms: since_ms + index * length_ms, ..Slice::default() };
    (0..SLICES).map(slice).collect()
}

fn note(slices: &mut [Slice], wall_ms: u64, class: Class) {
    let slice = slices.iter_mut().rev().find(|slice| slice.start_ms <= wall_ms);
    if let Some(slice) = slice {
        *slice.counts.entry(class).or_default() += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_call_falls_into_the_slice_of_its_time() {
        let mut all = slices(1_000, 29_000);
        assert_eq!(all.len(), 28);
        note(&mut all, 999, Class::Unchanged);
        note(&mut all, 1_000, Class::NewlyDenied);
        note(&mut all, 28_999, Class::NewlyHeld);
        note(&mut all, 99_000, Class::NewlyHeld);
        assert_eq!(all[0].counts.get(&Class::NewlyDenied), Some(&1));
        assert_eq!(all[27].counts.get(&Class::NewlyHeld), Some(&2));
        assert_eq!(all.iter().map(|slice| slice.counts.len()).sum::<usize>(), 2);
    }
}

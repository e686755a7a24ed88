//! Which names stand in which stretch of the log, so that a search skips what cannot be wanted.

use std::collections::{BTreeMap, BTreeSet};

use crate::log::{Filter, is_principal, matches};

use super::names::{Field, Names, OTHER};

/// By the number of the stretch.
#[derive(Debug, Default)]
pub(super) struct Blocks(BTreeMap<u64, BTreeSet<u32>>);

/// Entries of one stretch, as a power of two.
const BITS: u32 = 9;
/// The newest are kept: 8 million entries.
const BLOCKS_MAX: usize = 16_384;

impl Blocks {
    pub(super) fn note(&mut self, seq: u64, ids: [u32; 7]) {
        self.0.entry(seq >> BITS).or_default().extend(ids);
        if self.0.len() > BLOCKS_MAX {
            self.0.pop_first();
        }
    }

    /// The stretches from `newest` back to `oldest` that may hold what is wanted, as first and
    /// last entry, newest first. `counted` are the entries that were noted.
    pub(super) fn ranges(
        &self,
        names: &Names,
        filter: &Filter,
        (newest, oldest): (u64, u64),
        counted: (u64, u64),
    ) -> Vec<(u64, u64)> {
        let wanted = wanted(names, filter);
        let kept = self.0.first_key_value().map_or(u64::MAX, |(block, _)| *block);
        let may = |block: u64| {
            let (first, last) = (block << BITS, (block << BITS) | ((1 << BITS) - 1));
            // The stretch may have been let go, or was not seen to its ends.
            if block < kept || first < counted.0 || last > counted.1 {
                return true;
            }
            let Some(there) = self.0.get(&block) else { return false };
            wanted
                .iter()
                .all(|ids| there.contains(&OTHER) || ids.iter().any(|id| there.contains(id)))
        };
        let mut ranges: Vec<(u64, u64)> = Vec::new();
        let blocks = (oldest >> BITS)..=(newest >> BITS);
        for block in blocks.rev().take_while(|_| newest >= oldest) {
            let first = (block << BITS).max(oldest);
            let last = ((block << BITS) | ((1 << BITS) - 1)).min(newest);
            if may(block) {
                match ranges.last_mut().filter(|range| range.0 == last + 1) {
                    Some(range) => range.0 = first,
                    None => ranges.push((first, last)),
                }
            }
        }
        ranges
    }
}

/// One of each of these must be there.
fn wanted(names: &Names, filter: &Filter) -> Vec<Vec<u32>> {
    let mut all = Vec::new();
    if let Some(word) = filter.word {
        all.push(names.ids(Field::Word, |name| name == word.as_str()));
    }
    let plain = [(&filter.server, Field::Server), (&filter.grant, Field::Grant)];
    // With a slash it may be a server and its tool.
    let tool = Some((&filter.tool, Field::Tool)).filter(|(glob, _)| !glob.contains('/'));
    for (glob, field) in plain.into_iter().chain(tool).filter(|(glob, _)| !glob.is_empty()) {
        all.push(names.ids(field, |name| matches(glob, name)));
    }
    if !filter.principal.is_empty() {
        all.push(names.ids(Field::Principal, |name| is_principal(&filter.principal, name)));
    }
    if !filter.code.is_empty() {
        let ids = |field| names.ids(field, |name| matches(&filter.code, name));
        all.push([Field::Code, Field::Rule].map(ids).concat());
    }
    all
}

#[cfg(test)]
mod tests {
    use crate::form::Form;

    use super::*;

    #[test]
    fn a_stretch_is_skipped_only_if_nothing_in_it_can_be_wanted() {
        let (mut names, mut blocks) = (Names::default(), Blocks::default());
        for seq in 1..=5000_u64 {
            let tool = if seq == 1700 { "rare" } else { "common" };
            let ids = [
                names.id(Field::Word, "allow"),
                names.id(Field::Server, "s"),
                names.id(Field::Tool, tool),
                names.id(Field::Grant, "g"),
                names.id(Field::Principal, "local:ann"),
                names.id(Field::Code, ""),
                names.id(Field::Rule, ""),
            ];
            blocks.note(seq, ids);
        }
        let ranges = |query: &str, counted| {
            let filter = Filter::read(&Form::parse(query).unwrap()).unwrap();
            blocks.ranges(&names, &filter, (5000, 1), counted)
        };
        assert_eq!(ranges("", (1, 5000)), [(1, 5000)]);
        assert_eq!(ranges("tool=common", (1, 5000)), [(1, 5000)]);
        // The newest stretch is not whole, nor is the oldest.
        assert_eq!(ranges("tool=ra*", (0, 5000)), [(4608, 5000), (1536, 2047)]);
        assert_eq!(ranges("tool=rare", (2000, 5000)), [(4608, 5000), (1, 2047)]);
        assert_eq!(ranges("principal=ann&tool=none", (0, 6000)), []);
        assert_eq!(ranges("effect=deny", (0, 6000)), []);
    }
}

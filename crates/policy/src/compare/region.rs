//! Calls by their cells: of each group, some.

use crate::compare::Fate;

/// All calls whose every group is in one of these cells.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Region {
    pub(crate) from: Fate,
    pub(crate) to: Fate,
    /// Of each group, in order.
    pub(crate) cells: Vec<Vec<usize>>,
}

/// The same calls in fewer regions, where two differ in one group alone.
pub(super) fn merge(mut regions: Vec<Region>) -> Vec<Region> {
    let mut at = 0;
    while at < regions.len() {
        let joint = (at + 1..regions.len())
            .find_map(|other| Some((other, join(&regions[at], &regions[other])?)));
        match joint {
            Some((other, joint)) => {
                regions.swap_remove(other);
                regions[at] = joint;
                // It may fit to others now.
                at = 0;
            }
            None => at += 1,
        }
    }
    regions
}

fn join(one: &Region, other: &Region) -> Option<Region> {
    if (one.from, one.to) != (other.from, other.to) {
        return None;
    }
    let mut differing = None;
    for (at, pair) in one.cells.iter().zip(&other.cells).enumerate() {
        if pair.0 != pair.1 && differing.replace(at).is_some() {
            return None;
        }
    }
    let mut joint = one.clone();
    if let Some(at) = differing {
        joint.cells[at].extend(&other.cells[at]);
        joint.cells[at].sort_unstable();
        joint.cells[at].dedup();
    }
    Some(joint)
}

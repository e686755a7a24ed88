//! Which bytes go when members leave an array or an object, commas included.

use std::ops::Range;

/// The ranges to delete, in order, given each member's range and whether it stays.
pub(crate) fn cut(members: &[(Range<usize>, bool)]) -> Vec<Range<usize>> {
    let mut cuts = Vec::new();
    let mut kept = false;
    for (i, (range, keep)) in members.iter().enumerate() {
        if *keep {
            kept = true;
            continue;
        }
        // Behind a member that stays, the comma before goes; else the comma behind.
        cuts.push(match members.get(i + 1) {
            _ if kept => members[i - 1].0.end..range.end,
            Some((next, _)) => range.start..next.start,
            None => range.clone(),
        });
    }
    cuts
}

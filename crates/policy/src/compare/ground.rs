//! What both policies ask of a name's arguments, and the regions in which they part.

use crate::compare::group::{self, Group};
use crate::compare::needs::{self, Needs};
use crate::compare::region::Region;
use crate::compare::shape;
use crate::compare::side::Side;
use crate::compare::{Fate, Witness};
use crate::condition::cells::product;
use crate::path::Segment;

/// What both sides say, and of what.
#[derive(Debug)]
pub(super) struct Ground<'a> {
    fixed: [Option<Fate>; 2],
    pub(super) groups: Vec<Group<'a>>,
    needs: [Needs; 2],
}

impl<'a> Ground<'a> {
    pub(super) fn of(sides: &[Side<'a>; 2]) -> Self {
        let [old, new] = sides;
        let mut groups = group::groups(needs::spots([old, new]));
        if needs::asks_definition(old) || needs::asks_definition(new) {
            groups.push(Group::definition());
        }
        let needs = [Needs::of(old, &mut groups), Needs::of(new, &mut groups)];
        Self { fixed: [old.fixed, new.fixed], groups, needs }
    }

    pub(super) fn reads_uri(&self) -> bool {
        let first = |path: &crate::path::Path| {
            let first = path.segments().first();
            matches!(first, Some(Segment::Key(key)) if key.is_like(&crate::fold::Key::new("uri")))
        };
        self.groups.iter().flat_map(|group| &group.spots).any(|spot| first(spot.path))
    }

    pub(super) fn differ_in(&self, group: usize) -> bool {
        self.needs[0].key(group) != self.needs[1].key(group)
    }

    /// A call in the region; nothing if it is not certain that there is one.
    pub(super) fn witness(&self, name: &str, region: &Region) -> Option<Witness> {
        let mut fills = Vec::new();
        let mut definition = None;
        for (group, cells) in self.groups.iter().zip(&region.cells) {
            let sure = cells.iter().map(|at| &group.cells[*at]).filter(|cell| cell.fills.is_some());
            let cell = sure.min_by_key(|cell| cell.oddity())?;
            let paths = group.spots.iter().map(|spot| spot.path);
            fills.extend(paths.zip(cell.fills.iter().flatten()));
            if let Some(defined) = cell.defined {
                definition = defined.text().map(str::to_owned);
            }
        }
        let arguments = shape::arguments(fills.into_iter());
        Some(Witness { name: name.to_owned(), arguments, definition })
    }

    /// Why there may be no call in the region.
    pub(super) fn why(&self, region: &Region) -> &'static str {
        let unsure = self.groups.iter().zip(&region.cells).find_map(|(group, cells)| {
            let cells = || cells.iter().map(|at| &group.cells[*at]);
            if cells().any(|cell| cell.fills.is_some()) { None } else { cells().next() }
        });
        unsure.map_or("", |cell| cell.why)
    }
}

/// Regions that changed, and those that both let pass.
pub(super) type Found = (Vec<Region>, Vec<Region>);

impl Ground<'_> {
    /// Nothing if there are too many ways.
    pub(super) fn regions(&self) -> Option<Found> {
        const WAYS_MAX: usize = 20_000;
        let classes: Vec<Vec<Class>> = (0..self.groups.len()).map(|at| self.classes(at)).collect();
        let asked: Vec<usize> = (0..self.groups.len()).filter(|at| self.is_asked(*at)).collect();
        let ways = asked.iter().map(|at| classes[*at].len()).try_fold(1_usize, usize::checked_mul);
        if ways.is_none_or(|ways| ways > WAYS_MAX) {
            return None;
        }
        let options: Vec<Vec<usize>> =
            asked.iter().map(|at| (0..classes[*at].len()).collect()).collect();
        let mut found = (Vec::new(), Vec::new());
        for pick in product(&options) {
            let chosen: Vec<(usize, &Class)> =
                asked.iter().zip(pick).map(|(at, class)| (*at, &classes[*at][class])).collect();
            self.way(&Way { ground: self, classes: &classes, chosen }, &mut found);
        }
        let (changed, passing) = &mut found;
        changed.extend(passing.iter().filter(|region| region.from != region.to).cloned());
        Some(found)
    }

    fn is_asked(&self, group: usize) -> bool {
        self.needs.iter().flat_map(|needs| needs.asks.iter().flatten()).any(|at| at.group == group)
    }

    /// The group's cells, by all that matters of them.
    fn classes(&self, group: usize) -> Vec<Class> {
        let mut classes: Vec<Class> = Vec::new();
        for (at, cell) in self.groups[group].cells.iter().enumerate() {
            let holds = [0, 1].map(|side: usize| self.needs[side].hold(group, cell));
            let asks = self.needs.iter().flat_map(|needs| needs.asks.iter().flatten());
            let bits: Vec<bool> =
                asks.filter(|at| at.group == group).map(|at| at.may_hold(cell)).collect();
            match classes.iter_mut().find(|class| class.holds == holds && class.bits == bits) {
                Some(class) => class.cells.push(at),
                None => classes.push(Class { holds, bits, cells: vec![at] }),
            }
        }
        classes
    }

    fn way(&self, way: &Way<'_>, (changed, passing): &mut Found) {
        let holds = [0, 1].map(|side: usize| {
            let can = self.fixed[side].is_none_or(|fate| fate == Fate::Allowed);
            can && way.chosen.iter().all(|(_, class)| class.holds[side])
        });
        let passed =
            [0, 1].map(|side: usize| if way.is_held(side) { Fate::Held } else { Fate::Allowed });
        let failed = self.fixed.map(|fixed| match fixed {
            Some(Fate::Hidden) => Fate::Hidden,
            _ => Fate::Denied,
        });
        if holds == [true, true] {
            passing.extend(way.region((passed[0], passed[1]), |it| it[0] && it[1], None));
        }
        if holds[0] {
            let ends = (passed[0], failed[1]);
            changed.extend(way.unlike(ends, holds[1], (0, 1)));
        }
        if holds[1] {
            let ends = (failed[0], passed[1]);
            changed.extend(way.unlike(ends, holds[0], (1, 0)));
        }
        if failed[0] != failed[1] {
            // One of them hides the name: all that the other does not let pass.
            let other = usize::from(failed[0] == Fate::Hidden);
            changed.extend(way.failing((failed[0], failed[1]), holds[other], other));
        }
    }
}

/// Cells that are alike to all rules.
#[derive(Debug)]
struct Class {
    holds: [bool; 2],
    /// For each condition for an approval: whether it may hold.
    bits: Vec<bool>,
    cells: Vec<usize>,
}

/// One choice of what stands where approvals look.
struct Way<'a> {
    ground: &'a Ground<'a>,
    classes: &'a [Vec<Class>],
    chosen: Vec<(usize, &'a Class)>,
}

/// A group, and which of its cells: by whether each side lets them pass.
type Odd<'a> = Option<(usize, &'a dyn Fn([bool; 2]) -> bool)>;

impl Way<'_> {
    fn is_held(&self, side: usize) -> bool {
        self.ground.needs[side].asks.iter().any(|ask| {
            ask.iter().all(|at| {
                let class = self.chosen.iter().find(|(group, _)| *group == at.group);
                class
                    .and_then(|(_, class)| class.cells.first())
                    .is_some_and(|cell| at.may_hold(&self.ground.groups[at.group].cells[*cell]))
            })
        })
    }

    /// Groups that no approval looks at.
    fn rest(&self) -> impl Iterator<Item = usize> {
        let is_chosen = |group: &usize| self.chosen.iter().any(|(chosen, _)| chosen == group);
        (0..self.classes.len()).filter(move |group| !is_chosen(group))
    }

    /// Calls that one side lets pass and the other, `fails`, does not.
    fn unlike(
        &self,
        ends: (Fate, Fate),
        may_hold: bool,
        (passes, fails): (usize, usize),
    ) -> Vec<Region> {
        let passing = |it: [bool; 2]| it[passes];
        if !may_hold {
            return self.region(ends, passing, None).into_iter().collect();
        }
        let mut regions = Vec::new();
        for group in self.rest() {
            let is_odd = move |it: [bool; 2]| it[passes] && !it[fails];
            regions.extend(self.region(ends, passing, Some((group, &is_odd))));
        }
        regions
    }

    /// Calls that the side does not let pass.
    fn failing(&self, ends: (Fate, Fate), may_hold: bool, side: usize) -> Vec<Region> {
        let all = |_: [bool; 2]| true;
        if !may_hold {
            return self.region(ends, all, None).into_iter().collect();
        }
        let fails = |it: [bool; 2]| !it[side];
        self.rest().filter_map(|group| self.region(ends, all, Some((group, &fails)))).collect()
    }

    /// Calls whose every group is as `usual` says, but for the odd one; nothing if there are none.
    fn region(
        &self,
        (from, to): (Fate, Fate),
        usual: impl Fn([bool; 2]) -> bool,
        odd: Odd<'_>,
    ) -> Option<Region> {
        let mut cells = Vec::with_capacity(self.classes.len());
        for (group, classes) in self.classes.iter().enumerate() {
            if let Some((_, class)) = self.chosen.iter().find(|(chosen, _)| *chosen == group) {
                cells.push(class.cells.clone());
                continue;
            }
            let is_in = |class: &&Class| match odd {
                Some((odd, is_odd)) if odd == group => is_odd(class.holds),
                _ => usual(class.holds),
            };
            let mut own: Vec<usize> = classes
                .iter()
                .filter(is_in)
                .flat_map(|class| class.cells.iter().copied())
                .collect();
            own.sort_unstable();
            if own.is_empty() {
                return None;
            }
            cells.push(own);
        }
        Some(Region { from, to, cells })
    }
}

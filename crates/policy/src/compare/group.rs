//! Spots whose values hang together, and everything that can stand at them at once.
//!
//! Most spots are alone: whatever stands at `args.a`, anything can stand at `args.b`. What stands
//! at `args.list` bounds what can stand at `args.list[0]`; those are one group.

use bytes::Bytes;
use hashbrown::HashSet;
use toolgate_json::{Document, Reading, Value};

use crate::compare::linked::exclude;
use crate::compare::needs::Defined;
use crate::compare::shape::{self, Fill};
use crate::compare::spot::{Kind, Label, Sign, Spot};
use crate::path::{Path, Segment};

#[derive(Debug)]
pub(crate) struct Group<'a> {
    /// None: the group is what the tool's own definition says.
    pub(crate) spots: Vec<Spot<'a>>,
    pub(crate) cells: Vec<GroupCell>,
    /// Why there may be more cells.
    pub(crate) open: Option<&'static str>,
}

#[derive(Clone, Debug)]
pub(crate) struct GroupCell {
    /// What to put at each spot; nothing if it is not certain that anything is judged so.
    pub(super) fills: Option<Vec<Fill>>,
    pub(crate) signs: Vec<Sign>,
    pub(super) labels: Vec<Label>,
    pub(super) defined: Option<Defined>,
    pub(super) why: &'static str,
}

impl GroupCell {
    /// The less, the more it looks like what people send.
    pub(super) fn oddity(&self) -> usize {
        self.labels.iter().map(Label::oddity).sum()
    }
}

/// Spots in groups.
pub(super) fn groups(spots: Vec<Spot<'_>>) -> Vec<Group<'_>> {
    let mut groups: Vec<Vec<Spot<'_>>> = Vec::new();
    for spot in spots {
        let (linked, mut rest): (Vec<_>, Vec<_>) = groups
            .into_iter()
            .partition(|group| group.iter().any(|other| are_linked(other.path, spot.path)));
        let mut joint: Vec<Spot<'_>> = linked.into_iter().flatten().collect();
        joint.push(spot);
        rest.push(joint);
        groups = rest;
    }
    groups.into_iter().map(Group::of).collect()
}

/// Whether what stands at one place has a say in what can stand at the other.
fn are_linked(one: &Path, other: &Path) -> bool {
    for pair in one.segments().iter().zip(other.segments()) {
        match pair {
            (a, b) if a == b => {}
            (Segment::Key(a), Segment::Key(b)) => return a.is_like(b),
            (_, _) => return true,
        }
    }
    true
}

impl<'a> Group<'a> {
    fn of(spots: Vec<Spot<'a>>) -> Self {
        match <[Spot<'a>; 1]>::try_from(spots) {
            Ok([spot]) => Self::single(spot),
            Err(spots) => Self::joint(spots),
        }
    }

    pub(super) fn definition() -> Self {
        let cell = |defined| GroupCell {
            fills: Some(Vec::new()),
            signs: Vec::new(),
            labels: Vec::new(),
            defined: Some(defined),
            why: "",
        };
        Self { spots: Vec::new(), cells: Defined::ALL.into_iter().map(cell).collect(), open: None }
    }

    fn single(spot: Spot<'a>) -> Self {
        let (kinds, open) = spot.kinds();
        let cell = |kind: Kind| GroupCell {
            fills: kind.fill.map(|fill| vec![fill]),
            signs: vec![kind.sign],
            labels: vec![kind.label],
            defined: None,
            why: kind.why,
        };
        Self { spots: vec![spot], cells: kinds.into_iter().map(cell).collect(), open }
    }

    /// What was seen to stand at all of them at once; the rest is in doubt.
    fn joint(spots: Vec<Spot<'a>>) -> Self {
        const WAYS_MAX: usize = 4096;
        const MANY: &str = "these arguments hang together in too many ways";
        const LINKED: &str =
            "one of these arguments holds the other: what both can be at once is not known in full";
        let (kinds, opens): (Vec<Vec<Kind>>, Vec<_>) = spots.iter().map(Spot::kinds).unzip();
        let mut group = Self { spots, cells: Vec::new(), open: opens.into_iter().flatten().next() };
        let count = kinds.iter().map(Vec::len).try_fold(1_usize, usize::checked_mul);
        if count.is_none_or(|count| count > WAYS_MAX) {
            group.open = Some(MANY);
            return group;
        }
        let ways = ways(&kinds);
        let mut seen = HashSet::new();
        for way in &ways {
            let fills: Option<Vec<Fill>> = way.iter().map(|kind| kind.fill.clone()).collect();
            let Some(fills) = fills else { continue };
            if let Some(cell) = group.seen(fills, &kinds)
                && seen.insert(cell.signs.clone())
            {
                group.cells.push(cell);
            }
        }
        for way in ways {
            let signs: Vec<Sign> = way.iter().map(|kind| kind.sign.clone()).collect();
            if !group.excludes(&way) && seen.insert(signs.clone()) {
                let labels = way.iter().map(|kind| kind.label.clone()).collect();
                group.cells.push(GroupCell {
                    fills: None,
                    signs,
                    labels,
                    defined: None,
                    why: LINKED,
                });
            }
        }
        group
    }

    /// The cell of the arguments that these make; nothing if they make something else, of a
    /// kind that is not known.
    fn seen(&self, fills: Vec<Fill>, kinds: &[Vec<Kind>]) -> Option<GroupCell> {
        let text = shape::arguments(self.spots.iter().map(|spot| spot.path).zip(&fills));
        let document = Document::parse(Bytes::from(text), Reading::Strict).ok()?;
        let signs = self.signs(Some(document.root()));
        let label = |(sign, kinds): (&Sign, &Vec<Kind>)| {
            kinds.iter().find(|kind| kind.sign == *sign).map(|kind| kind.label.clone())
        };
        let labels = signs.iter().zip(kinds).map(label).collect::<Option<Vec<_>>>()?;
        Some(GroupCell { fills: Some(fills), signs, labels, defined: None, why: "" })
    }

    /// Whether no arguments are so.
    fn excludes(&self, way: &[&Kind]) -> bool {
        let all: Vec<_> = self.spots.iter().zip(way).map(|(s, k)| (s.path, &k.label)).collect();
        all.iter().enumerate().any(|(i, one)| all[..i].iter().any(|other| exclude(*one, *other)))
    }

    pub(crate) fn signs(&self, arguments: Option<Value<'_>>) -> Vec<Sign> {
        self.spots.iter().map(|spot| spot.sign(arguments)).collect()
    }

    pub(super) fn is_definition(&self) -> bool {
        self.spots.is_empty()
    }
}

fn ways(kinds: &[Vec<Kind>]) -> Vec<Vec<&Kind>> {
    let mut ways: Vec<Vec<&Kind>> = vec![Vec::new()];
    for options in kinds {
        let mut longer = Vec::with_capacity(ways.len() * options.len());
        for way in &ways {
            for kind in options {
                let mut way = way.clone();
                way.push(kind);
                longer.push(way);
            }
        }
        ways = longer;
    }
    ways
}

//! Two policies, name by name.

use crate::call::Subject;
use crate::compare::ground::Ground;
use crate::compare::names::{self, NameCell};
use crate::compare::region::{Region, merge};
use crate::compare::side::Side;
use crate::compare::trial::Trial;
use crate::compare::{Change, Comparison, Doubt, Kind, Names, Part, limits, wording};
use crate::rule::Policy;

/// What was found for the names that both policies treat alike.
#[derive(Debug)]
pub(super) struct Analysis<'a> {
    pub(super) cells: Vec<NameCell>,
    /// Nothing where both say the same.
    pub(super) ground: Option<Ground<'a>>,
    pub(super) regions: Vec<Region>,
    pub(super) changes: Vec<Change>,
    pub(super) doubts: Vec<Doubt>,
}

/// Two policies and one section of theirs.
pub(super) struct Matter<'a> {
    policies: [&'a Policy; 2],
    subject: Subject,
}

const UNPROVEN: &str = "no call could be found that proves it";

impl<'a> Matter<'a> {
    pub(super) fn new(policies: [&'a Policy; 2], subject: Subject) -> Self {
        Self { policies, subject }
    }

    /// All names, and what is in doubt about names themselves.
    pub(super) fn analyses(&self) -> (Vec<Analysis<'a>>, Vec<Doubt>) {
        let all = names::names(self.policies, self.subject);
        let unknown = |words: &str, why| Doubt {
            names: self.names(vec![words.to_owned()]),
            kind: None,
            region: Vec::new(),
            why,
        };
        let mut doubts: Vec<Doubt> =
            all.open.into_iter().map(|why| unknown("any name", why)).collect();
        if self.subject.is_resource() && folds_otherwise(self.policies) {
            let why = "the patterns differ, and another spelling may match them otherwise";
            doubts.push(unknown("addresses that programs read differently", why));
        }
        let mut alike: Vec<(String, Vec<NameCell>)> = Vec::new();
        for cell in all.cells {
            let Some(name) = &cell.name else {
                doubts.push(unknown(&cell.words, "it is not certain that there is such a name"));
                continue;
            };
            let key = self.key(name);
            match alike.iter_mut().find(|(known, _)| *known == key) {
                Some((_, cells)) => cells.push(cell),
                None => alike.push((key, vec![cell])),
            }
        }
        let analyses = alike.into_iter().map(|(_, cells)| self.analyse(cells)).collect();
        (analyses, doubts)
    }

    /// Equal for names that both policies treat alike.
    pub(super) fn key(&self, name: &str) -> String {
        self.policies.map(|policy| Side::of(policy, self.subject, name).key()).join(" / ")
    }

    fn names(&self, words: Vec<String>) -> Names {
        Names { section: self.subject.section(), is_mention: self.subject.is_mention(), words }
    }

    fn analyse(&self, cells: Vec<NameCell>) -> Analysis<'a> {
        let (ground, regions) = (None, Vec::new());
        let (changes, doubts) = (Vec::new(), Vec::new());
        let mut analysis = Analysis { cells, ground, regions, changes, doubts };
        let name = analysis.cells.first().and_then(|cell| cell.name.clone()).unwrap_or_default();
        let sides = self.policies.map(|policy| Side::of(policy, self.subject, &name));
        if sides[0].key() == sides[1].key() {
            return analysis;
        }
        let ground = Ground::of(&sides);
        if self.subject.is_resource() && ground.reads_uri() {
            let why = "a rule reads the address as an argument too";
            analysis.doubt(self, None, Vec::new(), why);
            return analysis;
        }
        for (at, group) in ground.groups.iter().enumerate() {
            if let Some(why) = group.open.filter(|_| ground.differ_in(at)) {
                analysis.doubt(self, None, vec![wording::anything(group)], why);
            }
        }
        let Some((regions, passing)) = ground.regions() else {
            let why = "approvals hang on too many arguments at once";
            analysis.doubt(self, None, Vec::new(), why);
            return analysis;
        };
        analysis.regions = merge(regions);
        analysis.claim(self, &name, &ground);
        analysis.claim_limits(self, &name, &ground, (&sides, &passing));
        analysis.ground = Some(ground);
        analysis
    }
}

/// Whether what is in doubt for its spelling is not the same under both.
fn folds_otherwise(policies: [&Policy; 2]) -> bool {
    let [old, new] = policies.map(|policy| {
        let section = policy.resources.as_ref();
        let mut keys: Vec<String> = section
            .into_iter()
            .flat_map(|section| {
                let globs = section.index.globs.iter().map(|(glob, _)| glob.to_string());
                section.index.exact.keys().cloned().chain(globs)
            })
            .collect();
        keys.sort();
        keys
    });
    old != new
}

impl Analysis<'_> {
    fn words(&self) -> Vec<String> {
        self.cells.iter().map(|cell| cell.words.clone()).collect()
    }

    fn doubt(
        &mut self,
        matter: &Matter<'_>,
        kind: Option<Kind>,
        region: Vec<Part>,
        why: &'static str,
    ) {
        let names = matter.names(self.words());
        self.doubts.push(Doubt { names, kind, region, why });
    }

    /// Says of each region that its calls met another fate, or that there may be none.
    fn claim(&mut self, matter: &Matter<'_>, name: &str, ground: &Ground<'_>) {
        for region in self.regions.clone() {
            let kind = Kind::Fate { from: region.from, to: region.to };
            let parts = wording::parts(&ground.groups, &region);
            let Some(witness) = ground.witness(name, &region) else {
                self.doubt(matter, Some(kind), parts, ground.why(&region));
                continue;
            };
            let trial = Trial { subject: matter.subject, witness: &witness };
            let fates = matter.policies.map(|policy| trial.fate(policy));
            if fates != [Some(region.from), Some(region.to)] {
                self.doubt(matter, None, parts, UNPROVEN);
                continue;
            }
            let names = matter.names(self.words());
            self.changes.push(Change { names, kind, region: parts, witness });
        }
    }

    fn claim_limits(
        &mut self,
        matter: &Matter<'_>,
        name: &str,
        ground: &Ground<'_>,
        (sides, passing): (&[Side<'_>; 2], &[Region]),
    ) {
        let Some((course, lines)) = limits::differ([&sides[0], &sides[1]]) else { return };
        let witness = passing.iter().find_map(|region| ground.witness(name, region));
        // No call passes both: there is nothing that could be counted otherwise.
        let Some(witness) = witness else { return };
        let trial = Trial { subject: matter.subject, witness: &witness };
        let charges = matter.policies.map(|policy| trial.charges(policy));
        let kind = Kind::Limits(course, lines);
        match charges {
            [Some(one), Some(other)] if one != other => {
                let names = matter.names(self.words());
                self.changes.push(Change { names, kind, region: Vec::new(), witness });
            }
            _ => self.doubt(matter, Some(kind), Vec::new(), UNPROVEN),
        }
    }
}

pub(super) fn compare(policies: [&Policy; 2], subject: Subject, found: &mut Comparison) {
    let (analyses, doubts) = Matter::new(policies, subject).analyses();
    found.doubts.extend(doubts);
    for analysis in analyses {
        found.changes.extend(analysis.changes);
        found.doubts.extend(analysis.doubts);
    }
}

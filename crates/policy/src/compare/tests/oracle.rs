//! What is claimed of generated pairs, against calls decided one by one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_json::{Decimal, Document, Reading, Value};

use super::generate::{Dice, Draft, NAMES, URIS, arguments};
use crate::call::{Call, Caller, Definition, Principal, Subject};
use crate::compare::ground::Ground;
use crate::compare::needs::Defined;
use crate::compare::tool::{Analysis, Matter};
use crate::compare::trial::{charges, fate};
use crate::compare::{Fate, Kind, Witness};
use crate::decide;
use crate::decision::Decision;
use crate::definition::ToolDefinition;
use crate::document;
use crate::rule::Policy;

#[derive(Debug, Default)]
struct Count {
    pairs: usize,
    refused: usize,
    changes: usize,
    doubts: usize,
    pairs_in_doubt: usize,
    calls: usize,
    calls_changed: usize,
    whys: BTreeMap<&'static str, usize>,
}

#[expect(clippy::disallowed_methods, reason = "the long form is asked for by the environment")]
fn pairs() -> u64 {
    std::env::var("TOOLGATE_PAIRS").ok().and_then(|text| text.parse().ok()).unwrap_or(60)
}

#[test]
fn no_claim_is_wrong_and_none_is_missing() {
    let mut count = Count::default();
    let mut seed = 0;
    while count.pairs < usize::try_from(pairs()).unwrap() {
        seed += 1;
        let mut dice = Dice::new(seed);
        let old = Draft::new(&mut dice);
        let mut new = if dice.chance(30) { Draft::new(&mut dice) } else { old.clone() };
        for _ in 0..=dice.below(2) {
            new.change(&mut dice);
        }
        let texts = [old.text(), new.text()];
        let read = texts.each_ref().map(|text| document::read("p", text));
        let [Ok((old, _)), Ok((new, _))] = read else {
            count.refused += 1;
            continue;
        };
        count.pairs += 1;
        let fault = check([&old, &new], &mut dice, &mut count);
        assert!(
            fault.is_none(),
            "seed {seed}: {}\nold {}\nnew {}",
            fault.unwrap(),
            texts[0],
            texts[1]
        );
    }
    println!("{count:#?}");
    assert!(count.changes > 0 && count.calls_changed > 0);
}

fn check(policies: [&Policy; 2], dice: &mut Dice, count: &mut Count) -> Option<String> {
    let mut in_doubt = false;
    for subject in [Subject::Tool, Subject::Resource, Subject::ResourceMention] {
        if !policies.iter().any(|policy| policy.decides(subject)) {
            continue;
        }
        let matter = Matter::new(policies, subject);
        let (analyses, doubts) = matter.analyses();
        let all = doubts.iter().chain(analyses.iter().flat_map(|analysis| &analysis.doubts));
        for doubt in all {
            in_doubt = true;
            count.doubts += 1;
            *count.whys.entry(doubt.why).or_default() += 1;
        }
        for analysis in &analyses {
            count.changes += analysis.changes.len();
            if let Some(fault) = witnesses(policies, subject, analysis) {
                return Some(fault);
            }
        }
        let names = if subject == Subject::Tool { NAMES } else { URIS };
        let found = Found { policies, matter, analyses, is_open: !doubts.is_empty(), subject };
        let fault = names.iter().find_map(|name| found.check(name, dice, count));
        if fault.is_some() {
            return fault;
        }
    }
    count.pairs_in_doubt += usize::from(in_doubt);
    None
}

/// What was found of one section.
struct Found<'a> {
    policies: [&'a Policy; 2],
    matter: Matter<'a>,
    analyses: Vec<Analysis<'a>>,
    is_open: bool,
    subject: Subject,
}

impl Found<'_> {
    /// Calls of one name.
    fn check(&self, name: &str, dice: &mut Dice, count: &mut Count) -> Option<String> {
        let key = self.matter.key(name);
        let is_alike =
            |one: &&Analysis<'_>| self.matter.key(one.cells[0].name.as_ref().unwrap()) == key;
        let spelt = |policy: &&Policy| {
            policy.section(self.subject).is_some_and(|section| section.is_in_doubt(name))
        };
        let folds = self.subject != Subject::Tool && self.policies.iter().any(spelt);
        match self.analyses.iter().find(is_alike) {
            _ if folds => None,
            None if self.is_open => None,
            None => Some(format!("nothing is said of `{name}`")),
            Some(own) => {
                (0..20).find_map(|_| call(self.policies, own, (self.subject, name), dice, count))
            }
        }
    }
}

/// Every claim has a call that proves it.
fn witnesses(policies: [&Policy; 2], subject: Subject, analysis: &Analysis<'_>) -> Option<String> {
    for change in &analysis.changes {
        let decisions = policies.map(|policy| decided(policy, subject, &change.witness));
        let is_true = match &change.kind {
            Kind::Fate { from, to } => decisions.each_ref().map(fate) == [*from, *to],
            Kind::Limits(..) => {
                let [one, other] = decisions.each_ref().map(charges);
                one.is_some() && other.is_some() && one != other
            }
        };
        if !is_true {
            return Some(format!("no witness: {change:?}"));
        }
    }
    None
}

fn decided(policy: &Policy, subject: Subject, witness: &Witness) -> Decision {
    let json =
        |text: &str| Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict);
    let definition = match &witness.definition {
        Some(text) => {
            let tool = json(text).unwrap();
            Definition::Known(Arc::new(ToolDefinition::read(tool.root()).unwrap()))
        }
        None => Definition::Unknown,
    };
    let message = json(&witness.arguments).unwrap();
    let arguments = Some(message.root().id());
    let principal = Principal { issuer: "i".into(), subject: "s".into() };
    let caller = Arc::new(Caller { principal, grant: "g".into(), server: "s".into() });
    let name = witness.name.clone();
    decide(policy, Call { caller, subject, name, message, arguments, definition, time_ms: 1 })
}

/// One call, against all that is claimed of its name.
fn call(
    policies: [&Policy; 2],
    analysis: &Analysis<'_>,
    (subject, name): (Subject, &str),
    dice: &mut Dice,
    count: &mut Count,
) -> Option<String> {
    let defined = *dice.one(&Defined::ALL);
    let witness = Witness {
        name: name.to_owned(),
        arguments: arguments(dice),
        definition: defined.text().map(str::to_owned),
    };
    let decisions = policies.map(|policy| decided(policy, subject, &witness));
    let fates = decisions.each_ref().map(fate);
    count.calls += 1;
    count.calls_changed += usize::from(fates[0] != fates[1]);
    let claimed = match &analysis.ground {
        Some(ground) => claimed(analysis, ground, &witness, defined),
        None => Some(Vec::new()),
    };
    let is_open = analysis.doubts.iter().any(|doubt| doubt.kind.is_none());
    let mut fault = String::new();
    match claimed {
        None if !is_open => fault.push_str("the call is in no cell"),
        None => {}
        Some(claimed) if fates[0] == fates[1] && claimed.is_empty() => {}
        Some(claimed) if claimed == [(fates[0], fates[1])] => {}
        Some(_) if is_open => {}
        Some(claimed) => write!(fault, "claimed {claimed:?}").unwrap(),
    }
    let counts = decisions.each_ref().map(charges);
    if let [Some(one), Some(other)] = counts {
        let is_claimed =
            analysis.changes.iter().any(|change| matches!(change.kind, Kind::Limits(..)));
        let doubted =
            analysis.doubts.iter().any(|doubt| !matches!(doubt.kind, Some(Kind::Fate { .. })));
        if one != other && !is_claimed && !doubted {
            write!(fault, "counts {one} and {other}").unwrap();
        }
    }
    (!fault.is_empty()).then(|| format!("{fault}: {fates:?} {witness:?}"))
}

/// The changes that are claimed of regions with this call in them; nothing if it is in no cell.
fn claimed(
    analysis: &Analysis<'_>,
    ground: &Ground<'_>,
    witness: &Witness,
    defined: Defined,
) -> Option<Vec<(Fate, Fate)>> {
    let text = Bytes::copy_from_slice(witness.arguments.as_bytes());
    let message = Document::parse(text, Reading::Strict).unwrap();
    let mut own = Vec::new();
    // No schema allows a number that programs read differently.
    let defined = match defined {
        Defined::Fits if is_unclear(message.root()) => Defined::Breaks,
        Defined::LacksAndFits if is_unclear(message.root()) => Defined::Lacks,
        defined => defined,
    };
    for group in &ground.groups {
        let signs = group.signs(Some(message.root()));
        let is_it = |cell: &crate::compare::group::GroupCell| match cell.defined {
            Some(other) => other == defined,
            None => cell.signs == signs,
        };
        let cells: Vec<usize> =
            (0..group.cells.len()).filter(|at| is_it(&group.cells[*at])).collect();
        if cells.is_empty() {
            return None;
        }
        own.push(cells);
    }
    let holds = |cells: &Vec<Vec<usize>>| {
        cells.iter().zip(&own).all(|(cells, own)| own.iter().any(|at| cells.contains(at)))
    };
    let mut claimed: Vec<(Fate, Fate)> = Vec::new();
    for region in analysis.regions.iter().filter(|region| holds(&region.cells)) {
        if !claimed.contains(&(region.from, region.to)) {
            claimed.push((region.from, region.to));
        }
    }
    Some(claimed)
}

fn is_unclear(value: Value<'_>) -> bool {
    let unclear = value.as_number().is_some_and(|literal| Decimal::known(literal).is_none());
    unclear || value.items().any(is_unclear) || value.entries().any(|(_, value)| is_unclear(value))
}

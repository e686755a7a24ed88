//! Which rules of a document its tests put to the test.

use std::sync::Arc;

use hashbrown::HashMap;

use crate::cases::trial::Trial;
use crate::effect::Effect;
use crate::explain::{Ends, Level, Step};
use crate::rule::{Policy, Section};

/// Every rule of a document. One that never decides a test could be lost and no test would fail.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Coverage {
    pub rules: Vec<Covered>,
}

/// One check, or one name that is listed without any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Covered {
    pub pointer: Arc<str>,
    /// It only lists: there is nothing to decide.
    pub lists: bool,
    /// How many calls of tests it decided: denied, limited, or held for a person.
    pub decided: usize,
    /// How many it let pass.
    pub passed: usize,
}

impl Covered {
    pub fn is_covered(&self) -> bool {
        self.decided > 0 || (self.lists && self.passed > 0)
    }
}

impl Coverage {
    pub(crate) fn of(policy: &Policy, trials: &[Trial]) -> Self {
        let mut coverage = Self { rules: rules(policy) };
        let at: HashMap<Arc<str>, usize> = coverage
            .rules
            .iter()
            .enumerate()
            .map(|(at, rule)| (Arc::clone(&rule.pointer), at))
            .collect();
        let reached = trials.iter().flat_map(reached);
        for (pointer, decided) in reached {
            let rule = at.get(pointer).and_then(|at| coverage.rules.get_mut(*at));
            let Some(rule) = rule else { continue };
            rule.decided += usize::from(decided);
            rule.passed += usize::from(!decided);
        }
        coverage
    }

    pub fn covered(&self) -> usize {
        self.rules.iter().filter(|rule| rule.is_covered()).count()
    }

    /// Rounded down: 100 means all.
    pub fn percent(&self) -> usize {
        (100 * self.covered()).checked_div(self.rules.len()).unwrap_or(100)
    }
}

fn rules(policy: &Policy) -> Vec<Covered> {
    let new = |pointer: &Arc<str>, lists| Covered {
        pointer: Arc::clone(pointer),
        lists,
        decided: 0,
        passed: 0,
    };
    let mut rules = Vec::new();
    if policy.hides_any() {
        rules.push(new(&"/hide".into(), false));
    }
    let others = [&policy.prompts, &policy.resources, &policy.server_requests];
    let sections = [&policy.tools].into_iter().chain(others.into_iter().flatten());
    let entries = sections.flat_map(|section: &Section| &section.entries);
    for entry in entries {
        if entry.checks.is_empty() {
            rules.push(new(&entry.pointer, true));
        }
        rules.extend(entry.checks.iter().map(|check| new(&check.pointer, false)));
    }
    rules
}

/// The rules of the tested policy that were asked, and whether each decided.
fn reached(trial: &Trial) -> impl Iterator<Item = (&Arc<str>, bool)> {
    let steps = &trial.explanation.steps;
    let denies = |step: &Step| matches!(step.ends, Ends::Denies(_));
    let end = steps.iter().position(denies).map_or(steps.len(), |at| at + 1);
    let own = steps[..end].iter().filter(|step| step.layer == trial.layer);
    own.map(move |step| {
        let over = step.level.as_ref().is_some_and(Level::is_over);
        let decided = match &step.ends {
            Ends::Asks(_) | Ends::Denies(_) => true,
            Ends::Passes => false,
            Ends::Spends(_) => trial.came.effect == Effect::Limit && over,
        };
        (&step.pointer, decided)
    })
}

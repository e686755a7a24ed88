//! `explain`: the same decision, with everything that was asked on the way.

mod facts;
mod level;
mod remedy;
mod step;
#[cfg(test)]
mod tests;

use std::sync::Arc;

use crate::call::{Call, Subject};
use crate::charge::Owed;
use crate::decide;
use crate::decision::{Code, Obligation, Reason};
use crate::effect::Effect;
use crate::layers::Layers;
use crate::limit::Charge;
use crate::reason;
use crate::rule::{Check, Policy, Posture, Section};
use crate::shadow::Shadow;

pub use facts::{Fact, Truth};
pub use level::Level;
pub use step::{Asks, Ends, Step};

/// A decision and how it came about.
#[derive(Clone, Debug)]
pub struct Explanation {
    /// Everything that is asked of the call, in order; also what comes behind the first denial,
    /// so that whoever mends one thing knows of the next.
    pub steps: Vec<Step>,
    pub answer: Answer,
    /// What rules in shadow would have made of an allowed call.
    pub shadow: Option<Box<Shadow>>,
    pub(super) charges: Vec<Charge>,
}

/// What the policies say, limits aside.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// With what is owed.
    Allow(Vec<Obligation>),
    Deny {
        layer: usize,
        reason: Reason,
    },
}

/// Decides the call, and says why. As [`decide`](crate::decide) it reads no clock and no store, so
/// that limits stand as charges until [`Explanation::weigh`] is told how full they are.
pub fn explain(layers: &Layers, call: &Call) -> Explanation {
    let policies: Vec<&Policy> = layers.policies().iter().map(|policy| &**policy).collect();
    explain_under(&policies, call)
}

/// The same, the outermost policy first.
pub(crate) fn explain_under(policies: &[&Policy], call: &Call) -> Explanation {
    let policies = || policies.iter().copied();
    let mut shadow = None;
    let answer = match decide::judge(policies(), call) {
        Ok(mut owed) => {
            shadow = owed.take_shadow();
            Answer::Allow(owed.into_obligations())
        }
        Err((layer, reason)) => Answer::Deny { layer, reason },
    };
    let by_shadow = decide::is_known_by_shadow(policies(), call);
    let mut steps = Vec::new();
    for (layer, policy) in policies().enumerate().filter(|_| call.subject == Subject::Tool) {
        steps.extend(hiding(policy, layer, call));
    }
    for (layer, policy) in policies().enumerate() {
        if let Some(section) = policy.section(call.subject) {
            steps.extend(section_steps((section, policy.shadow), layer, call, by_shadow));
        }
    }
    let charges = charges(&steps);
    Explanation { steps, answer, shadow, charges }
}

/// All that limits count, whether or not something else denies the call.
fn charges(steps: &[Step]) -> Vec<Charge> {
    let mut owed = Owed::default();
    for step in steps.iter().filter(|step| !step.is_shadow) {
        if let Ends::Spends(charge) = &step.ends {
            owed.enter(step.layer);
            owed.spend(charge.clone());
        }
    }
    let mut obligations = owed.into_obligations().into_iter();
    match obligations.next() {
        Some(Obligation::Spend(charges)) => charges,
        _ => Vec::new(),
    }
}

impl Explanation {
    /// What becomes of the call, as far as limits have been weighed.
    pub fn effect(&self) -> Effect {
        match &self.answer {
            Answer::Deny { reason, .. } if reason.code == Code::Hidden => Effect::Hidden,
            Answer::Deny { .. } => Effect::Deny,
            Answer::Allow(owed) => {
                if owed.iter().any(|one| matches!(one, Obligation::Approve(_))) {
                    return Effect::Approve;
                }
                let full = |step: &Step| {
                    !step.is_shadow && step.level.as_ref().is_some_and(Level::is_over)
                };
                if self.steps.iter().any(full) { Effect::Limit } else { Effect::Allow }
            }
        }
    }

    /// The step that decided; nothing if nothing stood in the way, or no rule stands behind it.
    pub fn deciding(&self) -> Option<&Step> {
        let enforced = || self.steps.iter().filter(|step| !step.is_shadow);
        let of = |wanted: fn(&Step) -> bool| enforced().find(|step| wanted(step));
        match self.effect() {
            Effect::Allow => None,
            Effect::Approve => of(|step| matches!(step.ends, Ends::Asks(_))),
            Effect::Deny | Effect::Hidden => of(|step| matches!(step.ends, Ends::Denies(_))),
            Effect::Limit => of(|step| step.level.as_ref().is_some_and(Level::is_over)),
        }
    }
}

fn hiding(policy: &Policy, layer: usize, call: &Call) -> Option<Step> {
    let hides = policy.lists_as_hidden(&call.name);
    let reason = hides.then(|| reason::hidden(&call.name));
    let hidden = policy.hides_any() || hides;
    let step = || Step::new(layer, "/hide".into(), Asks::Hide, Ends::of(reason));
    hidden.then(|| step().in_shadow(policy.shadow))
}

/// `by_shadow`: what is known of the tool's definition is known by rules in shadow alone.
fn section_steps(
    (section, shadow): (&Section, bool),
    layer: usize,
    call: &Call,
    by_shadow: bool,
) -> Vec<Step> {
    let mut steps = Vec::new();
    if call.subject.is_resource() {
        let doubt = section.is_in_doubt(&call.name).then(|| reason::ambiguous_uri(call));
        let step = Step::new(layer, "/resources".into(), Asks::Spelling, Ends::of(doubt));
        steps.push(step.in_shadow(shadow));
    }
    steps.push(listing(section, layer, call).in_shadow(shadow));
    if let Some(reason) = decide::declared_twin(call) {
        let step = Step::new(layer, Arc::default(), Asks::Spelling, Ends::Denies(reason));
        steps.push(step.in_shadow(shadow || by_shadow));
    }
    let entries = section.listed(&call.name).chain(section.of_every_name());
    for check in entries.flat_map(|entry| &entry.checks) {
        steps.push(Step::of(check, layer, call));
    }
    steps
}

/// Whether the section lists the name, and if not, what becomes of it.
fn listing(section: &Section, layer: usize, call: &Call) -> Step {
    let mut listed = section.listed(&call.name);
    let entry = listed.next();
    let denied = entry.is_none() && section.default == Posture::Deny;
    let reason = denied.then(|| reason::default_deny(call));
    let pointer = entry.map(|entry| Arc::clone(&entry.pointer)).unwrap_or_default();
    let mut step = Step::new(layer, pointer, Asks::Listing, Ends::of(reason));
    step.is_listed = entry.is_some();
    if denied {
        step.remedy = Some(remedy::listing(section, call));
    }
    step
}

/// What one check alone says: what it owes, or why it denies.
fn held(check: &Check, layer: usize, call: &Call) -> Result<Vec<Obligation>, Reason> {
    if call.subject.is_mention() {
        return decide::foresee(check, call).map(|()| Vec::new());
    }
    let mut owed = Owed::default();
    owed.enter(layer);
    decide::hold(check, call, &mut owed)?;
    Ok(owed.into_obligations())
}

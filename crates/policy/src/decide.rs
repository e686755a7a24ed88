//! `decide`: the heart. One call in, one decision out.

use crate::call::{Call, Definition, Subject};
use crate::charge::{self, Owed};
use crate::condition::{Condition, Judgement, Match};
use crate::decision::{Allowed, Code, Decision, Denied, Reason};
use crate::definition::SchemaError;
use crate::path::Doubt;
use crate::reason;
use crate::rule::{Ask, Check, Policy, Posture, Test};

#[cfg(test)]
pub(crate) mod tests;
mod unseen;

pub use unseen::{Known, Open, Verdict, decide_unseen};

/// Decides one call: hidden, default, every check, and what is owed if nothing denies.
///
/// Same arguments, same answer. It reads no clock and no store, and it cannot fail: what cannot
/// be judged denies.
pub fn decide(policy: &Policy, call: Call) -> Decision {
    decide_all(std::iter::once(policy), call)
}

/// The same under several policies, the outermost first: all must allow, the first denial counts,
/// and what each of them wants is owed. Without any policy nothing is allowed.
pub(crate) fn decide_all<'a>(
    layers: impl Iterator<Item = &'a Policy> + Clone,
    call: Call,
) -> Decision {
    match judge(layers, &call) {
        Ok(mut owed) => {
            let shadow = owed.take_shadow();
            Decision::Allow(Allowed { call, obligations: owed.into_obligations(), shadow })
        }
        Err((layer, reason)) => Decision::Deny(Denied { call, layer, reason }),
    }
}

pub(crate) fn judge<'a>(
    layers: impl Iterator<Item = &'a Policy> + Clone,
    call: &Call,
) -> Result<Owed, (usize, Reason)> {
    let mut owed = Owed::default();
    // A hidden tool does not exist, whatever else a layer above would say of it.
    for (layer, policy) in layers.clone().enumerate() {
        if call.subject == Subject::Tool && policy.lists_as_hidden(&call.name) {
            owed.enter(layer);
            let hidden = owed.deny(policy.shadow, reason::hidden(&call.name));
            hidden.map_err(|reason| (layer, reason))?;
        }
    }
    let twin = declared_twin(call).map(|reason| (reason, is_known_by_shadow(layers.clone(), call)));
    let mut any = false;
    for (layer, policy) in layers.clone().enumerate() {
        any = true;
        owed.enter(layer);
        judge_one(policy, call, twin.as_ref(), &mut owed).map_err(|reason| (layer, reason))?;
    }
    if !any {
        return Err((0, reason::no_policy(call)));
    }
    layers.for_each(|policy| owed.count(&policy.shadowed));
    Ok(owed)
}

/// `twin` is what is wrong with the arguments' keys, and whether that is known only because a rule
/// in shadow asked for the tool's definition.
fn judge_one(
    policy: &Policy,
    call: &Call,
    twin: Option<&(Reason, bool)>,
    owed: &mut Owed,
) -> Result<(), Reason> {
    let Some(section) = policy.section(call.subject) else { return Ok(()) };
    if call.subject.is_resource() && section.is_in_doubt(&call.name) {
        owed.deny(policy.shadow, reason::ambiguous_uri(call))?;
    }
    let mut listed = section.listed(&call.name).peekable();
    if section.default == Posture::Deny && listed.peek().is_none() {
        owed.deny(policy.shadow, reason::default_deny(call))?;
    }
    if let Some((reason, by_shadow)) = twin {
        owed.deny(policy.shadow || *by_shadow, reason.clone())?;
    }
    for check in listed.chain(section.of_every_name()).flat_map(|entry| &entry.checks) {
        owed.set_aside(check.shadow);
        let held =
            if call.subject.is_mention() { foresee(check, call) } else { hold(check, call, owed) };
        if let Err(reason) = held {
            owed.deny(check.shadow, reason)?;
        }
    }
    Ok(())
}

/// What is only named has no arguments, and is not used: it costs nothing, and what would hang on
/// arguments or on a person is denied.
pub(crate) fn foresee(check: &Check, call: &Call) -> Result<(), Reason> {
    match &check.test {
        Test::Deny => Err(reason::rule_deny(check, call)),
        Test::Limit(_) => Ok(()),
        Test::Approve(_)
        | Test::DenyIf(_)
        | Test::Require(_)
        | Test::RequiredArgs
        | Test::Schema => Err(reason::mention(check)),
    }
}

/// The truth table. Every check is asked, so that no order of rules hides a denial.
pub(crate) fn hold(check: &Check, call: &Call, owed: &mut Owed) -> Result<(), Reason> {
    match &check.test {
        Test::Approve(ask) => {
            if is_asked(check, ask, call)? {
                owed.approve(check, ask);
            }
            Ok(())
        }
        Test::Deny => Err(reason::rule_deny(check, call)),
        Test::DenyIf(condition) => match answer(check, condition, call)? {
            Answer::Absent | Answer::No => Ok(()),
            Answer::Unknown => Err(reason::deny_if_unknown(check, condition, call)),
            Answer::Yes => Err(reason::deny_if(check, condition)),
        },
        Test::Limit(limit) => {
            owed.spend(charge::of(check, limit, call)?);
            Ok(())
        }
        Test::Require(condition) => match answer(check, condition, call)? {
            Answer::Absent => Err(reason::absent(check, condition)),
            Answer::No => Err(reason::not_met(check, condition)),
            Answer::Unknown => Err(reason::require_unknown(check, condition, call)),
            Answer::Yes => Ok(()),
        },
        Test::RequiredArgs => required_args(check, call),
        Test::Schema => schema(check, call),
    }
}

/// What a condition says, as far as rules tell apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Answer {
    Absent,
    No,
    Unknown,
    Yes,
}

/// Two keys that some reader takes for one are no answer: they deny, whatever the rule.
fn answer(check: &Check, condition: &Condition, call: &Call) -> Result<Answer, Reason> {
    match condition.judge(call.arguments()) {
        Judgement::Absent => Ok(Answer::Absent),
        Judgement::Doubt(Doubt::Twins(key)) => Err(reason::twins(check, &condition.path, key)),
        Judgement::Doubt(Doubt::NotThrough(_) | Doubt::Twin(_))
        | Judgement::Match(Match::Unknown, _) => Ok(Answer::Unknown),
        Judgement::Match(Match::No, _) | Judgement::Missing(false) => Ok(Answer::No),
        Judgement::Match(Match::Yes, _) | Judgement::Missing(true) => Ok(Answer::Yes),
    }
}

/// A person is not asked only where a condition certainly does not hold.
fn is_asked(check: &Check, ask: &Ask, call: &Call) -> Result<bool, Reason> {
    let mut asked = true;
    for condition in &ask.conditions {
        asked &= answer(check, condition, call)? != Answer::No;
    }
    Ok(asked)
}

fn required_args(check: &Check, call: &Call) -> Result<(), Reason> {
    let Definition::Known(definition) = &call.definition else {
        return Err(reason::definition_unknown(check, &call.name));
    };
    match definition.missing(call.arguments()) {
        Some(name) => Err(reason::required_argument_missing(check, name)),
        None => Ok(()),
    }
}

fn schema(check: &Check, call: &Call) -> Result<(), Reason> {
    let Definition::Known(definition) = &call.definition else {
        return Err(reason::definition_unknown(check, &call.name));
    };
    definition.check(call.arguments()).map_err(|error| match error {
        SchemaError::Arguments(what) => {
            reason::checked(check, Code::SchemaInvalid, &format!("the tool's schema: {what}"))
        }
        SchemaError::Broken(why) => reason::checked(
            check,
            Code::SchemaInvalid,
            &format!("the tool's own schema cannot be used: {why}"),
        ),
    })
}

pub(crate) fn declared_twin(call: &Call) -> Option<Reason> {
    let Definition::Known(definition) = &call.definition else { return None };
    let (key, declared) = definition.twin(call.arguments()?)?;
    Some(reason::declared_twin(key, declared))
}

/// Whether only rules in shadow ask for the tool's definition: what it shows must not deny then.
pub(crate) fn is_known_by_shadow<'a>(
    layers: impl Iterator<Item = &'a Policy>,
    call: &Call,
) -> bool {
    let asks = |policy: &Policy, shadow| policy.asks_for_definition(&call.name, shadow);
    let (mut shadowed, mut enforced) = (false, false);
    for policy in layers {
        shadowed |= asks(policy, true);
        enforced |= asks(policy, false);
    }
    shadowed && !enforced
}

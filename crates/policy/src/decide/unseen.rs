//! A call of which not everything is known any more: its arguments are forgotten, but for their
//! names, or what its tool's definition was.
//!
//! What can be said in spite of that is said; where a rule would have to see, it is named.

use std::sync::Arc;

use super::{declared_twin, foresee, hold, is_known_by_shadow};
use crate::amount::Amount;
use crate::call::{Call, Subject};
use crate::charge::{self, Owed};
use crate::decision::{Allowed, Decision, Denied, Obligation, Reason};
use crate::layers::Layers;
use crate::limit::{Charge, Counter};
use crate::path::Path;
use crate::reason;
use crate::rule::{Check, Increment, Policy, Posture, Test};

/// What is known of a call.
#[derive(Clone, Copy, Debug)]
pub struct Known {
    /// If not, every value that stands in the call's arguments is a placeholder.
    pub arguments: bool,
    /// If not, rules that need it cannot be judged.
    pub definition: bool,
}

/// What can be said.
#[derive(Debug)]
pub enum Verdict {
    Decided(Decision),
    Open(Open),
}

/// Rules would have to see what is not known.
#[derive(Debug)]
pub struct Open {
    /// JSON pointer of the first of them.
    pub pointer: Arc<str>,
    /// Which policy that rule is in, where several decide: 0 is the outermost.
    pub layer: usize,
    /// What the call is counted by if it passes.
    pub charges: Vec<Charge>,
    /// Counters of which it is not known how much.
    pub unmeasured: Vec<Counter>,
}

/// Decides as [`Layers::decide`] does, as far as what is known reaches.
pub fn decide_unseen(layers: &Layers, call: Call, known: Known) -> Verdict {
    if known.arguments && known.definition {
        return Verdict::Decided(layers.decide(call));
    }
    let mut eye = Eye { known, owed: Owed::default(), open: None, unmeasured: Vec::new() };
    if let Err((layer, reason)) = eye.look(layers, &call) {
        return Verdict::Decided(Decision::Deny(Denied { call, layer, reason }));
    }
    let shadow = eye.owed.take_shadow();
    let obligations = eye.owed.into_obligations();
    match eye.open {
        None => Verdict::Decided(Decision::Allow(Allowed { call, obligations, shadow })),
        Some((layer, pointer)) => {
            let charges = obligations.into_iter().flat_map(|owed| match owed {
                Obligation::Approve(_) => Vec::new(),
                Obligation::Spend(charges) => charges,
            });
            let (charges, unmeasured) = (charges.collect(), eye.unmeasured);
            Verdict::Open(Open { pointer, layer, charges, unmeasured })
        }
    }
}

struct Eye {
    known: Known,
    owed: Owed,
    open: Option<(usize, Arc<str>)>,
    unmeasured: Vec<Counter>,
}

impl Eye {
    fn look(&mut self, layers: &Layers, call: &Call) -> Result<(), (usize, Reason)> {
        let is_tool = call.subject == Subject::Tool;
        let mut policies = layers.policies().iter();
        if let Some(layer) = policies.position(|policy| is_tool && policy.hides(&call.name)) {
            return Err((layer, reason::hidden(&call.name)));
        }
        if layers.policies().is_empty() {
            return Err((0, reason::no_policy(call)));
        }
        let policies = || layers.policies().iter().map(|policy| &**policy);
        let twin = declared_twin(call).map(|why| (why, is_known_by_shadow(policies(), call)));
        let mut denial = None;
        for (layer, policy) in layers.policies().iter().enumerate() {
            self.owed.enter(layer);
            // A rule that cannot be judged may deny first; that another one denies is certain.
            if let Err(reason) = self.look_at((layer, policy), call, twin.as_ref()) {
                denial = denial.or(Some((layer, reason)));
            }
        }
        denial.map_or(Ok(()), Err)
    }

    fn look_at(
        &mut self,
        (layer, policy): (usize, &Policy),
        call: &Call,
        twin: Option<&(Reason, bool)>,
    ) -> Result<(), Reason> {
        let Some(section) = policy.section(call.subject) else { return Ok(()) };
        if call.subject.is_resource() && section.is_in_doubt(&call.name) {
            self.owed.deny(policy.shadow, reason::ambiguous_uri(call))?;
        }
        let mut listed = section.listed(&call.name).peekable();
        if section.default == Posture::Deny && listed.peek().is_none() {
            self.owed.deny(policy.shadow, reason::default_deny(call))?;
        }
        if let Some((reason, by_shadow)) = twin {
            self.owed.deny(policy.shadow || *by_shadow, reason.clone())?;
        }
        for check in listed.chain(section.of_every_name()).flat_map(|entry| &entry.checks) {
            self.owed.set_aside(check.shadow);
            let held = if call.subject.is_mention() {
                foresee(check, call)
            } else if self.can_judge(check, call) {
                hold(check, call, &mut self.owed)
            } else if check.shadow {
                // What it would have said is not known, and decides nothing.
                Ok(())
            } else {
                self.pass(layer, check);
                Ok(())
            };
            if let Err(reason) = held {
                self.owed.deny(check.shadow, reason)?;
            }
        }
        Ok(())
    }

    fn can_judge(&self, check: &Check, call: &Call) -> bool {
        let can_see = |path: &Path| self.known.arguments || path.is_astray(call.arguments());
        match &check.test {
            Test::Approve(ask) => ask.conditions.iter().all(|condition| can_see(&condition.path)),
            Test::Deny => true,
            Test::DenyIf(condition) | Test::Require(condition) => can_see(&condition.path),
            Test::Limit(limit) => match &limit.increment {
                Increment::Argument(path) => can_see(path),
                Increment::Fixed(_) => true,
            },
            // Names are enough to see what is missing.
            Test::RequiredArgs => self.known.definition,
            Test::Schema => self.known.definition && self.known.arguments,
        }
    }

    fn pass(&mut self, layer: usize, check: &Check) {
        self.open.get_or_insert_with(|| (layer, Arc::clone(&check.pointer)));
        if let Test::Limit(limit) = &check.test {
            let charge = charge::counted(check, limit, Amount::ZERO);
            self.unmeasured.push(charge.counter.clone());
            self.owed.spend(charge);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use bytes::Bytes;
    use toolgate_json::{Document, Reading};

    use super::*;
    use crate::call::{Caller, Definition, Principal};
    use crate::document;

    const POLICY: &str = r#"
version: "1"
default: deny
tools:
  pay:
    require: [{path: args.amount, op: lte, value: 5}]
    limits: [{window: day, max: 10, increment_from: args.amount}]
  send: {deny_if: [{path: args.bcc, op: exists, value: true}]}
  ask: {require_approval: [{path: args.amount, op: gt, value: 5}]}
  both:
    require: [{path: args.x, op: exists, value: true}]
    deny_if: [{path: args.y, op: exists, value: false}]
"#;

    fn verdict(tool: &str, arguments: &str) -> Verdict {
        let (policy, _) = document::read("p", POLICY).unwrap();
        let text = Bytes::copy_from_slice(arguments.as_bytes());
        let message = Document::parse(text, Reading::Strict).unwrap();
        let principal = Principal { issuer: String::new(), subject: String::new() };
        let caller = Caller { principal, grant: String::new(), server: String::new() };
        let call = Call {
            caller: Arc::new(caller),
            subject: Subject::Tool,
            name: tool.to_owned(),
            arguments: Some(message.root().id()),
            message,
            definition: Definition::Unknown,
            time_ms: 0,
        };
        decide_unseen(&policy.into(), call, Known { arguments: false, definition: false })
    }

    #[test]
    fn what_names_tell_is_decided() {
        for (tool, arguments, is_allowed) in [
            ("send", r#"{"to":null}"#, true),
            // The key resembles the one that is looked at.
            ("send", r#"{"BCC":null}"#, false),
            ("pay", r#"{"note":null}"#, false),
            ("other", r#"{"amount":null}"#, false),
            // `x` would have to be seen, but `y` is missing for certain.
            ("both", r#"{"x":null}"#, false),
        ] {
            match verdict(tool, arguments) {
                Verdict::Decided(Decision::Allow(_)) => assert!(is_allowed, "{tool} {arguments}"),
                Verdict::Decided(Decision::Deny(_)) => assert!(!is_allowed, "{tool} {arguments}"),
                Verdict::Open(open) => panic!("{tool} {arguments}: {open:?}"),
            }
        }
    }

    #[test]
    fn the_rule_that_would_have_to_see_is_named() {
        for (tool, arguments, pointer) in [
            ("pay", r#"{"amount":null}"#, "/tools/pay/require/0"),
            ("send", r#"{"bcc":null}"#, "/tools/send/deny_if/0"),
            ("ask", r#"{"amount":null}"#, "/tools/ask/require_approval"),
        ] {
            let Verdict::Open(open) = verdict(tool, arguments) else { panic!("{tool}") };
            assert!(open.pointer.starts_with(pointer), "{}", open.pointer);
            assert_eq!(open.unmeasured.len(), usize::from(tool == "pay"));
        }
    }
}

//! What a policy says of a tool before anybody calls it.

use std::sync::Arc;

use crate::amount::Amount;
use crate::limit::{Bound, Charge};
use crate::rule::{Check, Increment, Limit, Policy, Posture, Test};

/// How a call of one tool would fare, as far as that can be told without its arguments.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Outlook {
    pub answer: Prospect,
    /// The checks that decide by the arguments, as JSON pointers into the document.
    pub conditions: Vec<Arc<str>>,
    /// Whether a person may have to say yes.
    pub is_approved: bool,
    /// What a call is counted by, with the least amount that one can have.
    pub charges: Vec<Charge>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Prospect {
    Allow,
    /// By its arguments, or by a person.
    Depends,
    Deny,
    /// For this caller the tool does not exist.
    Hide,
}

/// Asks the same checks in the same order as [`decide`](crate::decide).
pub fn outlook(policy: &Policy, tool: &str) -> Outlook {
    let mut outlook = Outlook {
        answer: Prospect::Allow,
        conditions: Vec::new(),
        is_approved: false,
        charges: Vec::new(),
    };
    if policy.hides(tool) {
        outlook.answer = Prospect::Hide;
        return outlook;
    }
    let section = &policy.tools;
    let mut listed = section.listed(tool).peekable();
    if section.default == Posture::Deny && !policy.shadow && listed.peek().is_none() {
        outlook.answer = Prospect::Deny;
        return outlook;
    }
    let checks = listed.chain(section.of_every_name()).flat_map(|entry| &entry.checks);
    checks.filter(|check| !check.shadow).for_each(|check| outlook.add(check));
    outlook
}

/// Under several policies that stand above one another: the strictest answer, and what each of them
/// counts. Without any, everything is denied.
pub fn outlook_under(policies: &[Policy], tool: &str) -> Outlook {
    let nothing = Outlook {
        answer: if policies.is_empty() { Prospect::Deny } else { Prospect::Allow },
        conditions: Vec::new(),
        is_approved: false,
        charges: Vec::new(),
    };
    policies.iter().map(|policy| outlook(policy, tool)).fold(nothing, |mut all, one| {
        all.answer = all.answer.max(one.answer);
        all.conditions.extend(one.conditions);
        all.is_approved |= one.is_approved;
        all.charges.extend(one.charges);
        all
    })
}

impl Outlook {
    fn add(&mut self, check: &Check) {
        let answer = match &check.test {
            Test::Deny => Prospect::Deny,
            Test::Limit(limit) => {
                self.charges.push(least(check, limit));
                Prospect::Allow
            }
            Test::Approve(ask) => {
                self.is_approved = true;
                if !ask.conditions.is_empty() {
                    self.conditions.push(Arc::clone(&check.pointer));
                }
                Prospect::Depends
            }
            Test::DenyIf(_) | Test::Require(_) | Test::RequiredArgs | Test::Schema => {
                self.conditions.push(Arc::clone(&check.pointer));
                Prospect::Depends
            }
        };
        self.answer = self.answer.max(answer);
    }
}

fn least(check: &Check, limit: &Limit) -> Charge {
    let amount = match &limit.increment {
        Increment::Argument(_) => Amount::from_units(1),
        Increment::Fixed(amount) => *amount,
    };
    let bound = Bound {
        layer: 0,
        scope: limit.scope,
        window: limit.window,
        max: limit.max,
        pointer: Arc::clone(&check.pointer),
        on_deny: check.on_deny.clone(),
        refund: limit.refund,
    };
    Charge { counter: limit.counter(), amount, bounds: vec![bound] }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document;

    const POLICY: &str = r#"
version: "1"
default: deny
hide: [secret]
tools:
  plain: {}
  never: {rules: [{action: deny, reason: "no"}]}
  some: {rules: [{action: evaluate, conditions: [{path: args.n, op: lt, value: 5}]}]}
  few: {rules: [{action: allow, rate_limit: {max: 2, window: 60}}]}
  asked: {rules: [{action: require_approval}]}
"#;

    #[test]
    fn a_tools_prospects_are_told_without_a_call() {
        let (policy, _) = document::read("p", POLICY).unwrap();
        let of = |tool: &str| outlook(&policy, tool);
        let answers = [
            ("plain", Prospect::Allow),
            ("never", Prospect::Deny),
            ("some", Prospect::Depends),
            ("few", Prospect::Allow),
            ("asked", Prospect::Depends),
            ("secret", Prospect::Hide),
            ("unlisted", Prospect::Deny),
        ];
        for (tool, answer) in answers {
            assert_eq!(of(tool).answer, answer, "{tool}");
        }
        assert_eq!(of("some").conditions.len(), 1);
        assert!(of("asked").is_approved);
        let few = of("few").charges;
        assert_eq!(few[0].bounds[0].window.length_s.get(), 60);
    }
}

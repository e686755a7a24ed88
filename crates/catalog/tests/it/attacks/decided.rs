//! The policy of every attack, tried with the calls of an attacker and of an honest agent.

use std::collections::HashMap;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_catalog::attacks::{self, Act, Attack, Side, Step};
use toolgate_json::{Document, Reading, Value};
use toolgate_policy::document::{Colour, Severity, read, render};
use toolgate_policy::{
    Amount, Call, Caller, Charge, Counter, Decision, Definition, Obligation, Policy, Principal,
    Subject, ToolDefinition, decide,
};

#[test]
fn every_policy_is_good_and_denies_by_default() {
    for attack in attacks::all() {
        let policy = policy(attack);
        let nobody = call(Subject::Tool, "tool-that-nobody-lists", "{}");
        assert!(matches!(decide(&policy, nobody), Decision::Deny(_)), "{}", attack.id);
    }
}

#[test]
fn every_policy_stops_its_attack_and_lets_honest_calls_through() {
    for attack in attacks::all() {
        let mut gate = Gate { policy: policy(attack), spent: HashMap::new() };
        let mut sides = [0, 0];
        let policys = |step: &&Step| !step.by_pin && !matches!(step.act, Act::Raw(_));
        for step in attack.steps.iter().filter(policys) {
            let passed = (0..step.times).filter(|_| gate.passes(step)).count();
            let all = usize::try_from(step.times).unwrap();
            let right = match step.side {
                Side::Attack => passed < all,
                Side::Honest => passed == all,
            };
            assert!(right, "{}: {}: {passed} of {all} passed", attack.id, step.shows);
            sides[usize::from(step.side == Side::Honest)] += 1;
        }
        assert!(sides.iter().all(|count| *count > 0), "{}: one side is missing", attack.id);
    }
}

/// What is played is offered by the vulnerable server, and listed whole.
#[test]
fn what_is_played_has_its_tools() {
    let offered = definitions();
    let offered: Vec<_> = offered.root().items().filter_map(|tool| tool.get("name")).collect();
    for attack in attacks::all() {
        let Some(play) = &attack.play else { continue };
        for tool in &play.tools {
            assert!(offered.iter().any(|name| name.is(tool)), "{}: {tool}", attack.id);
        }
        for step in &attack.steps {
            let (Act::Call { tool, .. } | Act::Asked { tool, .. }) = &step.act else { continue };
            assert!(play.tools.contains(tool), "{}: {tool} is not offered", attack.id);
        }
    }
}

fn policy(attack: &Attack) -> Policy {
    let (policy, told) = read(&attack.id, &attack.policy)
        .unwrap_or_else(|told| panic!("{}", render(&told, &attack.policy, Colour::Off)));
    let warned = told.iter().any(|one| one.severity != Severity::Note);
    assert!(!warned, "{}", render(&told, &attack.policy, Colour::Off));
    policy
}

/// As the gate decides, within one moment.
struct Gate {
    policy: Policy,
    spent: HashMap<Counter, Amount>,
}

impl Gate {
    fn passes(&mut self, step: &Step) -> bool {
        match &step.act {
            Act::Asked { tool, method, params } => {
                self.allows(call(Subject::Tool, tool, "{}"))
                    && self.allows(call(Subject::ServerRequest, method, params))
            }
            Act::Call { tool, arguments } => self.allows(call(Subject::Tool, tool, arguments)),
            Act::Prompt { name, arguments } => self.allows(call(Subject::Prompt, name, arguments)),
            Act::Raw(_) => panic!("a message as such is the business of the gate"),
            Act::Read { uri } => {
                let mut params = Vec::new();
                toolgate_json::quote(uri, &mut params);
                let params = format!("{{\"uri\":{}}}", String::from_utf8(params).unwrap());
                self.allows(call(Subject::Resource, uri, &params))
            }
        }
    }

    fn allows(&mut self, call: Call) -> bool {
        assert!(self.policy.decides(call.subject), "no section for {:?}", call.subject);
        let Decision::Allow(allowed) = decide(&self.policy, call) else { return false };
        let mut spent = self.spent.clone();
        let within = allowed.obligations().iter().all(|owed| match owed {
            Obligation::Approve(_) => false,
            Obligation::Spend(charges) => charges.iter().all(|charge| spend(&mut spent, charge)),
        });
        if within {
            self.spent = spent;
        }
        within
    }
}

/// Whether all bounds hold then.
fn spend(spent: &mut HashMap<Counter, Amount>, charge: &Charge) -> bool {
    let sum = spent.entry(charge.counter.clone()).or_insert(Amount::ZERO);
    *sum = sum.checked_add(charge.amount).unwrap();
    charge.bounds.iter().all(|bound| *sum <= bound.max)
}

fn call(subject: Subject, name: &str, arguments: &str) -> Call {
    let message = crate::document(arguments);
    let definition = match definition(name) {
        Some(definition) if subject == Subject::Tool => Definition::Known(Arc::new(definition)),
        _ => Definition::Unknown,
    };
    let principal = Principal { issuer: "local".to_owned(), subject: "ann".to_owned() };
    let caller = Caller { principal, grant: "g".to_owned(), server: "s".to_owned() };
    Call {
        caller: Arc::new(caller),
        subject,
        name: name.to_owned(),
        arguments: Some(message.root().id()),
        definition,
        time_ms: 0,
        message,
    }
}

fn definitions() -> Document {
    let bytes = Bytes::from_static(attacks::TOOLS.as_bytes());
    Document::parse(bytes, Reading::Strict).unwrap()
}

fn definition(tool: &str) -> Option<ToolDefinition> {
    let all = definitions();
    let named = |one: &Value<'_>| one.get("name").is_some_and(|name| name.is(tool));
    let found = all.root().items().find(named)?;
    Some(ToolDefinition::read(found).unwrap())
}

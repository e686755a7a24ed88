//! A claim's witness, decided under a policy as any call is.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use crate::call::{Call, Caller, Definition, Principal, Subject};
use crate::compare::{Fate, Witness, limits};
use crate::decide::decide;
use crate::decision::{Code, Decision, Obligation};
use crate::definition::ToolDefinition;
use crate::rule::Policy;

pub(super) struct Trial<'a> {
    pub(super) subject: Subject,
    pub(super) witness: &'a Witness,
}

impl Trial<'_> {
    /// Nothing if the witness is no call.
    pub(super) fn fate(&self, policy: &Policy) -> Option<Fate> {
        Some(fate(&self.decision(policy)?))
    }

    /// What the call is counted by, in one spelling; nothing if it does not pass.
    pub(super) fn charges(&self, policy: &Policy) -> Option<String> {
        charges(&self.decision(policy)?)
    }

    fn decision(&self, policy: &Policy) -> Option<Decision> {
        let definition = match &self.witness.definition {
            Some(text) => Definition::Known(ToolDefinition::read(read(text)?.root()).ok()?.into()),
            None => Definition::Unknown,
        };
        let message = read(&self.witness.arguments)?;
        let arguments = Some(message.root().id());
        let principal = Principal { issuer: String::new(), subject: String::new() };
        let caller = Caller { principal, grant: String::new(), server: String::new() };
        let call = Call {
            caller: caller.into(),
            subject: self.subject,
            name: self.witness.name.clone(),
            message,
            arguments,
            definition,
            time_ms: 0,
        };
        Some(decide(policy, call))
    }
}

fn read(text: &str) -> Option<Document> {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).ok()
}

pub(super) fn fate(decision: &Decision) -> Fate {
    let obligations = match decision {
        Decision::Allow(allowed) => allowed.obligations(),
        Decision::Deny(denied) if denied.reason.code == Code::Hidden => return Fate::Hidden,
        Decision::Deny(_) => return Fate::Denied,
    };
    let asks = obligations.iter().any(|owed| matches!(owed, Obligation::Approve(_)));
    if asks { Fate::Held } else { Fate::Allowed }
}

pub(super) fn charges(decision: &Decision) -> Option<String> {
    let Decision::Allow(allowed) = decision else { return None };
    let mut charges = Vec::new();
    for obligation in allowed.obligations() {
        if let Obligation::Spend(owed) = obligation {
            charges.extend(owed.iter().map(limits::spelling));
        }
    }
    charges.sort();
    Some(charges.join(" "))
}

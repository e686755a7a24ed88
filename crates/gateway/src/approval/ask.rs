//! One call that owes a yes, and the question about it.

use std::num::NonZeroU64;
use std::sync::Arc;

use toolgate_catalog::Fingerprint;
use toolgate_json::canonical;
use toolgate_policy::{Call, Charge, Question as Terms};
use toolgate_store::{Asked, Asking, Binding, Bound, Facts, Intent, Owed, Rule, Standing};

use crate::enforce::{self, Owing, Permit, Unmet, Unpermitted};
use crate::gate::Gate;
use crate::record;
use crate::snapshot::Snapshot;

use super::{IN_CLIENT, Scene};

/// How long a question stands, unless a policy says.
const TIMEOUT_MS: u64 = 10 * 60 * 1000;
/// Equal calls within this time tell nobody again.
const DEDUPE_MS: u64 = 5 * 60 * 1000;
const PENDING_MAX: u64 = 20;
/// When an agent that was told to call again had better do so.
pub(super) const RETRY_MS: u64 = 15_000;

pub(super) struct Claim {
    call: Call,
    pub(super) question: Terms,
    charges: Vec<Charge>,
    facts: Facts,
    fingerprint: Option<[u8; 32]>,
    binding: Binding,
}

/// Why a claim is not met.
pub(super) enum Unclaimed {
    Unapproved(Claim, Standing),
    Unpermitted(Unpermitted),
}

impl Claim {
    /// `definition` is the tool's as its server tells it now: a yes is given to that, too.
    pub(super) fn new(scene: Scene<'_>, owing: Owing, definition: Option<Fingerprint>) -> Self {
        let fingerprint = definition.map(|definition| *definition.as_bytes());
        let Owing { call, question, charges } = owing;
        let facts = record::facts(scene.gate, scene.snapshot, scene.source, &call);
        let bound = Bound { facts: &facts, fingerprint: fingerprint.as_ref() };
        let binding = scene.gate.store.binding(bound);
        Self { call, question, charges, facts, fingerprint, binding }
    }

    /// The call may go on if somebody has said yes to it, and every limit holds.
    pub(super) async fn admit(
        self,
        gate: &Arc<Gate>,
        snapshot: &Arc<Snapshot>,
    ) -> Result<Permit, Unclaimed> {
        let approval = Some(Owed { binding: self.binding });
        let (facts, charges) = (self.facts.clone(), self.charges.clone());
        let intent = Intent { facts, charges, approval };
        let Self { call, question, charges, facts, fingerprint, binding } = self;
        let admitted = enforce::admit(gate, snapshot, intent, call).await;
        admitted.map_err(|unmet| match unmet {
            Unmet::Unapproved(call, standing) => {
                let claim = Self { call, question, charges, facts, fingerprint, binding };
                Unclaimed::Unapproved(claim, standing)
            }
            Unmet::Unpermitted(unpermitted) => Unclaimed::Unpermitted(unpermitted),
        })
    }

    /// Puts the question to people. The call is recorded as one that waits.
    pub(super) async fn ask(&self, gate: &Gate) -> Result<Asked, Unpermitted> {
        let asked = gate.store.ask(self.asking(gate)).await;
        asked.map_err(|error| enforce::unrecorded(&error.to_string()).into())
    }

    fn asking(&self, gate: &Gate) -> Asking {
        let terms = &self.question.terms;
        let ms = |seconds: Option<NonZeroU64>| seconds.map(|s| s.get().saturating_mul(1000));
        let rule = |(pointer, layer): &(Arc<str>, usize)| Rule {
            pointer: pointer.to_string(),
            layer: *layer,
        };
        let approvers = terms.approvers.iter().flat_map(|names| names.iter());
        let in_client = match &terms.approvers {
            Some(names) => names.iter().any(|name| **name == *IN_CLIENT),
            None => gate.approvals.client_is_trusted,
        };
        Asking {
            binding: self.binding,
            facts: self.facts.clone(),
            rules: self.question.rules.iter().map(rule).collect(),
            words: self.question.on_deny.as_deref().map(str::to_owned),
            approvers: approvers.map(|name| name.to_string()).collect(),
            in_client,
            arguments: self.arguments(),
            fingerprint: self.fingerprint,
            timeout_ms: ms(terms.timeout_s).unwrap_or(TIMEOUT_MS),
            remind_after_ms: ms(terms.dedupe_s).unwrap_or(DEDUPE_MS),
            pending_max: terms.pending_max.map_or(PENDING_MAX, NonZeroU64::get),
            retry_after_ms: Some(RETRY_MS),
        }
    }

    /// What a person says yes to, exactly as it is bound.
    fn arguments(&self) -> String {
        let Some(value) = self.call.arguments() else { return String::new() };
        let mut text = Vec::with_capacity(value.raw().len());
        canonical(value, &mut text);
        String::from_utf8_lossy(&text).into_owned()
    }

    pub(super) fn call(&self) -> &Call {
        &self.call
    }

    pub(super) fn into_call(self) -> Call {
        self.call
    }
}

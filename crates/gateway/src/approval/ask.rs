//! One call that owes a yes, and the question about it.

use std::num::NonZeroU64;
use std::sync::Arc;

use toolgate_catalog::Fingerprint;
use toolgate_json::canonical;
use toolgate_policy::{Call, Charge, Question as Terms, Shadow};
use toolgate_store::{Asked, Asking, Binding, Bound, Facts, Intent, Owed, Rule, Standing};

use crate::enforce::{self, Owing, Permit, Unmet, Unpermitted};
use crate::gate::Gate;
use crate::record;
use crate::ways::Approved;

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
    shadow: Option<Box<Shadow>>,
    facts: Facts,
    fingerprint: Option<[u8; 32]>,
    binding: Binding,
}

/// Why a claim is not met.
pub(super) enum Unclaimed {
    Unapproved(Box<Claim>, Standing),
    Unpermitted(Unpermitted),
}

impl Claim {
    /// `definition` is the tool's as its server tells it now: a yes is given to that, too.
    pub(super) fn new(scene: Scene<'_>, owing: Owing, definition: Option<Fingerprint>) -> Self {
        let fingerprint = definition.map(|definition| *definition.as_bytes());
        let Owing { call, question, charges, shadow } = owing;
        let facts = record::facts(scene.gate, scene.snapshot, scene.source, &call);
        let bound = Bound { facts: &facts, fingerprint: fingerprint.as_ref() };
        let binding = scene.gate.store.binding(bound);
        Self { call, question, charges, shadow, facts, fingerprint, binding }
    }

    /// The call may go on if somebody has said yes to it, and every limit holds. A further round of
    /// an approved call goes on under the yes of the one before.
    pub(super) async fn admit(self, scene: Scene<'_>) -> Result<Permit, Unclaimed> {
        let returned = scene.client.and_then(|client| client.request.returned.as_ref());
        let Some(facts) = returned.and_then(|returned| returned.goes_on(&self.facts)) else {
            let own = self.binding;
            return self.admit_by(scene, own).await;
        };
        let bound = Bound { facts: &facts, fingerprint: self.fingerprint.as_ref() };
        let before = scene.gate.store.binding(bound);
        match self.admit_by(scene, before).await {
            Err(Unclaimed::Unapproved(claim, _)) => {
                let own = claim.binding;
                claim.admit_by(scene, own).await
            }
            done => done,
        }
    }

    async fn admit_by(self, scene: Scene<'_>, owed: Binding) -> Result<Permit, Unclaimed> {
        let approval = Some(Owed { binding: owed });
        let (facts, charges) = (self.facts.clone(), self.charges.clone());
        let intent = Intent { facts, charges, approval, shadow: self.shadow.clone() };
        let left_ms = self.timeout_ms();
        let Self { call, question, charges, shadow, facts, fingerprint, binding } = self;
        let admitted = enforce::admit(scene.gate, scene.snapshot, intent, call).await;
        let approved = Approved { facts: facts.clone(), fingerprint, left_ms };
        admitted.map(|permit| permit.with_approved(approved)).map_err(|unmet| match unmet {
            Unmet::Unapproved(call, standing) => {
                let claim = Self { call, question, charges, shadow, facts, fingerprint, binding };
                Unclaimed::Unapproved(Box::new(claim), standing)
            }
            Unmet::Unpermitted(unpermitted) => Unclaimed::Unpermitted(unpermitted),
        })
    }

    /// Puts the question to people. The call is recorded as one that waits.
    pub(super) async fn ask(&self, gate: &Gate) -> Result<Asked, Unpermitted> {
        let asking = self.asking(gate);
        let webhook = self.question.terms.webhook.as_ref().map(|webhook| (webhook, asking.clone()));
        let asked = gate.store.ask(asking).await;
        let asked = asked.map_err(|error| enforce::unrecorded(&error.to_string()))?;
        if let (Asked::New(question) | Asked::Same(question), Some((webhook, asking))) =
            (&asked, webhook)
            && question.tell
        {
            gate.approvals.hub.webhooks.tell(webhook, question, &asking);
        }
        Ok(asked)
    }

    fn asking(&self, gate: &Gate) -> Asking {
        let terms = &self.question.terms;
        let ms = |seconds: Option<NonZeroU64>| seconds.map(|s| s.get().saturating_mul(1000));
        let rule = |(pointer, layer): &(Arc<str>, usize)| Rule {
            pointer: pointer.to_string(),
            layer: *layer,
        };
        let approvers = terms.approvers.iter().flat_map(|names| names.iter());
        Asking {
            binding: self.binding,
            facts: self.facts.clone(),
            rules: self.question.rules.iter().map(rule).collect(),
            words: self.question.on_deny.as_deref().map(str::to_owned),
            approvers: approvers.map(ToString::to_string).collect(),
            signed_by: terms.webhook.as_ref().and_then(|webhook| webhook.secret.clone()),
            in_client: self.is_for_client(gate),
            arguments: self.arguments(),
            fingerprint: self.fingerprint,
            timeout_ms: self.timeout_ms(),
            remind_after_ms: ms(terms.dedupe_s).unwrap_or(DEDUPE_MS),
            pending_max: terms.pending_max.map_or(PENDING_MAX, NonZeroU64::get),
            retry_after_ms: Some(RETRY_MS),
        }
    }

    /// Whether whoever sits at the client may say yes.
    pub(super) fn is_for_client(&self, gate: &Gate) -> bool {
        match &self.question.terms.approvers {
            Some(names) => names.iter().any(|name| **name == *IN_CLIENT),
            None => gate.approvals.client_is_trusted,
        }
    }

    /// Whether nobody else may.
    pub(super) fn is_for_client_alone(&self) -> bool {
        let named = self.question.terms.approvers.as_deref().unwrap_or_default();
        !named.is_empty() && named.iter().all(|name| **name == *IN_CLIENT)
    }

    fn timeout_ms(&self) -> u64 {
        let said = self.question.terms.timeout_s;
        said.map_or(TIMEOUT_MS, |seconds| seconds.get().saturating_mul(1000))
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

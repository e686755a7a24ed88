//! Obligations become a [`Permit`] or a [`Denial`].

use std::sync::Arc;

use toolgate_json::Document;
use toolgate_policy::{Bound, Call, Charge, Decision, Obligation, Question, Shadow};
use toolgate_store::{Admission, Frozen, Intent, Opened, Refused, Standing, Why};

use crate::clock;
use crate::denial::{Denial, Effect};
use crate::freeze;
use crate::gate::Gate;
use crate::outbox::Answer;
use crate::record::{self, Source};
use crate::report::report_seldom;
use crate::snapshot::Snapshot;
use crate::ways::Approved;

/// A call that may be forwarded, within a second and under the policy that allowed it: recorded,
/// and all its limits spent. Only [`enforce`] makes one, and it holds the very call that was
/// decided.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    call: Call,
    opened: Arc<Opened>,
    /// What the yes was bound to that let it pass; nothing if none was owed.
    approved: Option<Arc<Approved>>,
    revision: Arc<str>,
    admitted_ns: u64,
}

/// A permit that is older has to be decided again.
const FRESH_NS: u64 = 1_000_000_000;

impl Permit {
    pub(crate) fn document(&self) -> &Document {
        &self.call.message
    }

    pub(crate) fn opened(&self) -> Arc<Opened> {
        Arc::clone(&self.opened)
    }

    pub(crate) fn approved(&self) -> Option<Arc<Approved>> {
        self.approved.clone()
    }

    pub(crate) fn with_approved(self, approved: Approved) -> Self {
        Self { approved: Some(Arc::new(approved)), ..self }
    }

    /// Whether sending may start now.
    pub(crate) fn is_fresh(&self) -> bool {
        self.revision == self.gate.snapshot().revision
            && !self.gate.is_frozen()
            && clock::boot_ns().saturating_sub(self.admitted_ns) <= FRESH_NS
    }

    /// Gives the call back, to be decided again.
    pub(crate) fn into_call(self) -> Call {
        self.call
    }
}

/// Why there is no permit.
#[derive(Debug)]
pub(crate) enum Unpermitted {
    /// Something has changed that the call waited for: back to the start.
    Again(Call),
    /// Its client hears a question, and comes back with the answer. The denial is what is recorded.
    Asked(Box<(Denial, Answer)>),
    Denied(Denial),
    /// Nobody waits for the call any more.
    Gone,
    /// A person's yes is owed. Nothing is recorded.
    Owed(Box<Owing>),
    /// Servers, policies or grants have changed since the call was decided: back to the start.
    Stale(Call),
}

/// An allowed call that people have to say yes to, and what it spends then.
#[derive(Debug)]
pub(crate) struct Owing {
    pub(crate) call: Call,
    pub(crate) question: Question,
    pub(crate) charges: Vec<Charge>,
    pub(crate) shadow: Option<Box<Shadow>>,
}

/// Why a call was not admitted.
#[derive(Debug)]
pub(crate) enum Unmet {
    /// There is no yes to use up. Nothing is recorded.
    Unapproved(Call, Standing),
    Unpermitted(Unpermitted),
}

impl From<Denial> for Unpermitted {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// Meets the obligations of an allowed call, or says why it is denied. Either is recorded.
pub(crate) async fn enforce(
    gate: &Arc<Gate>,
    snapshot: &Arc<Snapshot>,
    source: Source<'_>,
    decision: Decision,
) -> Result<Permit, Unpermitted> {
    let mut allowed = match decision {
        Decision::Allow(allowed) => allowed,
        Decision::Deny(denied) => {
            let denial = Denial { layer: denied.layer, ..Denial::of(denied.reason) };
            return Err(refuse(gate, snapshot, source, denied.call, denial).await);
        }
    };
    let shadow = allowed.take_shadow();
    let (call, obligations) = allowed.into_parts();
    let (mut approvals, mut charges) = (Vec::new(), Vec::new());
    for obligation in obligations {
        match obligation {
            Obligation::Approve(approval) => approvals.push(approval),
            Obligation::Spend(owed) => charges.extend(owed),
        }
    }
    if let Some(question) = Question::of(&approvals) {
        return Err(Unpermitted::Owed(Box::new(Owing { call, question, charges, shadow })));
    }
    let facts = record::facts(gate, snapshot, source, &call);
    let intent = Intent { facts, charges, approval: None, shadow };
    let admitted = admit(gate, snapshot, intent, call).await;
    admitted.map_err(|unmet| match unmet {
        Unmet::Unapproved(..) => Denial::new("internal", "no approval is owed").into(),
        Unmet::Unpermitted(unpermitted) => unpermitted,
    })
}

/// Spends, uses up the yes that is owed if one is, and records: all of it or nothing.
pub(crate) async fn admit(
    gate: &Arc<Gate>,
    snapshot: &Arc<Snapshot>,
    intent: Intent,
    call: Call,
) -> Result<Permit, Unmet> {
    let unpermitted = match gate.store.admit(intent).await {
        Ok(Admission::Stale) => Unpermitted::Stale(call),
        Ok(Admission::Admitted(opened)) => {
            gate.thawed().await;
            let (opened, revision) = (Arc::new(opened), Arc::clone(&snapshot.revision));
            let gate = Arc::clone(gate);
            let admitted_ns = clock::boot_ns();
            return Ok(Permit { gate, call, opened, approved: None, revision, admitted_ns });
        }
        Ok(Admission::Frozen(frozen)) => held(frozen).into(),
        Ok(Admission::Refused(refused)) => over(refused).into(),
        Ok(Admission::Unapproved(standing)) => return Err(Unmet::Unapproved(call, standing)),
        Err(unavailable) => unrecorded(&unavailable.to_string()).into(),
    };
    Err(Unmet::Unpermitted(unpermitted))
}

fn held(frozen: Frozen) -> Denial {
    Denial {
        retry_after_ms: Some(frozen.retry_after_ms),
        decision_id: Some(frozen.decision_id.into()),
        ..Denial::new(Frozen::CODE, freeze::text(&frozen.freeze))
    }
}

fn over(refused: Refused) -> Denial {
    let bound = refused.bound.as_deref();
    let text = bound.map_or_else(|| "the call cannot be counted".to_owned(), limit_text);
    Denial {
        effect: Effect::Limit,
        rule: bound.map(|bound| Arc::clone(&bound.pointer)).unwrap_or_default(),
        layer: bound.map_or(0, |bound| bound.layer),
        retry_after_ms: refused.retry_after_ms,
        decision_id: Some(refused.decision_id.into()),
        ..Denial::new(refused.code, text)
    }
}

/// Records a denial; the answer names the record.
pub(crate) async fn refuse(
    gate: &Gate,
    snapshot: &Arc<Snapshot>,
    source: Source<'_>,
    call: Call,
    mut denial: Denial,
) -> Unpermitted {
    let facts = record::facts(gate, snapshot, source, &call);
    let why = Why {
        effect: denial.effect.recorded(),
        code: denial.code.to_owned(),
        pointer: denial.rule.to_string(),
        layer: denial.layer,
        retry_after_ms: denial.retry_after_ms,
    };
    match gate.store.refuse(facts, why).await {
        Ok(None) => Unpermitted::Stale(call),
        Ok(decision_id) => {
            denial.decision_id = decision_id.map(String::into_boxed_str);
            denial.into()
        }
        Err(unavailable) => unrecorded(&unavailable.to_string()).into(),
    }
}

fn limit_text(bound: &Bound) -> String {
    let window_s = bound.window.length_s;
    match &bound.on_deny {
        Some(words) => words.to_string(),
        None => format!("limit of {} per {window_s} s reached", bound.max),
    }
}

const UNRECORDED_RETRY_MS: u64 = 1000;

pub(crate) fn unrecorded(why: &str) -> Denial {
    let text = format!("the decision could not be recorded, so nothing was sent: {why}");
    report_seldom(&text);
    // What fails now (a full disk, a lock) may be mended by then.
    Denial { retry_after_ms: Some(UNRECORDED_RETRY_MS), ..Denial::new("unrecorded", text) }
}

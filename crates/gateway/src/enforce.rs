//! Obligations become a [`Permit`] or a [`Denial`].

use std::sync::Arc;

use toolgate_json::Document;
use toolgate_policy::{Approval, Bound, Call, Charge, Decision, Obligation};
use toolgate_store::{Admission, Intent, Opened, Refused, Why};

use crate::clock;
use crate::denial::{Denial, Effect};
use crate::gate::Gate;
use crate::record::{self, Source};
use crate::report::report_seldom;
use crate::snapshot::Snapshot;

/// A call that may be forwarded, within a second and under the policy that allowed it: recorded,
/// and all its limits spent. Only [`enforce`] makes one, and it holds the very call that was
/// decided.
#[derive(Debug)]
pub(crate) struct Permit {
    gate: Arc<Gate>,
    call: Call,
    opened: Arc<Opened>,
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

    /// Whether sending may start now.
    pub(crate) fn is_fresh(&self) -> bool {
        self.revision == self.gate.snapshot().revision
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
    Denied(Denial),
    /// Servers, policies or grants have changed since the call was decided: back to the start.
    Stale(Call),
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
    let allowed = match decision {
        Decision::Allow(allowed) => allowed,
        Decision::Deny(denied) => {
            let denial = Denial { layer: denied.layer, ..Denial::of(denied.reason) };
            return Err(refuse(gate, snapshot, source, denied.call, denial).await);
        }
    };
    let (call, obligations) = allowed.into_parts();
    let mut charges = Vec::new();
    for obligation in obligations {
        match obligation {
            Obligation::Approve(approval) => {
                let denial = unapproved(&approval);
                return Err(refuse(gate, snapshot, source, call, denial).await);
            }
            Obligation::Spend(owed) => charges.extend(owed),
        }
    }
    admit(gate, snapshot, source, call, charges).await
}

async fn admit(
    gate: &Arc<Gate>,
    snapshot: &Arc<Snapshot>,
    source: Source<'_>,
    call: Call,
    charges: Vec<Charge>,
) -> Result<Permit, Unpermitted> {
    let facts = record::facts(gate, snapshot, source, &call);
    match gate.store.admit(Intent { facts, charges, approval: None }).await {
        Ok(Admission::Stale) => Err(Unpermitted::Stale(call)),
        Ok(Admission::Admitted(opened)) => {
            let (opened, revision) = (Arc::new(opened), Arc::clone(&snapshot.revision));
            let gate = Arc::clone(gate);
            Ok(Permit { gate, call, opened, revision, admitted_ns: clock::boot_ns() })
        }
        Ok(Admission::Refused(refused)) => Err(over(refused).into()),
        Ok(Admission::Unapproved(_)) => Err(Denial::new("internal", "no approval is owed").into()),
        Err(unavailable) => Err(unrecorded(&unavailable.to_string()).into()),
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
        decision_id: Some(refused.decision_id),
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
            denial.decision_id = decision_id;
            denial.into()
        }
        Err(unavailable) => unrecorded(&unavailable.to_string()).into(),
    }
}

fn unapproved(approval: &Approval) -> Denial {
    let text = approval.on_deny.as_deref().unwrap_or("this call needs a person's approval");
    Denial {
        rule: Arc::clone(&approval.pointer),
        layer: approval.layer,
        ..Denial::new("approval_unavailable", format!("{text}; approvals are not set up"))
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

fn unrecorded(why: &str) -> Denial {
    let text = format!("the decision could not be recorded, so nothing was sent: {why}");
    report_seldom(&text);
    // What fails now (a full disk, a lock) may be mended by then.
    Denial { retry_after_ms: Some(UNRECORDED_RETRY_MS), ..Denial::new("unrecorded", text) }
}

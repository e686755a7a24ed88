//! One decision: policies, then what they want.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;

use toolgate_policy::{Call, Decision, Layers};

use crate::approval::{self, Hold, Scene};
use crate::denial::Denial;
use crate::enforce::{Permit, Unpermitted, enforce};
use crate::gate::Gate;
use crate::record::Source;
use crate::snapshot::Snapshot;

/// How often one call is decided: a permit may grow old, and a policy change, before it is sent.
pub(crate) const ATTEMPTS_MAX: usize = 1000;

/// Decides and enforces. `more` are further names that the call mentions: all must be allowed.
/// A panic in a rule is a denial.
pub(crate) async fn judge(
    gate: &Arc<Gate>,
    snapshot: &Arc<Snapshot>,
    source: Source<'_>,
    call: Call,
    more: &[String],
) -> Result<Permit, Unpermitted> {
    let decision = decided(snapshot, call, more)?;
    match enforce(gate, snapshot, source, decision).await {
        Err(Unpermitted::Owed(owing)) => {
            let scene = Scene { gate, snapshot, source, client: None };
            Box::pin(approval::pass(scene, (*owing, None), &mut Hold::default())).await
        }
        done => done,
    }
}

/// What the policies say of the call and of all names that it mentions.
pub(crate) fn decided(
    snapshot: &Snapshot,
    call: Call,
    more: &[String],
) -> Result<Decision, Denial> {
    let caught = catch_unwind(AssertUnwindSafe(|| decide(&snapshot.policy, call, more)));
    caught.map_err(|_| Denial::new("internal", "the policy could not be evaluated"))
}

/// What is only mentioned owes nothing, so that obligations are those of the first name.
fn decide(policy: &Layers, mut call: Call, more: &[String]) -> Decision {
    let mut shadow = None;
    for name in more {
        let first = std::mem::replace(&mut call.name, name.clone());
        match policy.decide(call) {
            Decision::Allow(mut allowed) => {
                shadow = shadow.or(allowed.take_shadow());
                call = allowed.into_parts().0;
            }
            denied @ Decision::Deny(_) => return denied,
        }
        call.name = first;
    }
    match policy.decide(call) {
        Decision::Allow(allowed) => Decision::Allow(allowed.or_shadow(shadow)),
        denied @ Decision::Deny(_) => denied,
    }
}

pub(crate) fn unsettled() -> Denial {
    Denial::new("unsettled", "the policy keeps changing; try again in a while")
}

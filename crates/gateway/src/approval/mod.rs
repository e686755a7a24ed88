//! A person's yes: looked for, asked for, waited for. The call itself waits; nobody else does.
//!
//! An answer never sends a call. It only ends the wait: then the call is decided again from the
//! start, with a yes to use up.

mod ask;
mod hold;
mod hub;
mod progress;
pub(crate) mod webhook;
mod words;

use std::sync::Arc;

use toolgate_catalog::Fingerprint;
use toolgate_store::{Asked, Standing};

use crate::denial::Denial;
use crate::enforce::{Owing, Permit, Unpermitted, refuse};
use crate::gate::Gate;
use crate::quota::{Quota, Taken};
use crate::record::Source;
use crate::request::Request;
use crate::session::Session;
use crate::snapshot::Snapshot;

use ask::{Claim, Unclaimed};
use hold::Ended;
pub(crate) use hold::Hold;
pub(crate) use hub::Hub;

/// What one gate knows of asking.
#[derive(Debug)]
pub(crate) struct Approvals {
    pub(crate) hub: Arc<Hub>,
    held: Arc<Quota>,
    /// Whether who sits at the client may say yes where a policy names nobody: on a machine of
    /// their own.
    client_is_trusted: bool,
}

/// Somebody who can be kept waiting.
#[derive(Clone, Copy)]
pub(crate) struct Client<'a> {
    pub(crate) session: &'a Session,
    pub(crate) request: &'a Request,
}

/// Where a call is decided.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) gate: &'a Arc<Gate>,
    pub(crate) snapshot: &'a Arc<Snapshot>,
    pub(crate) source: Source<'a>,
    /// Nobody is kept waiting for what a server asks.
    pub(crate) client: Option<Client<'a>>,
}

/// In `approvers`: whoever sits at the client.
const IN_CLIENT: &str = "in_client";
/// Calls of one gate that are kept open at the same time.
const HELD_MAX: usize = 64;

impl Approvals {
    pub(crate) fn new(hub: Arc<Hub>, client_is_trusted: bool) -> Self {
        Self { hub, held: Quota::new(HELD_MAX), client_is_trusted }
    }

    /// For one call to wait, if there is room.
    fn places(&self) -> Option<[Taken; 2]> {
        Some([self.held.take(1)?, self.hub.place()?])
    }
}

/// A permit for a call that owes a person's yes, or why not. `hold` outlives one decision.
pub(crate) async fn pass(
    scene: Scene<'_>,
    (owing, definition): (Owing, Option<Fingerprint>),
    hold: &mut Hold,
) -> Result<Permit, Unpermitted> {
    let claim = Claim::new(scene, owing, definition);
    if claim.is_hopeless() {
        let denial = claim.hopeless();
        return Err(denied(scene, claim, denial).await);
    }
    let (claim, standing) = match claim.admit(scene).await {
        Ok(permit) => return Ok(permit),
        Err(Unclaimed::Unpermitted(unpermitted)) => return Err(unpermitted),
        Err(Unclaimed::Unapproved(claim, standing)) => (*claim, standing),
    };
    match standing {
        Standing::Denied { id, reason, .. } => {
            let denial = claim.declined(&id, reason.as_deref());
            return Err(denied(scene, claim, denial).await);
        }
        Standing::Expired { id } if hold.is_about(&id) => {
            let denial = claim.expired(&id);
            return Err(denied(scene, claim, denial).await);
        }
        Standing::Pending { id, left_ms } if hold.is_about(&id) => hold.renew(left_ms),
        Standing::Expired { .. } | Standing::Pending { .. } | Standing::Unasked => {
            hold.withdraw(scene.gate).await;
            match claim.ask(scene.gate).await? {
                Asked::Answered { .. } => return Err(Unpermitted::Again(claim.into_call())),
                Asked::Full { decision_id, retry_after_ms } => {
                    return Err(claim.full(decision_id, retry_after_ms).into());
                }
                Asked::New(question) | Asked::Same(question) => hold.begin(question, &claim),
                Asked::Stale => return Err(Unpermitted::Stale(claim.into_call())),
            }
        }
    }
    match (hold.wait(scene, &claim).await, hold.pending(&claim)) {
        (Ended::Gone, _) => Err(Unpermitted::Gone),
        (Ended::Asked(answer), Some(denial)) => Err(Unpermitted::Asked(Box::new((denial, answer)))),
        (Ended::Over, Some(denial)) => Err(denial.into()),
        (Ended::Asked(_) | Ended::Over, None) | (Ended::Turned, _) => {
            Err(Unpermitted::Again(claim.into_call()))
        }
    }
}

/// Recorded like every other denial.
async fn denied(scene: Scene<'_>, claim: Claim, denial: Denial) -> Unpermitted {
    refuse(scene.gate, scene.snapshot, scene.source, claim.into_call(), denial).await
}

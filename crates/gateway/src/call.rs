//! The life of one `tools/call`, top to bottom: the only path upstream for a call.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Instant;

use toolgate_policy::{Call, Decision, Definition, decide};
use toolgate_protocol::Message;
use toolgate_store::{Opened, Outcome};

use crate::clock;
use crate::denial::Denial;
use crate::enforce::{Permit, Unpermitted, enforce};
use crate::inbox::clean;
use crate::mirror::{heed, mirror};
use crate::outbox::Answer;
use crate::pins;
use crate::relay::Outbound;
use crate::request::{Request, Sending};
use crate::session::{Session, reply};
use crate::snapshot::Snapshot;
use crate::turn::Turn;
use crate::upstream::{Failure, Reply};

/// A call's place among all that its client sends: held until it is queued or denied.
pub(crate) struct Place {
    pub(crate) sending: Sending,
    pub(crate) turn: Option<Turn>,
}

/// How often one call is decided: a permit may grow old, and a policy change, before it is sent.
const ATTEMPTS_MAX: usize = 1000;

/// Decides, enforces, forwards, closes. Gives the answer; nothing if the client no longer waits.
pub(crate) async fn call(
    session: &Arc<Session>,
    request: &Arc<Request>,
    message: Message,
    mut place: Place,
) -> Option<Answer> {
    let mut call = facts(session, message)?;
    let tool = call.tool.clone();
    let client = session.client();
    for _ in 0..ATTEMPTS_MAX {
        let snapshot = session.gate.snapshot();
        if let Err(refusal) = mirror(session, request, &snapshot, &call).await {
            return Some(refusal);
        }
        call.definition = session.definitions.of(session, &snapshot, &call).await;
        let permit = match judge(session, &snapshot, client.as_deref(), call).await {
            Ok(permit) => permit,
            Err(Unpermitted::Denied(denial)) => return Some(denial.answer(request, &tool)),
            Err(Unpermitted::Stale(back)) => {
                call = back;
                session.gate.newer_than(&snapshot).await;
                continue;
            }
        };
        let opened = permit.opened();
        let sent = Instant::now();
        let outbound = Outbound::Permit(permit);
        if let Some(turn) = &mut place.turn {
            turn.come().await;
        }
        let started =
            session.upstream.start(outbound, Arc::clone(request), place.sending.take()).await;
        place.turn = None;
        let result = reply(started).await;
        close(session, &opened, &result, sent).await;
        match result {
            Ok(reply) => {
                heed(session, &reply.message);
                let status = reply.http_status(request.era);
                return Some(Answer { bytes: clean(reply.message), status });
            }
            Err(Failure::Stale(stale)) => call = stale.into_call(),
            Err(failure) => return failure.answer(request).map(Answer::plain),
        }
    }
    let denial = Denial::new("unsettled", "the policy keeps changing; try again in a while");
    Some(denial.answer(request, &tool))
}

/// A panic in a rule is a denial.
async fn judge(
    session: &Session,
    snapshot: &Arc<Snapshot>,
    client: Option<&str>,
    call: Call,
) -> Result<Permit, Unpermitted> {
    let caught = catch_unwind(AssertUnwindSafe(|| decide(&snapshot.policy, call)));
    match caught {
        Ok(Decision::Allow(allowed)) => {
            match pins::check(session, snapshot, allowed.call()).await {
                Ok(()) => enforce(&session.gate, snapshot, client, Decision::Allow(allowed)).await,
                Err(doubt) => {
                    Err(doubt.of(session, snapshot, client, allowed.into_parts().0).await)
                }
            }
        }
        Ok(denied) => enforce(&session.gate, snapshot, client, denied).await,
        Err(_) => Err(Denial::new("internal", "the policy could not be evaluated").into()),
    }
}

fn facts(session: &Session, message: Message) -> Option<Call> {
    let toolgate_protocol::ToolCall { name, arguments } = message.tool_call()?;
    Some(Call {
        caller: Arc::clone(&session.gate.caller),
        tool: name,
        message: message.into_document(),
        arguments,
        definition: Definition::Unknown,
        time_ms: clock::wall_ms(),
    })
}

/// Appends the outcome. What was not sent costs nothing.
async fn close(session: &Session, opened: &Opened, result: &Result<Reply, Failure>, sent: Instant) {
    let (outcome, refund) = match result {
        Ok(reply) => (outcome(&reply.message), false),
        Err(Failure::Left) => (Outcome::Cancelled, false),
        Err(Failure::Lost(_)) => (Outcome::Disconnected, false),
        Err(Failure::Cancelled | Failure::Stale(_) | Failure::Unsent(_)) => {
            (Outcome::NotSent, true)
        }
    };
    let duration_us = u64::try_from(sent.elapsed().as_micros()).unwrap_or(u64::MAX);
    // A log that cannot be written stops the next admission; this call has happened.
    let _ = session.gate.store.close(opened, outcome, duration_us, refund).await;
}

fn outcome(reply: &Message) -> Outcome {
    if reply.error().is_some() {
        return Outcome::ProtocolError;
    }
    let failed = reply.result().and_then(|r| r.get("isError")?.as_bool()).unwrap_or(false);
    if failed { Outcome::ToolError } else { Outcome::Answered }
}

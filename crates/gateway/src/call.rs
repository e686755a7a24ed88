//! The life of one call, top to bottom: the only path upstream for what is decided.

pub(crate) mod mirror;
pub(crate) mod results;

use std::ops::ControlFlow;
use std::sync::Arc;
use std::time::Instant;

use toolgate_json::NodeId;
use toolgate_policy::{Call, Code, Decision, Definition, Subject};
use toolgate_protocol::Message;
use toolgate_store::{Opened, Outcome};

use crate::approval::{self, Client, Hold, Scene};
use crate::asked_back;
use crate::call::mirror::{heed, mirror};
use crate::call::results::Looked;
use crate::clock;
use crate::deadline::Deadline;
use crate::definitions::{Told, Trust};
use crate::denial::Denial;
use crate::enforce::{self, Permit, Unpermitted, enforce};
use crate::inbox::clean;
use crate::judge::{ATTEMPTS_MAX, decided, unsettled};
use crate::otlp::Watch;
use crate::outbox::Answer;
use crate::pins;
use crate::record::Source;
use crate::relay::Outbound;
use crate::request::{Request, Sending};
use crate::session::Session;
use crate::session::turn::Turn;
use crate::snapshot::Snapshot;
use crate::subject::Asked;
use crate::upstream::{Failure, Reply};
use crate::ways;

/// A call's place among all that its client sends: held until it is queued or denied, or a person
/// is waited for.
#[derive(Default)]
pub(crate) struct Place {
    pub(crate) sending: Sending,
    pub(crate) turn: Option<Turn>,
}

/// Decides, enforces, forwards, closes. Gives the answer; nothing if the client no longer waits.
pub(crate) async fn call(
    session: &Arc<Session>,
    request: &Arc<Request>,
    message: Message,
    (asked, mut place): (Asked, Place),
) -> Option<Answer> {
    let Asked { subject, names, arguments } = asked;
    let (name, more) = names.split_first()?;
    // A subscription lasts as long as the client listens.
    let lasts = message.is_method("subscriptions/listen");
    let patience = session.gate.request_timeout.filter(|_| !lasts);
    let mut call = facts(session, message, (subject, name.clone(), arguments));
    let client = session.client();
    let source = Source { client: client.as_deref(), trace: request.trace.id() };
    let mut watch = Watch::begin(session, request, &call);
    let mut hold = Hold::default();
    for _ in 0..ATTEMPTS_MAX {
        let snapshot = session.gate.snapshot();
        if let Err(refusal) = mirror(session, request, &snapshot, &call).await {
            return Some(refusal);
        }
        call.definition = session.definitions.of(session, &snapshot, &call).await;
        let came = Instant::now();
        let scene = Scene {
            gate: &session.gate,
            snapshot: &snapshot,
            source,
            client: Some(Client { session, request }),
        };
        let permit = match permit(scene, call, more, (&mut hold, &mut place)).await {
            Ok(permit) => permit,
            Err(why) => {
                let told = (&**request, subject, &**name);
                match unpermitted(scene, why, told, (&mut hold, &mut watch, came)).await {
                    ControlFlow::Break(answer) => return answer,
                    ControlFlow::Continue(back) => call = back,
                }
                continue;
            }
        };
        let (opened, approved) = (permit.opened(), permit.approved());
        watch.allowed(&snapshot, &opened, came.elapsed());
        let sent = Instant::now();
        let outbound = Outbound::Permit(permit);
        if let Some(turn) = &mut place.turn {
            turn.come().await;
        }
        let deadline = Deadline::after(patience);
        let started = deadline.start(session, outbound, request, place.sending.take()).await;
        place.turn = None;
        let mut result = match started {
            Ok(pending) => deadline.reply(session, request, pending).await,
            Err(failure) => Err(failure),
        };
        if let Ok(reply) = &mut result {
            ways::go_on(session, request, (&opened, approved.as_deref()), &mut reply.message);
        }
        let looked = results::look(&snapshot, (subject, name), &result).await;
        close(session, &opened, (&result, looked.as_ref()), (sent, &mut watch)).await;
        match result {
            Ok(reply) => {
                heed(session, &reply.message);
                return Some(answer(scene, (reply, looked), request, (subject, name)).await);
            }
            Err(Failure::Stale(stale)) => call = stale.into_call(),
            Err(failure) => return failure.answer(request).map(Answer::plain),
        }
    }
    Some(unsettled().answer(request, subject, name))
}

/// What its client hears of a call without a permit; or the call, to be decided again.
async fn unpermitted(
    scene: Scene<'_>,
    why: Unpermitted,
    (request, subject, name): (&Request, Subject, &str),
    (hold, watch, came): (&mut Hold, &mut Watch, Instant),
) -> ControlFlow<Option<Answer>, Call> {
    // People's time is not the gate's.
    let took = came.elapsed().saturating_sub(hold.take_time());
    ControlFlow::Break(match why {
        Unpermitted::Again(back) => return ControlFlow::Continue(back),
        Unpermitted::Asked(asked) => {
            watch.denied(scene.snapshot, &asked.0, took);
            Some(asked.1)
        }
        Unpermitted::Denied(denial) => {
            watch.denied(scene.snapshot, &denial, took);
            hold.settle(scene.gate, &denial).await;
            Some(denial.answer(request, subject, name))
        }
        Unpermitted::Gone | Unpermitted::Owed(_) => None,
        Unpermitted::Stale(back) => {
            scene.gate.newer_than(scene.snapshot).await;
            return ControlFlow::Continue(back);
        }
    })
}

/// A server's answer, as far as its client may have it.
async fn answer(
    scene: Scene<'_>,
    (reply, looked): (Reply, Option<Looked>),
    request: &Request,
    (subject, name): (Subject, &str),
) -> Answer {
    let status = reply.http_status(request.era);
    match asked_back::answer(scene.gate, scene.source, reply.message).await {
        Ok(message) => match looked {
            Some(looked) => looked.apply(message, request, (subject, name), status),
            None => Answer { bytes: clean(message), status },
        },
        Err(denial) => denial.answer(request, subject, name),
    }
}

/// What a decision is made on.
fn facts(
    session: &Session,
    message: Message,
    (subject, name, arguments): (Subject, String, Option<NodeId>),
) -> Call {
    Call {
        caller: Arc::clone(&session.gate.caller),
        subject,
        name,
        message: message.into_document(),
        arguments,
        definition: Definition::Unknown,
        time_ms: clock::wall_ms(),
    }
}

/// Denies a call before a policy is asked. The record has it like any other.
pub(crate) async fn refuse(
    session: &Session,
    request: &Request,
    message: Message,
    denial: Denial,
) -> Option<Answer> {
    let Asked { subject, names, arguments } = Asked::of(&message)?;
    let name = names.into_iter().next()?;
    let mut call = facts(session, message, (subject, name.clone(), arguments));
    let client = session.client();
    let source = Source { client: client.as_deref(), trace: request.trace.id() };
    let mut watch = Watch::begin(session, request, &call);
    for _ in 0..ATTEMPTS_MAX {
        let snapshot = session.gate.snapshot();
        let (told, came) = (denial.clone(), Instant::now());
        match enforce::refuse(&session.gate, &snapshot, source, call, told).await {
            Unpermitted::Denied(denial) => {
                watch.denied(&snapshot, &denial, came.elapsed());
                return Some(denial.answer(request, subject, &name));
            }
            Unpermitted::Again(back) => call = back,
            Unpermitted::Asked(_) | Unpermitted::Gone | Unpermitted::Owed(_) => return None,
            Unpermitted::Stale(back) => {
                call = back;
                session.gate.newer_than(&snapshot).await;
            }
        }
    }
    Some(unsettled().answer(request, subject, &name))
}

/// What the policies say; then, for an allowed call of a tool, whether it still is what it was;
/// then what people say, if they are to be asked.
async fn permit(
    scene: Scene<'_>,
    call: Call,
    more: &[String],
    (hold, place): (&mut Hold, &mut Place),
) -> Result<Permit, Unpermitted> {
    let Scene { gate, snapshot, source, client } = scene;
    let Some(Client { session, .. }) = client else { return Err(Unpermitted::Gone) };
    let decision = decided(snapshot, call, more)?;
    if let Decision::Allow(allowed) = decision {
        let call = allowed.call();
        if call.subject == Subject::Tool
            && let Err(doubt) = pins::check(session, snapshot, call).await
        {
            return Err(doubt.of(session, snapshot, source, allowed.into_parts().0).await);
        }
        return match enforce(gate, snapshot, source, Decision::Allow(allowed)).await {
            Err(Unpermitted::Owed(owing)) => {
                // What the client sent behind it does not wait for people.
                place.turn = None;
                let definition = session.definitions.now(session, &owing.call).await;
                // Boxed: a call that needs nobody's yes has no room set aside for it.
                Box::pin(approval::pass(scene, (*owing, definition), hold)).await
            }
            done => done,
        };
    }
    let looks_hidden = looks_hidden(session, snapshot, &decision).await;
    let permit = enforce(gate, snapshot, source, decision).await;
    permit.map_err(|unpermitted| match unpermitted {
        Unpermitted::Denied(denial) if looks_hidden => denial.into_hidden().into(),
        other => other,
    })
}

/// Where a policy hides tools, one that the server does not have is answered like a hidden one:
/// else who asks for names finds out which of them are hidden.
async fn looks_hidden(session: &Session, snapshot: &Snapshot, decision: &Decision) -> bool {
    let Decision::Deny(denied) = decision else { return false };
    let unlisted = denied.call.subject == Subject::Tool && denied.reason.code == Code::DefaultDeny;
    unlisted
        && snapshot.policy.omits_any(Subject::Tool)
        && session.definitions.told(session, &denied.call, Trust::Kept).await == Told::Absent
}

/// Appends the outcome. What was not sent costs nothing.
async fn close(
    session: &Session,
    opened: &Opened,
    (result, looked): (&Result<Reply, Failure>, Option<&Looked>),
    (sent, watch): (Instant, &mut Watch),
) {
    let (outcome, refund) = match result {
        Ok(_) if looked.is_some() => (looked.map_or(Outcome::Flagged, Looked::outcome), false),
        Ok(reply) => (outcome(&reply.message), false),
        Err(Failure::Left) => (Outcome::Cancelled, false),
        Err(Failure::Lost(_)) => (Outcome::Disconnected, false),
        // Whether it was sent is not certain, so what it spent stays spent.
        Err(Failure::TimedOut(_)) => (Outcome::TimedOut, false),
        Err(Failure::Cancelled | Failure::Held(_) | Failure::Stale(_) | Failure::Unsent(_)) => {
            (Outcome::NotSent, true)
        }
    };
    let took = sent.elapsed();
    watch.ended(session, outcome, result, took);
    let duration_us = u64::try_from(took.as_micros()).unwrap_or(u64::MAX);
    // A log that cannot be written stops the next admission; this call has happened.
    let findings = looked.map(Looked::ids).unwrap_or_default();
    let _ = session.gate.store.close_with(opened, (outcome, findings), duration_us, refund).await;
}

fn outcome(reply: &Message) -> Outcome {
    if reply.error().is_some() {
        return Outcome::ProtocolError;
    }
    let failed = reply.result().and_then(|r| r.get("isError")?.as_bool()).unwrap_or(false);
    if failed { Outcome::ToolError } else { Outcome::Answered }
}

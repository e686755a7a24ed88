//! What a server asks of the client: decided before the client sees it.

use std::sync::Arc;
use std::time::Instant;

use toolgate_json::{Document, NodeId, Value};
use toolgate_policy::{Call, Definition, Subject};
use toolgate_protocol::{Message, Side};
use toolgate_store::{Opened, Outcome};

use crate::clock;
use crate::denial::Denial;
use crate::enforce::{Permit, Unpermitted};
use crate::gate::Gate;
use crate::judge::{ATTEMPTS_MAX, judge, unsettled};
use crate::record::Source;

/// What a server asked and the client has yet to answer.
#[derive(Debug)]
pub(crate) enum Awaited {
    Recorded(Open),
    /// No policy has a say in it, or the server no longer waits.
    Unrecorded,
}

/// A record to be closed.
#[derive(Debug)]
pub(crate) struct Open {
    opened: Arc<Opened>,
    since: Instant,
}

impl Open {
    fn new(opened: Arc<Opened>) -> Self {
        Self { opened, since: Instant::now() }
    }

    /// Appends the outcome.
    pub(crate) async fn close(self, gate: &Gate, outcome: Outcome) {
        let duration_us = u64::try_from(self.since.elapsed().as_micros()).unwrap_or(u64::MAX);
        // A log that cannot be written stops the next admission; this has happened.
        let _ = gate.store.close(&self.opened, outcome, duration_us, false).await;
    }
}

/// One request of the server, on its way to the client if it is allowed.
pub(crate) async fn request(gate: &Arc<Gate>, message: Message) -> Result<(Message, Open), Denial> {
    let method = message.method().unwrap_or_default().into_owned();
    let params = message.params().map(Value::id);
    let permit =
        decide(gate, Source::default(), call(gate, message.into_document(), method, params))
            .await?;
    let open = Open::new(permit.opened());
    Ok((again(permit.into_call().message)?, open))
}

/// The requests inside a server's answer (MRTR of MCP 2026-07-28): if one is denied, the whole
/// answer is. What the client says to them comes with another call.
pub(crate) async fn answer(
    gate: &Arc<Gate>,
    source: Source<'_>,
    reply: Message,
) -> Result<Message, Denial> {
    if !gate.snapshot().policy.decides(Subject::ServerRequest) && !gate.is_frozen() {
        return Ok(reply);
    }
    let Some(requests) = reply.input_requests() else {
        let text = "what the server asks in its answer can be read in two ways";
        return Err(Denial::new("ambiguous_argument", text));
    };
    if requests.is_empty() {
        return Ok(reply);
    }
    let mut document = reply.into_document();
    for (method, params) in requests {
        let permit = decide(gate, source, call(gate, document, method, params)).await?;
        Open::new(permit.opened()).close(gate, Outcome::Answered).await;
        document = permit.into_call().message;
    }
    again(document)
}

async fn decide(gate: &Arc<Gate>, source: Source<'_>, mut call: Call) -> Result<Permit, Denial> {
    for _ in 0..ATTEMPTS_MAX {
        let snapshot = gate.snapshot();
        match judge(gate, &snapshot, source, call, &[]).await {
            Ok(permit) => return Ok(permit),
            Err(Unpermitted::Again(back)) => call = back,
            Err(Unpermitted::Denied(denial)) => return Err(denial),
            Err(Unpermitted::Asked(_) | Unpermitted::Gone | Unpermitted::Owed(_)) => {
                return Err(unsettled());
            }
            Err(Unpermitted::Stale(back)) => {
                call = back;
                gate.newer_than(&snapshot).await;
            }
        }
    }
    Err(unsettled())
}

fn call(gate: &Gate, message: Document, name: String, arguments: Option<NodeId>) -> Call {
    Call {
        caller: Arc::clone(&gate.caller),
        subject: Subject::ServerRequest,
        name,
        message,
        arguments,
        definition: Definition::Unknown,
        time_ms: clock::wall_ms(),
    }
}

/// The same message, read again.
fn again(document: Document) -> Result<Message, Denial> {
    Message::of(document, Side::Server)
        .map_err(|_| Denial::new("internal", "the server's message cannot be read again"))
}

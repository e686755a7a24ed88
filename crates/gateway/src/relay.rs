//! What goes upstream without being a call: only the method table lets it.

use std::sync::Arc;

use toolgate_json::Document;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::{Message, Side, answer};

use crate::asked_back::Awaited;
use crate::denial::Denial;
use crate::enforce::Permit;
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::subject::Say;
use crate::upstream::Failure;

/// A message that the method table relays or filters. Nothing else makes one.
#[derive(Debug)]
pub(crate) struct Relay {
    message: Message,
    /// Whose freeze stops it; nothing for what passes all the same.
    gate: Option<Arc<Gate>>,
}

impl Relay {
    /// A request or a notification; gives it back where the table says otherwise.
    pub(crate) fn of(message: Message) -> Result<Self, Message> {
        let method = message.method().unwrap_or_default();
        match treatment(Side::Client, message.kind(), &method) {
            Treatment::Filter | Treatment::Relay => Ok(Self::passing(message)),
            Treatment::Decide | Treatment::DecideOrRelay | Treatment::Refuse => Err(message),
        }
    }

    /// The same, and what a policy may decide, if the policies in force have no say in it.
    pub(crate) fn undecided(message: Message, gate: &Arc<Gate>) -> Result<Self, Message> {
        let method = message.method().unwrap_or_default();
        let treatment = treatment(Side::Client, message.kind(), &method);
        match (treatment, Say::of(gate, &message)) {
            (Treatment::DecideOrRelay, Say::None) => {
                let names_nothing = message.subjects().is_some_and(|named| named.is_empty());
                let gate = (!names_nothing).then(|| Arc::clone(gate));
                Ok(Self { message, gate })
            }
            (Treatment::DecideOrRelay, Say::Decide(_) | Say::Unclear) => Err(message),
            (_, _) => Self::of(message),
        }
    }

    /// The client's response, if the server behind this inbox asked for it, and what it answers.
    pub(crate) fn response(message: Message, inbox: &Inbox) -> Option<(Self, Awaited)> {
        let awaited = inbox.answers(&message)?;
        Some((Self::passing(message), awaited))
    }

    /// Our own word to a server that asked for what a policy denies. It hears no more of the
    /// policy.
    pub(crate) fn denial(id_raw: &[u8], denial: &Denial) -> Option<Self> {
        let reference = denial.decision_id.as_ref().map(|id| format!(" (ref {id})"));
        let text = format!("denied by a policy of the client{}", reference.unwrap_or_default());
        let error = answer::error(Some(id_raw), answer::POLICY_DENIED, &text, None);
        Some(Self::passing(Message::read(error, Side::Client).ok()?))
    }

    /// Our own answer to a server that asks whether anybody is there.
    pub(crate) fn pong(request: &Message) -> Option<Self> {
        let id = request.id().filter(|_| request.is_method("ping"))?.raw();
        let pong = answer::result(id, b"{}");
        Some(Self::passing(Message::read(pong, Side::Client).ok()?))
    }

    /// Our own word to a server that asked for what the method table refuses.
    pub(crate) fn refusal(request: &Message) -> Option<Self> {
        let text = format!("Method not found: {}", request.method()?);
        let error = answer::error(Some(request.id()?.raw()), answer::METHOD_NOT_FOUND, &text, None);
        Some(Self::passing(Message::read(error, Side::Client).ok()?))
    }

    fn passing(message: Message) -> Self {
        Self { message, gate: None }
    }

    /// Whether it may leave still.
    fn is_fresh(&self) -> bool {
        self.gate.as_ref().is_none_or(|gate| !gate.is_frozen())
    }

    pub(crate) fn message(&self) -> &Message {
        &self.message
    }
}

/// The only two things an upstream accepts.
#[derive(Debug)]
pub(crate) enum Outbound {
    Permit(Permit),
    Relay(Relay),
}

impl Outbound {
    /// Whether sending may start now.
    pub(crate) fn is_fresh(&self) -> bool {
        match self {
            Self::Permit(permit) => permit.is_fresh(),
            Self::Relay(relay) => relay.is_fresh(),
        }
    }

    /// What becomes of it once it may not leave any more.
    pub(crate) fn into_failure(self) -> Failure {
        match self {
            Self::Permit(permit) => Failure::Stale(Box::new(permit)),
            Self::Relay(relay) => Failure::Held(Box::new(relay.message)),
        }
    }

    pub(crate) fn document(&self) -> &Document {
        match self {
            Self::Permit(permit) => permit.document(),
            Self::Relay(relay) => relay.message().document(),
        }
    }
}

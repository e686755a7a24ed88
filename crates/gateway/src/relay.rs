//! What goes upstream without being a call: only the method table lets it.

use toolgate_json::Document;
use toolgate_policy::Layers;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::{Message, Side, answer};

use crate::asked_back::Awaited;
use crate::denial::Denial;
use crate::enforce::Permit;
use crate::inbox::Inbox;
use crate::subject::Say;

/// A message that the method table relays or filters. Nothing else makes one.
#[derive(Debug)]
pub(crate) struct Relay {
    message: Message,
}

impl Relay {
    /// A request or a notification; gives it back where the table says otherwise.
    pub(crate) fn of(message: Message) -> Result<Self, Message> {
        let method = message.method().unwrap_or_default();
        match treatment(Side::Client, message.kind(), &method) {
            Treatment::Filter | Treatment::Relay => Ok(Self { message }),
            Treatment::Decide | Treatment::DecideOrRelay | Treatment::Refuse => Err(message),
        }
    }

    /// The same, and what a policy may decide, if these policies have no say in it.
    pub(crate) fn undecided(message: Message, policy: &Layers) -> Result<Self, Message> {
        let method = message.method().unwrap_or_default();
        let treatment = treatment(Side::Client, message.kind(), &method);
        match (treatment, Say::of(policy, &message)) {
            (Treatment::DecideOrRelay, Say::None) => Ok(Self { message }),
            (Treatment::DecideOrRelay, Say::Decide(_) | Say::Unclear) => Err(message),
            (_, _) => Self::of(message),
        }
    }

    /// The client's response, if the server behind this inbox asked for it, and what it answers.
    pub(crate) fn response(message: Message, inbox: &Inbox) -> Option<(Self, Awaited)> {
        let awaited = inbox.answers(&message)?;
        Some((Self { message }, awaited))
    }

    /// Our own word to a server that asked for what a policy denies. It hears no more of the
    /// policy.
    pub(crate) fn denial(id_raw: &[u8], denial: &Denial) -> Option<Self> {
        let reference = denial.decision_id.as_ref().map(|id| format!(" (ref {id})"));
        let text = format!("denied by a policy of the client{}", reference.unwrap_or_default());
        let error = answer::error(Some(id_raw), answer::POLICY_DENIED, &text, None);
        Some(Self { message: Message::read(error, Side::Client).ok()? })
    }

    /// Our own answer to a server that asks whether anybody is there.
    pub(crate) fn pong(request: &Message) -> Option<Self> {
        let id = request.id().filter(|_| request.is_method("ping"))?.raw();
        let pong = answer::result(id, b"{}");
        Some(Self { message: Message::read(pong, Side::Client).ok()? })
    }

    /// Our own word to a server that asked for what the method table refuses.
    pub(crate) fn refusal(request: &Message) -> Option<Self> {
        let text = format!("Method not found: {}", request.method()?);
        let error = answer::error(Some(request.id()?.raw()), answer::METHOD_NOT_FOUND, &text, None);
        Some(Self { message: Message::read(error, Side::Client).ok()? })
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
    pub(crate) fn document(&self) -> &Document {
        match self {
            Self::Permit(permit) => permit.document(),
            Self::Relay(relay) => relay.message().document(),
        }
    }
}

//! What goes upstream without being a call: only the method table lets it.

use toolgate_json::Document;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::{Message, Side, answer};

use crate::enforce::Permit;
use crate::inbox::Inbox;

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
            Treatment::DecideOrRelay | Treatment::Filter | Treatment::Relay => Ok(Self { message }),
            Treatment::Decide | Treatment::Refuse => Err(message),
        }
    }

    /// The client's response, if the server behind this inbox asked for it.
    pub(crate) fn response(message: Message, inbox: &Inbox) -> Option<Self> {
        inbox.answers(&message).then_some(Self { message })
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

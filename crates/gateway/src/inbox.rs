//! What a server says that is not an answer.

use std::collections::HashSet;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, PoisonError};

use bytes::Bytes;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::{Id, Message, MessageKind, Side, meta};

use crate::outbox::Outbox;
use crate::relay::Relay;

/// One server connection's way to the client, for everything but answers.
#[derive(Debug)]
pub(crate) struct Inbox {
    /// For what belongs to no request.
    unsolicited: Outbox,
    /// Requests of the server that the client has yet to answer.
    asked: Mutex<HashSet<Id>>,
    /// How often the server said that its tools changed.
    tools_changed: AtomicU64,
}

/// Requests of a server that may wait for the client at the same time.
const ASKED_MAX: usize = 1024;

impl Inbox {
    pub(crate) fn new(unsolicited: Outbox) -> Self {
        let asked = Mutex::default();
        Self { unsolicited, asked, tools_changed: AtomicU64::new(0) }
    }

    /// Passes on a request or a notification of the server, to the request it is `about` where
    /// that is known. What the method table refuses goes no further; a refused request has an
    /// answer, given back here.
    pub(crate) async fn take(&self, message: Message, about: Option<&Outbox>) -> Option<Relay> {
        let method = message.method().unwrap_or_default().into_owned();
        let treatment = treatment(Side::Server, message.kind(), &method);
        let known = matches!(treatment, Treatment::DecideOrRelay | Treatment::Relay);
        let request = message.kind() == MessageKind::Request;
        if !known || (request && !self.expect(&message)) {
            return Relay::refusal(&message);
        }
        if method == "notifications/tools/list_changed" {
            self.tools_changed.fetch_add(1, Ordering::AcqRel);
        }
        about.unwrap_or(&self.unsolicited).aside(clean(message)).await;
        None
    }

    /// Whether the client's response answers something this server asked; true once.
    pub(crate) fn answers(&self, response: &Message) -> bool {
        let id = response.id_key();
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        id.is_some_and(|id| asked.remove(&id))
    }

    pub(crate) fn tools_changed(&self) -> u64 {
        self.tools_changed.load(Ordering::Acquire)
    }

    fn expect(&self, request: &Message) -> bool {
        let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
        let Some(id) = request.id_key() else { return false };
        asked.len() < ASKED_MAX && asked.insert(id)
    }
}

/// The message without what only the gate may say.
pub(crate) fn clean(message: Message) -> Bytes {
    let document = message.into_document();
    meta::strip_reserved(&document).unwrap_or_else(|| document.bytes().clone())
}

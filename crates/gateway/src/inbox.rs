//! What a server says that is not an answer.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use bytes::Bytes;
use toolgate_policy::Subject;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::{Id, Message, MessageKind, Side, meta};
use toolgate_store::Outcome;

use crate::asked_back::{self, Awaited};
use crate::gate::Gate;
use crate::outbox::Outbox;
use crate::relay::Relay;

/// One server connection's way to the client, for everything but answers.
#[derive(Debug)]
pub(crate) struct Inbox {
    gate: Arc<Gate>,
    /// For what belongs to no request.
    unsolicited: Outbox,
    /// Requests of the server that the client has yet to answer, with their records.
    asked: Mutex<HashMap<Id, Awaited>>,
    /// How often the server said that its tools changed.
    tools_changed: AtomicU64,
}

/// Requests of a server that may wait for the client at the same time.
const ASKED_MAX: usize = 1024;

impl Inbox {
    pub(crate) fn new(gate: Arc<Gate>, unsolicited: Outbox) -> Self {
        let asked = Mutex::default();
        Self { gate, unsolicited, asked, tools_changed: AtomicU64::new(0) }
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
        let decides =
            || self.gate.is_frozen() || self.gate.snapshot().policy.decides(Subject::ServerRequest);
        if treatment == Treatment::DecideOrRelay && decides() {
            return self.decide(message, about).await;
        }
        if method == "notifications/cancelled" {
            self.withdraw(&message).await;
        }
        if method == "notifications/tools/list_changed" {
            self.tools_changed.fetch_add(1, Ordering::AcqRel);
        }
        if self.may_be_told(&message, about) {
            about.unwrap_or(&self.unsolicited).aside(clean(message)).await;
        }
        None
    }

    /// Who subscribed to a resource hears of it only as long as the policy shows it.
    fn may_be_told(&self, message: &Message, about: Option<&Outbox>) -> bool {
        if !message.is_method("notifications/resources/updated") {
            return true;
        }
        let gate = about.and_then(Outbox::gate).unwrap_or(&self.gate);
        let policy = &gate.snapshot().policy;
        let uri = message.params().and_then(|params| params.get("uri")?.as_str());
        match uri {
            Some(uri) => !policy.omits(Subject::Resource, &uri),
            None => !policy.omits_any(Subject::Resource),
        }
    }

    /// Passes on what the policy allows. A denied request has an answer, given back here.
    async fn decide(&self, message: Message, about: Option<&Outbox>) -> Option<Relay> {
        let (id, id_raw) = (message.id_key()?, message.id()?.raw().to_vec());
        match asked_back::request(&self.gate, message).await {
            Ok((message, open)) => {
                self.asked().insert(id, Awaited::Recorded(open));
                about.unwrap_or(&self.unsolicited).aside(clean(message)).await;
                None
            }
            Err(denial) => {
                self.asked().remove(&id);
                Relay::denial(&id_raw, &denial)
            }
        }
    }

    /// The server no longer waits for an answer, should it come.
    async fn withdraw(&self, cancelled: &Message) {
        let id = cancelled.params().and_then(|params| params.get("requestId")).and_then(Id::read);
        let taken = |awaited: &mut Awaited| std::mem::replace(awaited, Awaited::Unrecorded);
        let awaited = id.and_then(|id| self.asked().get_mut(&id).map(taken));
        if let Some(Awaited::Recorded(open)) = awaited {
            open.close(&self.gate, Outcome::Cancelled).await;
        }
    }

    /// What the client's response answers, if this server asked it; once.
    pub(crate) fn answers(&self, response: &Message) -> Option<Awaited> {
        self.asked().remove(&response.id_key()?)
    }

    /// What the server is called.
    pub(crate) fn server(&self) -> &str {
        &self.gate.caller.server
    }

    pub(crate) fn tools_changed(&self) -> u64 {
        self.tools_changed.load(Ordering::Acquire)
    }

    fn expect(&self, request: &Message) -> bool {
        let mut asked = self.asked();
        let Some(id) = request.id_key() else { return false };
        let free = asked.len() < ASKED_MAX && !asked.contains_key(&id);
        if free {
            asked.insert(id, Awaited::Unrecorded);
        }
        free
    }

    fn asked(&self) -> MutexGuard<'_, HashMap<Id, Awaited>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The message without what only the gate may say.
pub(crate) fn clean(message: Message) -> Bytes {
    let document = message.into_document();
    meta::strip_reserved(&document).unwrap_or_else(|| document.bytes().clone())
}

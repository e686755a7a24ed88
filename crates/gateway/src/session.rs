//! One client connection and the server connection behind it.

mod guest;
pub(crate) mod list;
pub(crate) mod turn;

use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use bytes::Bytes;
use hashbrown::HashMap;
use toolgate_protocol::elicitation::Abilities;
use toolgate_protocol::list::List;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::version::{self, Version};
use toolgate_protocol::{Era, Id, Message, MessageKind, Refusal, Side, answer, batch};
use toolgate_store::Outcome;

use crate::asked_back::{self, Awaited};
use crate::call::{self, Place};
use crate::deadline::Deadline;
use crate::definitions::Definitions;
use crate::denial::Denial;
use crate::gate::Gate;
use crate::inbox::{Inbox, clean};
use crate::judge::unsettled;
use crate::outbox::{Answer, Outbox};
use crate::record::Source;
use crate::relay::{Outbound, Relay};
use crate::request::Work;
use crate::request::flag::Flag;
use crate::request::{Request, Sending};
use crate::session::turn::Turns;
use crate::subject::{Asked, Say, unclear};
use crate::trace::Trace;
use crate::upstream::{Failure, Pending, Reply, Upstream};
use crate::ways::{self, Line};

use guest::Course;
pub(crate) use guest::Guest;

#[derive(Debug)]
pub(crate) struct Session {
    pub(crate) gate: Arc<Gate>,
    pub(crate) upstream: Arc<Upstream>,
    pub(crate) inbox: Arc<Inbox>,
    pub(crate) definitions: Arc<Definitions>,
    /// Requests that the client waits for.
    open: Mutex<HashMap<Id, Arc<Request>>>,
    /// What the client calls itself: a label, no identity.
    client: Mutex<Option<Arc<str>>>,
    /// Whether the negotiated version has JSON-RPC batches.
    batches: AtomicBool,
    turns: Turns,
    /// The client has closed its side: nobody is waited for on its behalf.
    left: Flag,
    /// `Mcp-Param-*` as they came; nothing for a client without headers.
    mirrored: Option<Vec<(String, Vec<u8>)>>,
    /// Of a legacy client whose connection to the server is also that of others.
    guest: Option<Guest>,
    /// To whoever sits in front of a legacy client.
    pub(crate) line: Line,
}

/// Requests of one client that may be in flight at the same time.
const OPEN_MAX: usize = 1024;
const LABEL_CHARS_MAX: usize = 128;

impl Session {
    pub(crate) fn new(gate: Arc<Gate>, upstream: Arc<Upstream>, inbox: Arc<Inbox>) -> Self {
        let definitions = Arc::default();
        let (open, client) = (Mutex::default(), Mutex::default());
        let batches = AtomicBool::new(false);
        Self {
            gate,
            upstream,
            inbox,
            definitions,
            open,
            client,
            batches,
            turns: Turns::default(),
            left: Flag::default(),
            mirrored: None,
            guest: None,
            line: Line::default(),
        }
    }

    /// Over a shared connection definitions are shared too.
    pub(crate) fn with_definitions(self, definitions: Arc<Definitions>) -> Self {
        Self { definitions, ..self }
    }

    /// Over a connection that others use too.
    pub(crate) fn with_guest(self, guest: Guest) -> Self {
        Self { guest: Some(guest), ..self }
    }

    /// With headers that the client wrote from the arguments of its one request.
    pub(crate) fn with_mirrored(self, mirrored: Vec<(String, Vec<u8>)>) -> Self {
        Self { mirrored: Some(mirrored), ..self }
    }

    /// Takes one message of the client. Returns once a message that only passes through has its
    /// place in the queue, so that those keep their order; answers come through `replies`. Gives
    /// the request if the message is one: it is answered, and be it by a refusal.
    pub(crate) async fn take(
        self: &Arc<Self>,
        message: Message,
        replies: Outbox,
        sending: Sending,
    ) -> Option<Arc<Request>> {
        self.begin(message, replies, sending).await.map(|(request, _goes_on)| request)
    }

    /// The same for whoever waits for nothing else, and thus can do the work.
    pub(crate) async fn begin(
        self: &Arc<Self>,
        message: Message,
        replies: Outbox,
        sending: Sending,
    ) -> Option<(Arc<Request>, Work)> {
        self.note_client(&message);
        match message.kind() {
            MessageKind::Request => return self.ask(message, replies, sending).await,
            MessageKind::Response => {
                self.respond(message).await;
            }
            MessageKind::Notification => self.notify(message).await,
        }
        None
    }

    pub(crate) fn client(&self) -> Option<Arc<str>> {
        self.client.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// One message, or the messages of a batch where the negotiated version has batches.
    pub(crate) fn split(&self, text: &Bytes) -> Result<Vec<Bytes>, Refusal> {
        split(text, self.batches.load(Ordering::Acquire))
    }

    /// Denies a call before a policy is asked; that is recorded all the same.
    pub(crate) async fn refuse(
        &self,
        request: &Request,
        message: Message,
        denial: Denial,
    ) -> Option<Answer> {
        self.note_client(&message);
        call::refuse(self, request, message, denial).await
    }

    /// The client's answer to what the server asked.
    async fn respond(&self, message: Message) {
        let Some(message) = self.line.take(message) else { return };
        let failed = message.error().is_some();
        let outcome = if failed { Outcome::ProtocolError } else { Outcome::Answered };
        if self.guest.is_some() {
            // Nobody was asked.
            return;
        }
        let Some((relay, awaited)) = Relay::response(message, &self.inbox) else { return };
        if let Awaited::Recorded(open) = awaited {
            open.close(&self.gate, outcome).await;
        }
        self.upstream.tell(relay).await;
    }

    async fn notify(&self, message: Message) {
        if message.is_method("notifications/cancelled") {
            self.cancel(&message);
        }
        // Its words would be taken for everybody's, its ids for others'.
        if self.guest.is_some() {
            return;
        }
        if let Ok(relay) = Relay::of(message) {
            self.upstream.tell(relay).await;
        }
    }

    async fn ask(
        self: &Arc<Self>,
        message: Message,
        replies: Outbox,
        sending: Sending,
    ) -> Option<(Arc<Request>, Work)> {
        let trace = Trace::of(&message, replies.heard(), self.gate.exporter.is_on());
        let lasts = message.is_method("subscriptions/listen");
        let replies = if lasts { replies.under(&self.gate) } else { replies };
        let (message, returned) = ways::take(&self.gate, message);
        let request = Request::of(&message, replies)?.with_mirrored(self.mirrored.clone());
        let request = Arc::new(request.with_trace(trace).with_returned(returned));
        if let Err(refusal) = self.open(&request) {
            request.settle();
            request.replies.answer(Answer::plain(refusal)).await;
            return Some((request, Work::default()));
        }
        if let Some(answer) = self.received(&message, &request) {
            let work = self.settle(&request, Some(answer)).await;
            return Some((request, work));
        }
        let method = message.method().unwrap_or_default().into_owned();
        let work = match treatment(Side::Client, MessageKind::Request, &method) {
            Treatment::Decide => match Asked::of(&message) {
                Some(asked) => self.decide(message, asked, Arc::clone(&request), sending),
                None => self.settle(&request, Some(unclear(&request))).await,
            },
            Treatment::DecideOrRelay => match Say::of(&self.gate, &message) {
                Say::Decide(asked) => self.decide(message, asked, Arc::clone(&request), sending),
                Say::None => self.relay(message, Arc::clone(&request), sending).await,
                Say::Unclear => self.settle(&request, Some(unclear(&request))).await,
            },
            Treatment::Filter | Treatment::Relay => {
                self.relay(message, Arc::clone(&request), sending).await
            }
            Treatment::Refuse => {
                let text = format!("Method not found: {method}");
                let bytes =
                    answer::error(Some(&request.id_raw), answer::METHOD_NOT_FOUND, &text, None);
                // MCP 2026-07-28, streamable HTTP: the body tells this 404 from a missing endpoint.
                let status = (request.era == Era::Modern).then_some(404);
                self.settle(&request, Some(Answer { bytes, status })).await
            }
        };
        Some((request, work))
    }

    /// What a guest hears without the server being asked.
    fn received(&self, message: &Message, request: &Request) -> Option<Answer> {
        match self.guest.as_ref()?.course(message, request) {
            Course::Answered(introduction) => {
                self.note_version(&introduction);
                Some(Answer::plain(clean(introduction)))
            }
            Course::On => None,
            Course::Refused(bytes) => Some(Answer::plain(bytes)),
        }
    }

    /// The client has closed its side.
    pub(crate) fn leave(&self) {
        self.left.raise();
        self.line.close();
    }

    /// Resolves once the client has closed its side.
    pub(crate) async fn left(&self) {
        self.left.raised().await;
    }

    /// Nothing more will come from the client.
    pub(crate) async fn close(&self) {
        self.leave();
        if self.guest.is_none() {
            return self.upstream.close(Duration::ZERO).await;
        }
        let open: Vec<_> = self.requests().values().cloned().collect();
        for request in &open {
            self.abandon(request);
        }
    }

    fn decide(
        self: &Arc<Self>,
        message: Message,
        asked: Asked,
        request: Arc<Request>,
        sending: Sending,
    ) -> Work {
        let session = Arc::clone(self);
        let place = Place { sending, turn: Some(self.turns.take()) };
        Work::new(Arc::clone(&request), async move {
            let answer = call::call(&session, &request, message, (asked, place)).await;
            session.forget(&request);
            answer
        })
    }

    async fn relay(
        self: &Arc<Self>,
        message: Message,
        request: Arc<Request>,
        sending: Sending,
    ) -> Work {
        let Ok(relay) = Relay::undecided(message, &self.gate) else {
            // A policy that came in between has a say: it is asked at the next try.
            return self
                .settle(&request, Some(Answer::plain(unsettled().error(&request.id_raw))))
                .await;
        };
        let passing = Passing::of(relay.message());
        let outbound = Outbound::Relay(relay);
        let deadline = match passing {
            Passing::Subscription => Deadline::NONE,
            _ => Deadline::after(self.gate.request_timeout),
        };
        let started = deadline.start(self, outbound, &request, sending).await;
        let session = Arc::clone(self);
        Work::new(Arc::clone(&request), async move {
            let result = match started {
                Ok(pending) => deadline.reply(&session, &request, pending).await,
                Err(failure) => Err(failure),
            };
            let answer = match result {
                Ok(reply) => Some(session.passed(reply, passing, &request).await),
                Err(Failure::Held(message)) => {
                    let asked = Asked::of(&message).map(|asked| (asked, Place::default()));
                    match asked {
                        Some(asked) => call::call(&session, &request, *message, asked).await,
                        None => Some(unclear(&request)),
                    }
                }
                Err(failure) => failure.answer(&request).map(Answer::plain),
            };
            session.forget(&request);
            answer
        })
    }

    async fn passed(&self, reply: Reply, passing: Passing, request: &Request) -> Answer {
        let status = reply.http_status(request.era);
        let client = self.client();
        let source = Source { client: client.as_deref(), trace: request.trace.id() };
        let passed = asked_back::answer(&self.gate, source, reply.message).await;
        let message = match passed {
            Ok(message) => message,
            Err(denial) => return Answer::plain(denial.error(&request.id_raw)),
        };
        let bytes = match passing {
            Passing::Initialize => {
                self.note_version(&message);
                clean(message)
            }
            Passing::List(what) => list::filter(self, what, message).await,
            Passing::Other | Passing::Subscription => clean(message),
        };
        Answer { bytes, status }
    }

    /// The client left without waiting: what has not been sent is not sent any more, and the
    /// server hears of it.
    pub(crate) fn abandon(&self, request: &Request) {
        request.abandon();
        self.line.forget(&request.id);
        self.upstream.abandon(request);
    }

    /// Some request that the client waits for.
    pub(crate) fn any_open(&self) -> Option<Arc<Request>> {
        self.requests().values().next().cloned()
    }

    /// Answers at once: nothing is left to be done.
    async fn settle(&self, request: &Arc<Request>, answer: Option<Answer>) -> Work {
        self.forget(request);
        request.end(answer).await;
        Work::default()
    }

    /// The one place where a request ends.
    fn forget(&self, request: &Request) {
        self.requests().remove(&request.id);
        request.settle();
    }

    fn open(&self, request: &Arc<Request>) -> Result<(), Bytes> {
        let mut open = self.requests();
        let refusal = if open.contains_key(&request.id) {
            "a request with this id is already in flight"
        } else if open.len() >= OPEN_MAX {
            "too many requests in flight"
        } else {
            open.insert(request.id.clone(), Arc::clone(request));
            return Ok(());
        };
        Err(answer::error(Some(&request.id_raw), answer::INVALID_REQUEST, refusal, None))
    }

    fn cancel(&self, message: &Message) {
        let id = message.params().and_then(|p| p.get("requestId")).and_then(Id::read);
        if let Some(request) = id.and_then(|id| self.requests().get(&id).cloned()) {
            request.cancel();
            self.line.forget(&request.id);
            if self.guest.is_some() && request.is_sent() {
                self.upstream.abandon(&request);
            } else {
                self.upstream.withdraw(&request);
            }
        }
    }

    fn requests(&self) -> std::sync::MutexGuard<'_, HashMap<Id, Arc<Request>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn note_version(&self, initialized: &Message) {
        let version = version::negotiated(initialized).and_then(|v| Version::parse(&v));
        self.batches.store(version.is_some_and(Version::has_batches), Ordering::Release);
        self.line.settle(version);
    }

    fn note_client(&self, message: &Message) {
        let info = if message.is_method("initialize") {
            self.line.declare(Abilities::declared(message.document().root()));
            message.params().and_then(|params| params.get("clientInfo"))
        } else {
            message.meta().and_then(|meta| meta.get("io.modelcontextprotocol/clientInfo"))
        };
        let Some(name) = info.and_then(|info| info.get("name")?.as_str()) else { return };
        let mut client = self.client.lock().unwrap_or_else(PoisonError::into_inner);
        if client.as_deref() != Some(&*name) {
            *client = Some(name.chars().take(LABEL_CHARS_MAX).collect::<String>().into());
        }
    }
}

/// One message, or the messages of a batch where there may be one.
pub(crate) fn split(text: &Bytes, batches: bool) -> Result<Vec<Bytes>, Refusal> {
    match batch(text)? {
        None => Ok(vec![text.clone()]),
        Some(messages) if batches => Ok(messages),
        Some(_) => Err(Refusal {
            code: answer::INVALID_REQUEST,
            text: "batches are not part of the negotiated protocol version".into(),
            id: None,
        }),
    }
}

/// What the gate does with the answer to a request that it does not decide.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Passing {
    Initialize,
    List(List),
    Other,
    /// It lasts as long as the client listens.
    Subscription,
}

impl Passing {
    fn of(message: &Message) -> Self {
        if let Some(list) = message.method().and_then(|method| List::of(&method)) {
            Self::List(list)
        } else if message.is_method("initialize") {
            Self::Initialize
        } else if message.is_method("subscriptions/listen") {
            Self::Subscription
        } else {
            Self::Other
        }
    }
}

/// Waits for what a started message brings.
pub(crate) async fn reply(started: Result<Pending, Failure>) -> Result<Reply, Failure> {
    started?.await
}

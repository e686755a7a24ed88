//! All servers of a grant as one: `/mcp`.
//!
//! A client's message goes to the server that its name begins with, through a session of that
//! server's own room, so that a call has the very life that it has at `/mcp/<server>`.

mod deliver;
mod hall;
mod inner;
mod introduce;
mod inward;
mod legacy;
mod listen;
mod lists;
mod own;
mod places;
mod questions;
mod reach;
mod route;
mod shadow;
mod table;

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::watch;
use toolgate_protocol::method::{Treatment, treatment};
use toolgate_protocol::version::Version;
use toolgate_protocol::{Era, Message, MessageKind, Refusal, Side, answer};

use crate::outbox::{Answer, Outbox};
use crate::request::Request;
use crate::session;

use inner::Inner;
use legacy::Legacy;
use places::Places;
use route::Route;
use table::Table;

pub(crate) use hall::{Hall, Opening, Rooms};

async fn tell(inner: Arc<Inner>, text: Bytes) {
    inner.tell(text).await;
}

/// One client at all servers of its grant.
#[derive(Debug)]
pub(super) struct Gathered {
    hall: Arc<Hall>,
    kind: Kind,
    places: Arc<Places>,
    table: Arc<Table>,
    ended: watch::Sender<bool>,
}

#[derive(Debug)]
enum Kind {
    Legacy(Arc<Legacy>),
    /// One request, with `Mcp-Param-*` as they came.
    Modern(Vec<(String, Vec<u8>)>),
}

impl Gathered {
    /// For one session; what belongs to no request goes to `unsolicited`.
    pub(super) fn legacy(hall: Arc<Hall>, unsolicited: Outbox) -> Self {
        let table = Arc::<Table>::default();
        let legacy = Legacy::new(Arc::clone(&hall), unsolicited, Arc::clone(&table));
        let kind = Kind::Legacy(Arc::new(legacy));
        Self { hall, kind, places: Arc::default(), table, ended: watch::channel(false).0 }
    }

    /// For one request.
    pub(super) fn modern(hall: Arc<Hall>, mirrored: Vec<(String, Vec<u8>)>) -> Self {
        let places = Arc::clone(&hall.places);
        let (kind, table) = (Kind::Modern(mirrored), Arc::default());
        Self { hall, kind, places, table, ended: watch::channel(false).0 }
    }

    /// Takes one message of the client, as [`session::Session::take`] does.
    pub(super) async fn take(
        self: &Arc<Self>,
        message: Message,
        replies: Outbox,
    ) -> Option<Arc<Request>> {
        match message.kind() {
            MessageKind::Request => return self.ask(message, replies).await,
            MessageKind::Response => self.answered(&message).await,
            MessageKind::Notification => self.notified(message).await,
        }
        None
    }

    pub(super) fn split(&self, text: &Bytes) -> Result<Vec<Bytes>, Refusal> {
        let version = self.as_legacy().and_then(|legacy| legacy.chosen());
        session::split(text, version.is_some_and(Version::has_batches))
    }

    pub(super) fn any_open(&self) -> Option<Arc<Request>> {
        self.table.any()
    }

    pub(super) fn abandon(&self, request: &Request) {
        request.abandon();
        self.table.abort(&request.id);
    }

    pub(super) fn close(&self) {
        if let Some(legacy) = self.as_legacy() {
            legacy.end();
        }
        self.table.end();
        self.ended.send_replace(true);
    }

    pub(super) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.subscribe()
    }

    fn era(&self) -> Era {
        match self.kind {
            Kind::Legacy(_) => Era::Legacy,
            Kind::Modern(_) => Era::Modern,
        }
    }

    fn as_legacy(&self) -> Option<&Arc<Legacy>> {
        match &self.kind {
            Kind::Legacy(legacy) => Some(legacy),
            Kind::Modern(_) => None,
        }
    }

    async fn ask(self: &Arc<Self>, message: Message, replies: Outbox) -> Option<Arc<Request>> {
        let request = Arc::new(Request::of(&message, replies)?);
        if let Err(why) = self.table.open(&request, &message) {
            request.settle();
            let refusal = answer::error(Some(&request.id_raw), answer::INVALID_REQUEST, why, None);
            request.replies.answer(Answer::plain(refusal)).await;
            return Some(request);
        }
        let method = message.method().unwrap_or_default();
        let route = match treatment(Side::Client, MessageKind::Request, &method) {
            Treatment::Refuse => Route::unknown(&method),
            Treatment::Decide | Treatment::DecideOrRelay | Treatment::Filter | Treatment::Relay => {
                Route::of(&message, self.era())
            }
        };
        // Calls keep their order where nothing is to be waited for.
        let Some(route) = self.hand_on(route, &request).await else { return Some(request) };
        let (gathered, asked) = (Arc::clone(self), Arc::clone(&request));
        let task = tokio::spawn(async move { gathered.run(route, message, asked).await });
        self.table.set_task(&request, task.abort_handle());
        Some(request)
    }

    /// Whatever must be waited for before there is an answer.
    async fn run(self: Arc<Self>, route: Route, message: Message, request: Arc<Request>) {
        let answer = match route {
            Route::Discover => self.discover(&message, &request).await,
            Route::Introduce => self.introduce(&message, &request).await,
            Route::Level => self.set_level(&message, &request).await,
            Route::List(kind) => self.list(kind, &message, &request).await,
            Route::Listen => return self.listen(message, &request).await,
            Route::Named { server, name, message } => {
                return self.named((&server, &name), message, &request).await;
            }
            Route::Pong => Answer::plain(answer::result(&request.id_raw, b"{}")),
            Route::Refuse { code, text } => self.error(&request, code, &text),
            Route::Task(task) => return self.to_task(&task, message, &request).await,
            Route::Uri(uri) => return self.to_uri(&uri, message, &request).await,
        };
        self.settle(&request, Some(answer)).await;
    }

    /// The client's response, to the server that asked.
    async fn answered(&self, response: &Message) {
        let asked = self.as_legacy().and_then(|legacy| legacy.questions.answer(response));
        if let Some((session, response)) = asked {
            let (nowhere, _) = Outbox::new();
            session.take(response, nowhere, None).await;
        }
    }

    async fn notified(&self, message: Message) {
        let Some(legacy) = self.as_legacy() else { return };
        let (nowhere, _) = Outbox::new();
        match message.method().unwrap_or_default().as_ref() {
            "notifications/initialized" => legacy.begin().await,
            "notifications/roots/list_changed" => {
                let text = message.bytes().clone();
                let tell = |inner: Arc<Inner>| tell(inner, text.clone());
                legacy.tell_all(tell).await;
            }
            "notifications/cancelled" => {
                if let Some(session) = self.table.cancel(&message) {
                    session.take(message, nowhere, None).await;
                }
            }
            "notifications/progress" => {
                if let Some((session, message)) = legacy.questions.progress(&message) {
                    session.take(message, nowhere, None).await;
                }
            }
            // Nothing says which server it is for.
            _ => {}
        }
    }

    fn error(&self, request: &Request, code: i32, text: &str) -> Answer {
        let bytes = answer::error(Some(&request.id_raw), code, text, None);
        let status = answer::http_status(code).filter(|_| self.era() == Era::Modern);
        Answer { bytes, status }
    }

    /// The one place where a request ends.
    async fn settle(&self, request: &Arc<Request>, answer: Option<Answer>) {
        self.table.remove(request);
        request.settle();
        request.end(answer).await;
    }
}

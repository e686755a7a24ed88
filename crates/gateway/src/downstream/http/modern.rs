//! Modern clients: no sessions, one server connection for all of a principal's requests.

use std::sync::Arc;

use hyper::{HeaderMap, Response, StatusCode};
use tokio::sync::{Mutex, watch};
use toolgate_protocol::version::Version;
use toolgate_protocol::{Era, Message, headers};

use crate::definitions::Definitions;
use crate::inbox::Inbox;
use crate::options::RunError;
use crate::outbox::Outbox;
use crate::session::Session;
use crate::upstream::{Process, Sharing, Upstream};

use super::body::Body;
use super::link::Link;
use super::post::{self, Waiting};
use super::respond;
use super::room::Room;

#[derive(Debug, Default)]
pub(super) struct Modern(Mutex<Option<Shared>>);

#[derive(Debug)]
struct Shared {
    upstream: Arc<Upstream>,
    definitions: Arc<Definitions>,
    inbox: Arc<Inbox>,
    process: Option<Process>,
    ended: watch::Receiver<bool>,
}

impl Modern {
    /// A session for one request, over the shared connection.
    async fn session(&self, room: &Room) -> Result<Session, RunError> {
        let mut slot = self.0.lock().await;
        let running = slot.take().filter(|shared| !*shared.ended.borrow());
        let shared = match running {
            Some(shared) => slot.insert(shared),
            None => slot.insert(Shared::connect(room)?),
        };
        let gate = Arc::clone(&room.gate);
        let Shared { upstream, definitions, inbox, .. } = shared;
        let session = Session::new(gate, Arc::clone(upstream), Arc::clone(inbox));
        Ok(session.with_definitions(Arc::clone(definitions)))
    }

    pub(super) async fn end(&self) {
        let Some(shared) = self.0.lock().await.take() else { return };
        shared.upstream.close(std::time::Duration::ZERO).await;
        if let Some(process) = shared.process {
            process.finish().await;
        }
    }
}

impl Shared {
    fn connect(room: &Room) -> Result<Self, RunError> {
        let (outbox, mut mail) = Outbox::new();
        // A modern server says nothing that belongs to no request; one that does is not heard.
        tokio::spawn(async move { while mail.recv().await.is_some() {} });
        let inbox = Arc::new(Inbox::new(Arc::clone(&room.gate), outbox));
        let (upstream, process) =
            room.connector.connect(&room.gate, Arc::clone(&inbox), Sharing::Shared)?;
        let ended = upstream.ended();
        let definitions = Arc::new(Definitions::default());
        Ok(Self { upstream: Arc::new(upstream), definitions, inbox, process, ended })
    }
}

/// Whether body or header says so; where they disagree, the request is refused as modern.
pub(super) fn is_modern(message: &Message, head: &HeaderMap) -> bool {
    let version = head.get(headers::PROTOCOL_VERSION).and_then(|version| version.to_str().ok());
    let modern = version.and_then(Version::parse).is_some_and(|v| v.era() == Era::Modern);
    modern || message.era() == Era::Modern
}

/// They are compared with the body once the tool's definition is known.
fn mirrored(head: &HeaderMap) -> Vec<(String, Vec<u8>)> {
    let params = head.iter().filter(|(name, _)| name.as_str().starts_with(headers::PARAM_PREFIX));
    params.map(|(name, value)| (name.as_str().to_owned(), value.as_bytes().to_vec())).collect()
}

pub(super) async fn post(room: &Room, head: &HeaderMap, message: Message) -> Response<Body> {
    let pairs = head.iter().map(|(name, value)| (name.as_str(), value.as_bytes()));
    if let Err(mismatch) = headers::check(&message, pairs) {
        return respond::json(
            StatusCode::BAD_REQUEST,
            mismatch.to_bytes(message.id().map(toolgate_json::Value::raw)),
        );
    }
    // Over HTTP a client cancels by closing the stream. On the wire of a shared server its id would
    // be that of somebody else's request.
    if message.is_method("notifications/cancelled") {
        return respond::accepted();
    }
    let session = match room.modern.session(room).await {
        Ok(session) => Arc::new(session.with_mirrored(mirrored(head))),
        Err(error) => return post::unreachable(&message, &error),
    };
    let (outbox, mail) = Outbox::new();
    let Some(request) = session.take(message, outbox, None).await else {
        return respond::accepted();
    };
    let link = Link::new(Arc::clone(&session), request);
    Waiting { mail, answers: 1 }.respond_once(link).await
}

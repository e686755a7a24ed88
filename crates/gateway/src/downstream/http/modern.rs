//! Modern clients: no sessions, one server connection for all of a principal's requests.

use std::sync::Arc;

use hyper::{HeaderMap, Response, StatusCode};
use toolgate_protocol::version::Version;
use toolgate_protocol::{Era, Message, MessageKind, answer, headers};

use crate::options::RunError;
use crate::outbox::Outbox;
use crate::quota::Places;
use crate::session::Session;
use crate::trace::heard;
use crate::upstream::{Common, Connector};

use super::body::Body;
use super::entered::Entered;
use super::link::Link;
use super::post::{self, Waiting};
use super::respond;
use super::room::Room;

/// The connection of one room, or of all rooms of a server that may be shared.
#[derive(Debug)]
pub(super) struct Modern {
    connection: Common,
    is_ours: bool,
}

impl Modern {
    pub(super) fn new(connector: &Connector) -> Self {
        match connector.common() {
            Some(connection) => Self { connection, is_ours: false },
            None => Self { connection: Common::default(), is_ours: true },
        }
    }

    /// A session for one request, over the shared connection.
    pub(super) async fn session(&self, room: &Room) -> Result<Session, RunError> {
        let shared = self.connection.open(&room.connector, &room.gate).await?;
        let session = Session::new(Arc::clone(&room.gate), shared.upstream, shared.inbox);
        Ok(session.with_definitions(shared.definitions))
    }

    /// What others use goes on.
    pub(super) async fn end(&self) {
        if self.is_ours {
            self.connection.end().await;
        }
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

pub(super) async fn post(
    place: &Entered,
    head: &HeaderMap,
    message: Message,
    places: Places,
) -> Response<Body> {
    if message.kind() == MessageKind::Request && message.era() == Era::Legacy {
        return unversioned(&message);
    }
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
    let behind = match place.behind(mirrored(head)).await {
        Ok(behind) => behind,
        Err(error) => return post::unreachable(&message, &error),
    };
    let (outbox, mail) = Outbox::new();
    let outbox = outbox.holding(places).hearing(heard(head));
    let Some((request, work)) = behind.take(message, outbox).await else {
        return respond::accepted();
    };
    let link = Link::new(behind, Arc::clone(&request));
    Waiting::one(mail, request, work).respond_once(link).await
}

/// MCP 2026-07-28, streamable HTTP: a request whose body lacks what every request has is no
/// mismatch of headers.
fn unversioned(message: &Message) -> Response<Body> {
    let text = "Invalid params: `_meta` has no `io.modelcontextprotocol/protocolVersion`";
    let id = message.id().map(toolgate_json::Value::raw);
    let body = answer::error(id, answer::INVALID_PARAMS, text, None);
    respond::json(StatusCode::BAD_REQUEST, body)
}

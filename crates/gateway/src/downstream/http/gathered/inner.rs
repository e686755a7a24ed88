//! One server connection of one legacy client: opened when it is needed, with the client's own
//! words.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use bytes::Bytes;
use toolgate_json::quote;
use toolgate_protocol::version::{self, Version};
use toolgate_protocol::{Era, Message, Side, splice};

use crate::downstream::http::Room;
use crate::downstream::http::sessions::Client;
use crate::outbox::Outbox;
use crate::session::Session;

use super::own;

/// A connection, as it is kept in its room: it leaves when nobody has it any more.
#[derive(Debug)]
pub(super) struct Place {
    room: Arc<Room>,
    client: Arc<Client>,
    pub(super) session: Option<Arc<Session>>,
    /// The way to the client for what the server says on its own account.
    asides: Outbox,
}

/// A connection whose handshake is done.
#[derive(Debug)]
pub(super) struct Inner {
    place: Place,
    pub(super) session: Arc<Session>,
    /// The server's answer to `initialize`.
    pub(super) introduction: Message,
    pub(super) version: Version,
    /// Whether the server heard that the client is ready.
    begun: AtomicBool,
}

impl Place {
    pub(super) fn new(room: Arc<Room>, client: Arc<Client>, asides: Outbox) -> Self {
        let session = client.session.one();
        Self { room, client, session, asides }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.presence.sessions.remove(&self.client.id);
    }
}

/// The `params` of a client's `initialize`.
#[derive(Debug)]
pub(super) struct Hello(Message);

impl Hello {
    pub(super) fn new(message: &Message) -> Option<Self> {
        Message::read(message.bytes().clone(), Side::Client).ok().map(Self)
    }

    /// The same under an id of ours, asking for `version` where there is one.
    fn text(&self, id: &str, version: Option<Version>) -> Option<Bytes> {
        let params = self.0.params();
        let mut quoted = Vec::new();
        quote(id, &mut quoted);
        let asked = params.and_then(|params| params.get("protocolVersion"));
        let version = version.map(|version| format!(r#""{version}""#));
        let mut edits = vec![(self.0.id()?.span(), quoted.as_slice())];
        if let (Some(asked), Some(version)) = (asked, &version) {
            edits.push((asked.span(), version.as_bytes()));
        }
        edits.sort_by_key(|(range, _)| range.start);
        Some(splice(self.0.bytes(), &edits))
    }
}

impl Inner {
    /// Shakes hands with the server, asking for a version other than the client's where there is
    /// one.
    pub(super) async fn shake(
        place: Place,
        (hello, version): (&Hello, Option<Version>),
        id: &str,
    ) -> Result<Self, String> {
        let session = place.session.clone().ok_or("it is no server")?;
        let text = hello.text(id, version).ok_or("the handshake cannot be written")?;
        let introduction = own::ask(&session, text, Some(&place.asides)).await?.message;
        if let Some(error) = own::error(&introduction) {
            return Err(format!("it answered the handshake with an error: {error}"));
        }
        let told = version::negotiated(&introduction).unwrap_or_default().into_owned();
        let version = Version::parse(&told).filter(|version| version.era() == Era::Legacy);
        let version = version.ok_or_else(|| format!("it speaks `{}`", told.escape_debug()))?;
        Ok(Self { place, session, introduction, version, begun: AtomicBool::new(false) })
    }

    pub(super) fn asides(&self) -> &Outbox {
        &self.place.asides
    }

    /// Whether it can still be used, by somebody who may be in `room`.
    pub(super) fn is_in(&self, room: &Arc<Room>) -> bool {
        Arc::ptr_eq(&self.place.room, room) && !self.place.client.is_over()
    }

    /// Somebody uses it.
    pub(super) fn touch(&self) {
        self.place.client.touch();
    }

    /// Tells the server that the client is ready; once.
    pub(super) async fn begin(&self) {
        if !self.begun.swap(true, Ordering::AcqRel) {
            let text = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
            self.tell(Bytes::from_static(text.as_bytes())).await;
        }
    }

    /// Passes on what has no answer.
    pub(super) async fn tell(&self, text: Bytes) {
        let (nowhere, _) = Outbox::new();
        if let Ok(message) = Message::read(text, Side::Client) {
            self.session.take(message, nowhere, None).await;
        }
    }
}

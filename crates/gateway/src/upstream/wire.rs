//! What a connection with one stream for everything says of requests: their ids, and their ends.

use std::sync::atomic::{AtomicI64, Ordering};

use bytes::Bytes;
use toolgate_json::{Document, Reading};
use toolgate_protocol::{Id, Message, Side};

use crate::relay::Relay;
use crate::request::Request;

use super::{Failure, Sharing, ids};

/// Gives requests their ids on the wire: the client's own, or numbers where several clients share
/// the connection.
#[derive(Debug)]
pub(super) struct Wire {
    pub(super) sharing: Sharing,
    next: AtomicI64,
}

impl Wire {
    pub(super) fn new(sharing: Sharing) -> Self {
        Self { sharing, next: AtomicI64::new(1) }
    }

    /// The id, and the message that carries it.
    pub(super) fn request(
        &self,
        document: &Document,
        request: &Request,
    ) -> Result<(Id, Document), Failure> {
        if self.sharing == Sharing::Own {
            return Ok((request.id.clone(), document.clone()));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let text = ids::outgoing(document, &number.to_string());
        let document = Document::parse(text, Reading::Strict)
            .map_err(|error| Failure::Unsent(error.to_string()))?;
        Ok((Id::Number(number), document))
    }
}

/// `notifications/cancelled` for a request that has this id on the wire; nothing for `initialize`,
/// which must not be cancelled (MCP 2025-11-25, cancellation).
pub(super) fn cancelled(id: &Id, request: &Request) -> Option<Relay> {
    if request.is_initialize {
        return None;
    }
    let id = match id {
        Id::Number(number) => number.to_string().into_bytes(),
        Id::Text(_) => request.id_raw.clone(),
    };
    let mut text = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","#.to_vec();
    text.extend_from_slice(br#""params":{"requestId":"#);
    text.extend_from_slice(&id);
    text.extend_from_slice(b"}}");
    Relay::of(Message::read(Bytes::from(text), Side::Client).ok()?).ok()
}

/// As it stands on the wire.
pub(super) fn progress_token(document: &Document) -> Option<Vec<u8>> {
    let meta = document.root().get("params")?.get("_meta")?;
    Some(meta.get("progressToken")?.raw().to_vec())
}

//! Ids on the wire where several clients share one server: every request gets a number of its
//! own, and so does its progress; what comes back is given the client's names again.
//!
//! MCP 2026-07-28 and JSON-RPC: `id`, `_meta.progressToken`, `params.requestId`,
//! `_meta["io.modelcontextprotocol/subscriptionId"]` all name a request.

use std::ops::Range;

use bytes::Bytes;
use toolgate_json::{Document, Value};
use toolgate_protocol::{Message, Side, splice};

const SUBSCRIPTION: &str = "io.modelcontextprotocol/subscriptionId";

/// The request with `wire` for its id and its progress token.
pub(super) fn outgoing(document: &Document, wire: &str) -> Bytes {
    let root = document.root();
    let id = root.get("id");
    let token = root.get("params").and_then(|params| params.get("_meta")?.get("progressToken"));
    rewritten(document, id.into_iter().chain(token), wire.as_bytes())
}

/// The answer under the client's own id.
pub(super) fn incoming(message: &Message, id: &[u8]) -> Option<Message> {
    let bytes = rewritten(message.document(), message.id().into_iter(), id);
    Message::read(bytes, Side::Server).ok()
}

/// The wire id of the request that a notification is about.
pub(super) fn subject(message: &Message) -> Option<Value<'_>> {
    let params = message.params()?;
    let meta = params.get("_meta");
    params
        .get("progressToken")
        .or_else(|| params.get("requestId"))
        .or_else(|| meta?.get(SUBSCRIPTION))
}

/// The notification with the client's own names: its progress token, or else its id.
pub(super) fn told(message: &Message, id: &[u8], progress: Option<&[u8]>) -> Option<Message> {
    let params = message.params()?;
    let token = params.get("progressToken");
    let named = params.get("requestId").into_iter();
    let named = named.chain(params.get("_meta").and_then(|meta| meta.get(SUBSCRIPTION)));
    let mut edits: Vec<(Range<usize>, &[u8])> = named.map(|value| (value.span(), id)).collect();
    edits.extend(token.zip(progress).map(|(value, token)| (value.span(), token)));
    edits.sort_by_key(|(range, _)| range.start);
    Message::read(splice(message.bytes(), &edits), Side::Server).ok()
}

fn rewritten<'a>(
    document: &Document,
    values: impl Iterator<Item = Value<'a>>,
    with: &[u8],
) -> Bytes {
    let mut edits: Vec<(Range<usize>, &[u8])> = values.map(|v| (v.span(), with)).collect();
    edits.sort_by_key(|(range, _)| range.start);
    splice(document.bytes(), &edits)
}

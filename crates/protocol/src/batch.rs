//! JSON-RPC batches, which only MCP 2025-03-26 has: split, so that each message is decided alone.

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading};

use crate::refusal::{Fault, Refusal};

/// Messages in one batch.
pub const BATCH_MAX: usize = 64;

/// The messages of a batch; nothing if the text is not an array.
pub fn batch(bytes: &Bytes) -> Result<Option<Vec<Bytes>>, Refusal> {
    if bytes.iter().find(|b| !b.is_ascii_whitespace()) != Some(&b'[') {
        return Ok(None);
    }
    let document = Document::parse(bytes.clone(), Reading::Plain)
        .map_err(|error| Refusal::unreadable(bytes.clone(), &error))?;
    let root = document.root();
    let refuse = |text| Err(Refusal::new(root, Fault::request(text)));
    match root.items().take(BATCH_MAX + 1).count() {
        0 => return refuse("a batch must not be empty"),
        1..=BATCH_MAX => {}
        _ => return refuse("a batch holds too many messages"),
    }
    if root.items().any(|item| item.kind() != Kind::Object) {
        return refuse("a batch must hold objects only");
    }
    Ok(Some(root.items().map(|item| bytes.slice(item.span())).collect()))
}

//! `<server>__<tool>`: which server a name means.

use bytes::Bytes;
use toolgate_json::{Value, quote};

use crate::splice::splice;

/// Stands between a server's name and its own name for something. No server's name holds it, so
/// the first one in a name is always ours.
pub const SEPARATOR: &str = "__";

pub fn join(server: &str, name: &str) -> String {
    format!("{server}{SEPARATOR}{name}")
}

/// The server, and its own name for the thing; nothing if either is empty.
pub fn split(name: &str) -> Option<(&str, &str)> {
    name.split_once(SEPARATOR).filter(|(server, own)| !server.is_empty() && !own.is_empty())
}

/// The text with another string where `value` stands.
pub fn named(text: &[u8], value: Value<'_>, name: &str) -> Bytes {
    let mut quoted = Vec::with_capacity(name.len() + 2);
    quote(name, &mut quoted);
    splice(text, &[(value.span(), &quoted)])
}

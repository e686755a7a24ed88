//! Keys that a lenient parser takes for another key.
//!
//! Some parsers match keys whatever their case (CVE-2026-27896: `Name`, `paramſ`), cut them at
//! NUL, or take `input_responses` for `inputResponses` and `meta` for `_meta` (the Python SDK 2.3
//! does). A key that only such a parser would know is refused.

use unicode_normalization::UnicodeNormalization;

/// JSON-RPC 2.0 messages, all kinds.
pub(crate) const ENVELOPE: &[&str] = &["jsonrpc", "id", "method", "params", "result", "error"];

/// What `params` may hold in any revision and that somebody decides or routes on.
pub(crate) const PARAMS: &[&str] = &[
    "_meta",
    "name",
    "arguments",
    "task",
    "inputResponses",
    "requestState",
    "uri",
    "cursor",
    "protocolVersion",
    "capabilities",
    "clientInfo",
    "requestId",
    "progressToken",
    "progress",
    "total",
    "taskId",
    "level",
    "ref",
    "argument",
    "context",
    "notifications",
    "reason",
    "message",
];

/// What `_meta` may hold and that somebody decides or routes on.
pub(crate) const META: &[&str] = &[
    PROTOCOL_VERSION,
    CLIENT_CAPABILITIES,
    "io.modelcontextprotocol/clientInfo",
    "progressToken",
    "io.modelcontextprotocol/logLevel",
    "io.modelcontextprotocol/subscriptionId",
    "io.modelcontextprotocol/related-task",
    "io.modelcontextprotocol/model-immediate-response",
    "io.modelcontextprotocol/serverInfo",
    "traceparent",
    "tracestate",
    "baggage",
];

pub(crate) const CLIENT_CAPABILITIES: &str = "io.modelcontextprotocol/clientCapabilities";
pub(crate) const PROTOCOL_VERSION: &str = "io.modelcontextprotocol/protocolVersion";

/// Keys of our own in `_meta`.
pub(crate) const RESERVED_PREFIX: &str = "dev.toolgate/";

/// Whether some parser could take `key` for `known`.
pub(crate) fn folds_to(key: &str, known: &str) -> bool {
    let known = known.bytes().filter(is_sound).map(|b| b.to_ascii_lowercase());
    if key.is_ascii() {
        return key.bytes().filter(is_sound).map(|b| b.to_ascii_lowercase()).eq(known);
    }
    folded(key).eq(known.map(char::from))
}

/// Whether some parser could take the start of `key` for `prefix`.
pub(crate) fn folds_to_prefix(key: &str, prefix: &str) -> bool {
    if key.is_ascii() {
        let head = key.as_bytes().get(..prefix.len());
        return head.is_some_and(|head| head.eq_ignore_ascii_case(prefix.as_bytes()));
    }
    let mut key = folded(key);
    prefix.chars().all(|c| key.next() == Some(c))
}

/// Case folding as the most lenient parsers do it: K (Kelvin) is k, ſ is s, ı and İ are i.
fn folded(key: &str) -> impl Iterator<Item = char> {
    key.nfkc()
        .flat_map(char::to_uppercase)
        .flat_map(char::to_lowercase)
        .filter(|c| !matches!(c, '_' | '-' | '\u{307}'))
}

#[expect(clippy::trivially_copy_pass_by_ref, reason = "a filter's signature")]
fn is_sound(byte: &u8) -> bool {
    !matches!(byte, b'_' | b'-')
}

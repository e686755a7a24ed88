//! Answers of our own, written around the raw bytes of the id they answer to.

use bytes::Bytes;
use toolgate_json::quote;

// JSON-RPC 2.0.
pub const PARSE_ERROR: i32 = -32700;
pub const INVALID_REQUEST: i32 = -32600;
pub const METHOD_NOT_FOUND: i32 = -32601;
pub const INVALID_PARAMS: i32 = -32602;
pub const INTERNAL_ERROR: i32 = -32603;

// MCP 2026-07-28.
pub const HEADER_MISMATCH: i32 = -32020;
pub const MISSING_CLIENT_CAPABILITY: i32 = -32021;
pub const UNSUPPORTED_PROTOCOL_VERSION: i32 = -32022;

// Our own: MCP reserves -32768 to -32000, so they stand outside.
pub const APPROVAL_PENDING: i32 = 42800;
pub const POLICY_DENIED: i32 = 40300;
pub const LIMIT_REACHED: i32 = 42900;
pub const UPSTREAM_FAILED: i32 = 50200;
pub const UNAVAILABLE: i32 = 50300;
pub const UPSTREAM_TIMEOUT: i32 = 50400;

/// The HTTP status of an answer with this error, where it is not 200 (MCP 2026-07-28,
/// streamable HTTP).
pub fn http_status(code: i32) -> Option<u16> {
    match code {
        METHOD_NOT_FOUND => Some(404),
        PARSE_ERROR
        | INVALID_REQUEST
        | INVALID_PARAMS
        | HEADER_MISMATCH
        | MISSING_CLIENT_CAPABILITY
        | UNSUPPORTED_PROTOCOL_VERSION => Some(400),
        _ => None,
    }
}

/// A JSON-RPC error. `data` is JSON. Without an id there is no `id` member.
pub fn error(id_raw: Option<&[u8]>, code: i32, message: &str, data: Option<&[u8]>) -> Bytes {
    let mut out = head(id_raw);
    out.extend_from_slice(format!(r#""error":{{"code":{code},"message":"#).as_bytes());
    quote(message, &mut out);
    if let Some(data) = data {
        out.extend_from_slice(br#","data":"#);
        out.extend_from_slice(data);
    }
    out.extend_from_slice(b"}}");
    Bytes::from(out)
}

/// A JSON-RPC result. `result` is JSON.
pub fn result(id_raw: &[u8], result: &[u8]) -> Bytes {
    let mut out = head(Some(id_raw));
    out.extend_from_slice(br#""result":"#);
    out.extend_from_slice(result);
    out.push(b'}');
    Bytes::from(out)
}

fn head(id_raw: Option<&[u8]>) -> Vec<u8> {
    let mut out = br#"{"jsonrpc":"2.0","#.to_vec();
    if let Some(id) = id_raw {
        out.extend_from_slice(br#""id":"#);
        out.extend_from_slice(id);
        out.push(b',');
    }
    out
}

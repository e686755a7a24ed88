//! Header values: plain ASCII as it is, anything else as `=?base64?…?=`.

use std::borrow::Cow;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

const PREFIX: &[u8] = b"=?base64?";
const SUFFIX: &[u8] = b"?=";

/// The bytes that a header value stands for; nothing if it may not be written so.
pub(super) fn decode(value: &[u8]) -> Option<Cow<'_, [u8]>> {
    match marked(value) {
        Some(inner) => STANDARD.decode(inner).ok().map(Cow::Owned),
        None => is_plain(value).then_some(Cow::Borrowed(value)),
    }
}

pub(super) fn encode(text: &str) -> String {
    if is_plain(text.as_bytes()) && marked(text.as_bytes()).is_none() {
        return text.to_owned();
    }
    format!("=?base64?{}?=", STANDARD.encode(text))
}

fn marked(value: &[u8]) -> Option<&[u8]> {
    value.strip_prefix(PREFIX)?.strip_suffix(SUFFIX)
}

/// Visible ASCII, spaces and tabs, none of these at either end, where HTTP trims them.
fn is_plain(value: &[u8]) -> bool {
    value.trim_ascii().len() == value.len()
        && value.iter().all(|b| matches!(b, b'\t' | b' '..=b'~'))
}

//! Bodies of requests: of one kind, bounded in size and time.

use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Limited};
use hyper::StatusCode;
use hyper::body::Incoming;
use hyper::header::{CONTENT_ENCODING, CONTENT_TYPE, HeaderMap};

use crate::reply::Refusal;

pub(crate) const FORM: &str = "application/x-www-form-urlencoded";
pub(crate) const JSON: &str = "application/json";

/// Unless the route says otherwise.
pub(crate) const BYTES_MAX: usize = 64 << 10;
const TIMEOUT: Duration = Duration::from_secs(10);

/// The whole of it. What has no bytes needs no media type.
pub(crate) async fn read(
    headers: &HeaderMap,
    body: Incoming,
    (media, bytes_max): (&'static str, usize),
) -> Result<Bytes, Refusal> {
    let whole = tokio::time::timeout(TIMEOUT, Limited::new(body, bytes_max).collect()).await;
    let late = |_| Refusal::new(StatusCode::REQUEST_TIMEOUT, "timeout", "the body took too long");
    let large = |_| {
        let text = format!("the body is broken, or longer than {bytes_max} bytes");
        Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "too_large", text)
    };
    let bytes = whole.map_err(late)?.map_err(large)?.to_bytes();
    if !bytes.is_empty() {
        check(headers, media)?;
    }
    Ok(bytes)
}

fn check(headers: &HeaderMap, media: &'static str) -> Result<(), Refusal> {
    let wrong =
        |text: String| Err(Refusal::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "media_type", text));
    let mut types = headers.get_all(CONTENT_TYPE).iter();
    let named = types.next().and_then(|value| value.to_str().ok()).unwrap_or_default();
    let named = named.split(';').next().unwrap_or_default().trim();
    if types.next().is_some() || !named.eq_ignore_ascii_case(media) {
        return wrong(format!("Content-Type must be {media}"));
    }
    if headers.contains_key(CONTENT_ENCODING) {
        return wrong("Content-Encoding is not supported".to_owned());
    }
    Ok(())
}

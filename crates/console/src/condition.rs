//! Conditional requests: what somebody has already, and what must still be as they saw it.
//!
//! RFC 9110, section 13. The tag is of the answer itself: whatever changed in it changes the tag.

use http_body_util::{BodyExt as _, Collected};
use hyper::StatusCode;
use hyper::header::{ETAG, HeaderMap, HeaderName, HeaderValue, IF_MATCH, IF_NONE_MATCH};
use sha2::{Digest, Sha256};

use crate::random;
use crate::reply::{self, Refusal, Reply};

const TAG_BYTES: usize = 16;

/// Whether a change depends on what is there.
pub(crate) fn is_in(headers: &HeaderMap) -> bool {
    headers.contains_key(IF_MATCH) || headers.contains_key(IF_NONE_MATCH)
}

/// Gives the answer its tag; to those who have it already, nothing but the tag.
pub(crate) async fn tagged(headers: &HeaderMap, reply: Reply) -> Reply {
    if reply.status() != StatusCode::OK {
        return reply;
    }
    let (head, body) = reply.into_parts();
    let bytes = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
    let tag = tag(&bytes);
    let mut reply = if names(headers, &IF_NONE_MATCH, &tag) {
        reply::nothing(StatusCode::NOT_MODIFIED)
    } else {
        Reply::from_parts(head, reply::whole(bytes))
    };
    if let Ok(tag) = HeaderValue::from_str(&tag) {
        reply.headers_mut().insert(ETAG, tag);
    }
    reply
}

/// `there` is what a look would have answered; nothing if there is no such thing.
pub(crate) async fn check(headers: &HeaderMap, there: Option<Reply>) -> Result<(), Refusal> {
    let there = match there {
        Some(reply) => reply.into_body().collect().await.ok().map(|body| tag(&body.to_bytes())),
        None => None,
    };
    let has = |name: &HeaderName| there.as_deref().is_some_and(|tag| names(headers, name, tag));
    let fails = (headers.contains_key(IF_MATCH) && !has(&IF_MATCH)) || has(&IF_NONE_MATCH);
    if fails {
        let text = "it is no longer as the ETag says: look again, then repeat the change";
        return Err(Refusal::new(StatusCode::PRECONDITION_FAILED, "changed", text));
    }
    Ok(())
}

fn tag(bytes: &[u8]) -> String {
    format!("\"{}\"", random::hex(&Sha256::digest(bytes)[..TAG_BYTES]))
}

fn names(headers: &HeaderMap, name: &HeaderName, tag: &str) -> bool {
    let lines = headers.get_all(name).iter().filter_map(|value| value.to_str().ok());
    let mut tags = lines.flat_map(|line| line.split(',')).map(str::trim);
    // A proxy that packs an answer makes its tag a weak one; a change wants the strong one.
    let weak = |text: &str| *name == IF_NONE_MATCH && text.strip_prefix("W/") == Some(tag);
    tags.any(|text| text == "*" || text == tag || weak(text))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(name: HeaderName, value: &str) -> HeaderMap {
        HeaderMap::from_iter([(name, value.parse().unwrap())])
    }

    fn page(text: &str) -> Reply {
        reply::json(StatusCode::OK, text.to_owned())
    }

    #[tokio::test]
    async fn who_has_it_already_hears_only_that() {
        let first = tagged(&HeaderMap::new(), page("{}")).await;
        let tag = first.headers()[ETAG].to_str().unwrap().to_owned();
        for line in [tag.clone(), format!("\"x\", W/{tag}"), "*".to_owned()] {
            let reply = tagged(&headers(IF_NONE_MATCH, &line), page("{}")).await;
            assert_eq!(reply.status(), StatusCode::NOT_MODIFIED, "{line}");
            assert_eq!(reply.headers()[ETAG], *tag);
            assert!(reply.into_body().collect().await.unwrap().to_bytes().is_empty());
        }
        let other = tagged(&headers(IF_NONE_MATCH, &tag), page("[]")).await;
        assert_eq!(other.status(), StatusCode::OK);
    }

    #[tokio::test]
    async fn a_change_is_made_to_what_was_seen_or_not_at_all() {
        let tag = tag(b"{}");
        let same = headers(IF_MATCH, &tag);
        assert!(check(&same, Some(page("{}"))).await.is_ok());
        for there in [Some(page("[]")), None] {
            let refusal = check(&same, there).await.unwrap_err();
            assert_eq!(refusal.status, StatusCode::PRECONDITION_FAILED);
        }
        let weak = headers(IF_MATCH, &format!("W/{tag}"));
        assert!(check(&weak, Some(page("{}"))).await.is_err());
        let new = headers(IF_NONE_MATCH, "*");
        assert!(check(&new, Some(page("{}"))).await.is_err());
        assert!(check(&new, None).await.is_ok());
    }
}

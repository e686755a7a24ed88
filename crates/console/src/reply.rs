//! What goes back to a browser or a program, with the headers that every answer has.

use std::io;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::header::{
    ALLOW, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, RETRY_AFTER, SET_COOKIE,
    WWW_AUTHENTICATE,
};
use hyper::{Response, StatusCode};

use crate::json::Object;

/// An error ends the connection, so that nobody takes half of something for all of it.
pub(crate) type Body = UnsyncBoxBody<Bytes, io::Error>;
pub(crate) type Reply = Response<Body>;

/// Why something is not done: for a person in one line, for a program in one word.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Refusal {
    pub(crate) status: StatusCode,
    pub(crate) code: &'static str,
    pub(crate) text: String,
    pub(crate) retry_after_s: Option<u64>,
    /// What may be used in place of the method.
    pub(crate) allow: Option<String>,
}

/// Our own script alone, nothing in the page itself or from elsewhere, no frame, no form that leads
/// away.
const POLICY: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; \
                      style-src 'self'; img-src 'self'; form-action 'self'; base-uri 'none'; \
                      frame-ancestors 'none'; require-trusted-types-for 'script'";

const EVERY: [(&str, &str); 7] = [
    ("cache-control", "no-store"),
    ("content-security-policy", POLICY),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    // With `no-referrer`, browsers would post our own forms with `Origin: null`.
    ("referrer-policy", "same-origin"),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
];

impl Refusal {
    pub(crate) fn new(status: StatusCode, code: &'static str, text: impl Into<String>) -> Self {
        Self { status, code, text: text.into(), retry_after_s: None, allow: None }
    }

    pub(crate) fn bad_request(text: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "bad_request", text)
    }

    pub(crate) fn unavailable(why: &str) -> Self {
        Self::new(StatusCode::SERVICE_UNAVAILABLE, "unavailable", why)
    }

    /// For programs.
    pub(crate) fn json(&self) -> Reply {
        let error = Object::new().text("code", self.code).text("text", &self.text).finish();
        self.dress(json(self.status, Object::new().raw("error", &error).finish()))
    }

    /// For requests that no page of ours has made.
    pub(crate) fn plain(&self) -> Reply {
        self.dress(answer(self.status, "text/plain; charset=utf-8", self.text.clone() + "\n"))
    }

    /// The headers that belong to it.
    pub(crate) fn dress(&self, mut reply: Reply) -> Reply {
        let headers = reply.headers_mut();
        if let Some(wait_s) = self.retry_after_s {
            headers.insert(RETRY_AFTER, HeaderValue::from(wait_s));
        }
        if let Some(allow) = self.allow.as_deref().and_then(|text| text.parse().ok()) {
            headers.insert(ALLOW, allow);
        }
        if self.status == StatusCode::UNAUTHORIZED {
            let bearer = HeaderValue::from_static("Bearer realm=\"toolgate console\"");
            headers.insert(WWW_AUTHENTICATE, bearer);
        }
        reply
    }
}

pub(crate) fn html(status: StatusCode, page: String) -> Reply {
    answer(status, "text/html; charset=utf-8", page)
}

pub(crate) fn json(status: StatusCode, text: String) -> Reply {
    answer(status, "application/json", text)
}

/// The status says it all.
pub(crate) fn nothing(status: StatusCode) -> Reply {
    let mut reply = json(status, String::new());
    reply.headers_mut().remove(CONTENT_TYPE);
    reply
}

/// Look there next. `path` is one of ours.
pub(crate) fn see(path: &str) -> Reply {
    let mut reply = answer(StatusCode::SEE_OTHER, "text/plain; charset=utf-8", String::new());
    if let Ok(path) = HeaderValue::from_str(path) {
        reply.headers_mut().insert(LOCATION, path);
    }
    reply
}

pub(crate) fn style(css: &'static str) -> Reply {
    answer(StatusCode::OK, "text/css; charset=utf-8", css)
}

pub(crate) fn script(js: &'static str) -> Reply {
    answer(StatusCode::OK, "text/javascript; charset=utf-8", js)
}

pub(crate) fn with_cookie(mut reply: Reply, cookie: &str) -> Reply {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        reply.headers_mut().append(SET_COOKIE, cookie);
    }
    reply
}

/// What comes bit by bit.
pub(crate) fn flowing(media: &'static str, body: Body) -> Reply {
    dressed(StatusCode::OK, media, body)
}

fn answer(status: StatusCode, media: &'static str, body: impl Into<Bytes>) -> Reply {
    dressed(status, media, whole(body.into()))
}

pub(crate) fn whole(bytes: Bytes) -> Body {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

fn dressed(status: StatusCode, media: &'static str, body: Body) -> Reply {
    let mut reply = Response::new(body);
    *reply.status_mut() = status;
    let headers = reply.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static(media));
    for (name, value) in EVERY {
        headers.insert(HeaderName::from_static(name), HeaderValue::from_static(value));
    }
    reply
}

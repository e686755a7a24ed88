//! HTTP under both servers, and forms.

use std::convert::Infallible;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Collected, Full};
use hyper::body::Incoming;
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{HeaderMap, Request, Response};
use hyper_util::rt::TokioIo;
use serde_json::Value;
use tokio::net::{TcpListener, TcpStream};

use super::book::Seen;

pub(super) type Reply = Response<Full<Bytes>>;

pub(super) trait Site: Send + Sync + 'static {
    fn answer(&self, seen: Seen, headers: HeaderMap) -> impl Future<Output = Reply> + Send;
}

pub(super) async fn serve(listener: TcpListener, site: impl Site) {
    let site = Arc::new(site);
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&site)));
    }
}

async fn connection(stream: TcpStream, site: Arc<impl Site>) {
    drop(stream.set_nodelay(true));
    let service = service_fn(move |request: Request<Incoming>| {
        let site = Arc::clone(&site);
        async move {
            let (head, body) = request.into_parts();
            let body = body.collect().await.map(Collected::to_bytes).unwrap_or_default();
            let body = String::from_utf8_lossy(&body).into_owned();
            let is_form = head.headers.get("content-type").is_some_and(|kind| {
                kind.as_bytes().starts_with(b"application/x-www-form-urlencoded")
            });
            let form = if is_form { &body } else { head.uri.query().unwrap_or_default() };
            let headers = head.headers.iter().map(|(name, value)| {
                (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned())
            });
            let seen = Seen {
                method: head.method.to_string(),
                path: head.uri.path().to_owned(),
                headers: headers.collect(),
                form: fields(form),
                body,
                status: 0,
            };
            Ok::<_, Infallible>(site.answer(seen, head.headers).await)
        }
    });
    // The error is a client that went away.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

pub(super) fn json(status: u16, value: &Value) -> Reply {
    let mut reply = empty(status);
    *reply.body_mut() = Full::from(value.to_string());
    header(&mut reply, "content-type", "application/json");
    reply
}

pub(super) fn empty(status: u16) -> Reply {
    let mut reply = Response::new(Full::default());
    *reply.status_mut() = status.try_into().unwrap_or_default();
    reply
}

#[expect(clippy::expect_used, reason = "a broken rig ends the test")]
pub(super) fn header(reply: &mut Reply, name: &'static str, value: &str) {
    reply.headers_mut().insert(name, value.parse().expect("a header's value"));
}

fn fields(text: &str) -> Vec<(String, String)> {
    let pairs = text.split('&').filter_map(|pair| pair.split_once('='));
    pairs.map(|(name, value)| (unescape(name), unescape(value))).collect()
}

pub(super) fn unescape(text: &str) -> String {
    let text = text.replace('+', " ");
    let mut parts = text.split('%');
    let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
    for part in parts {
        let (digits, rest) = part.split_at_checked(2).unwrap_or(("3f", part));
        bytes.push(u8::from_str_radix(digits, 16).unwrap_or(b'?'));
        bytes.extend_from_slice(rest.as_bytes());
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

pub(super) fn escape(text: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    text.bytes()
        .map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02x}") })
        .collect()
}

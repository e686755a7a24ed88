//! Where a browser comes back to after a login: a listener on this machine, for one answer
//! (RFC 8252, section 7.3).

use std::convert::Infallible;
use std::io;
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::body::Incoming;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::TokioIo;
use subtle::ConstantTimeEq;
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::mpsc;
use tokio::task::JoinSet;

use super::form;

pub(super) struct Listener {
    listener: TcpListener,
    port: u16,
}

/// What the authorization server sent along with the browser.
#[derive(Clone)]
pub(super) enum Outcome {
    Code { code: String, issuer: Option<String> },
    Refused { code: String, description: String, issuer: Option<String> },
}

const PATH: &str = "/callback";
/// So long the browser may take to read its page.
const PAGE_WAIT: Duration = Duration::from_secs(1);
const DONE: &str = "toolgate has its answer; what became of it stands in the terminal. You can \
                    close this window.\n";

impl Listener {
    pub(super) async fn open() -> io::Result<Self> {
        let listener = TcpListener::bind(("127.0.0.1", 0)).await?;
        let port = listener.local_addr()?.port();
        Ok(Self { listener, port })
    }

    pub(super) fn url(&self) -> String {
        format!("http://127.0.0.1:{}{PATH}", self.port)
    }

    /// The answer that carries `state`. All others are refused and change nothing.
    pub(super) async fn answer(self, state: &str) -> io::Result<Outcome> {
        let (heard, mut outcomes) = mpsc::channel(1);
        let waiting = Arc::new(Waiting { port: self.port, state: state.to_owned(), heard });
        let mut pages = JoinSet::new();
        let outcome = loop {
            tokio::select! {
                biased;
                Some(outcome) = outcomes.recv() => break outcome,
                accepted = self.listener.accept() => {
                    pages.spawn(page(Arc::clone(&waiting), accepted?.0));
                }
                Some(_) = pages.join_next() => {}
            }
        };
        drop(self.listener);
        let read = async { while pages.join_next().await.is_some() {} };
        let _ = tokio::time::timeout(PAGE_WAIT, read).await;
        Ok(outcome)
    }
}

struct Waiting {
    port: u16,
    state: String,
    heard: mpsc::Sender<Outcome>,
}

async fn page(waiting: Arc<Waiting>, stream: TcpStream) {
    let service = service_fn(move |request: Request<Incoming>| {
        let waiting = Arc::clone(&waiting);
        async move { Ok::<_, Infallible>(waiting.page(&request)) }
    });
    let mut builder = http1::Builder::new();
    // The error is a browser that went away.
    let _ = builder.keep_alive(false).serve_connection(TokioIo::new(stream), service).await;
}

impl Waiting {
    fn page(&self, request: &Request<Incoming>) -> Response<Full<Bytes>> {
        // A page that rebinds its name to this machine brings that name along.
        let host = request.headers().get(HOST).map(HeaderValue::as_bytes);
        let own = format!("127.0.0.1:{}", self.port);
        if host != Some(own.as_bytes()) || request.uri().path() != PATH {
            return answer(StatusCode::NOT_FOUND, "nothing is here\n");
        }
        if request.method() != Method::GET {
            return answer(StatusCode::METHOD_NOT_ALLOWED, "only GET is known here\n");
        }
        match self.read(request.uri().query().unwrap_or_default()) {
            Some(outcome) => {
                // Only the first one counts.
                let _ = self.heard.try_send(outcome);
                answer(StatusCode::OK, DONE)
            }
            None => answer(StatusCode::BAD_REQUEST, "this is not the answer that is waited for\n"),
        }
    }

    /// Nothing unless it is well formed and an answer to our own question.
    fn read(&self, query: &str) -> Option<Outcome> {
        let pairs = form::decode(query)?;
        let [state, code, error, description, issuer] =
            ["state", "code", "error", "error_description", "iss"].map(|name| one(&pairs, name));
        if !bool::from(state?.as_deref()?.as_bytes().ct_eq(self.state.as_bytes())) {
            return None;
        }
        let (issuer, description) = (issuer?, description?.unwrap_or_default());
        match (code?, error?) {
            (Some(code), None) => Some(Outcome::Code { code, issuer }),
            (None, Some(code)) => Some(Outcome::Refused { code, description, issuer }),
            _ => None,
        }
    }
}

/// A value that stands there once at most; nothing at all if it stands there twice.
#[expect(clippy::option_option, reason = "missing and twice are different things")]
fn one(pairs: &[(String, String)], name: &str) -> Option<Option<String>> {
    let mut values = pairs.iter().filter(|(key, _)| key == name).map(|(_, value)| value.clone());
    let first = values.next();
    values.next().is_none().then_some(first)
}

fn answer(status: StatusCode, text: &'static str) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from_static(text.as_bytes())));
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    headers.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

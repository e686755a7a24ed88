//! The suite sends no credentials: this stands before the gate and adds the token.
//!
//! Nothing else is touched, but that it is called by the gate's name: where `Host` or `Origin`
//! names this door, the gate hears its own address. Any other name goes on as it came, since the
//! suite tests who looks at it.

use std::net::{Ipv4Addr, SocketAddr};
use std::sync::Arc;
use std::thread::JoinHandle;

use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HOST, HeaderMap, HeaderName, HeaderValue, ORIGIN};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::oneshot;

use crate::Result;

/// Listens until it is dropped.
pub(super) struct Badge {
    pub(super) url: String,
    stop: Option<oneshot::Sender<()>>,
    thread: Option<JoinHandle<()>>,
}

struct Door {
    client: Client<HttpConnector, Incoming>,
    target: Uri,
    badge: HeaderValue,
    /// What the client may call this door, and what the gate is called then.
    names: [(HeaderName, String, HeaderValue); 2],
}

impl Badge {
    pub(super) fn start(target: &str, token: &str) -> Result<Self> {
        let target: Uri = target.parse()?;
        let client = Client::builder(TokioExecutor::new()).build_http();
        let badge = HeaderValue::try_from(format!("Bearer {token}"))?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        let anywhere = SocketAddr::from((Ipv4Addr::LOCALHOST, 0));
        let listener = runtime.block_on(TcpListener::bind(anywhere))?;
        let own = listener.local_addr()?.to_string();
        let gate = target.authority().ok_or("the gate has no address")?.to_string();
        let names = [
            (HOST, own.clone(), HeaderValue::try_from(&gate)?),
            (ORIGIN, format!("http://{own}"), HeaderValue::try_from(format!("http://{gate}"))?),
        ];
        let url = format!("http://{own}{}", target.path());
        let (stop, stopped) = oneshot::channel();
        let door = Arc::new(Door { client, target, badge, names });
        let thread = std::thread::spawn(move || {
            runtime.block_on(async {
                tokio::select! {
                    () = serve(listener, door) => {}
                    _ = stopped => {}
                }
            });
        });
        Ok(Self { url, stop: Some(stop), thread: Some(thread) })
    }
}

impl Drop for Badge {
    fn drop(&mut self) {
        drop(self.stop.take());
        let _ended = self.thread.take().map(JoinHandle::join);
    }
}

async fn serve(listener: TcpListener, door: Arc<Door>) {
    while let Ok((stream, _)) = listener.accept().await {
        tokio::spawn(connection(stream, Arc::clone(&door)));
    }
}

async fn connection(stream: TcpStream, door: Arc<Door>) {
    let service = service_fn(|request| door.pass(request));
    // A client that goes away is its own concern.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

impl Door {
    /// An error closes the connection: the suite sees that there was no answer.
    async fn pass(
        &self,
        request: Request<Incoming>,
    ) -> std::result::Result<Response<Incoming>, hyper_util::client::legacy::Error> {
        let (mut head, body) = request.into_parts();
        head.uri = self.target.clone();
        head.headers.insert(AUTHORIZATION, self.badge.clone());
        self.rename(&mut head.headers);
        self.client.request(Request::from_parts(head, body)).await
    }
    fn rename(&self, headers: &mut HeaderMap) {
        for (header, own, gate) in &self.names {
            if headers.get(header).is_some_and(|value| value.as_bytes() == own.as_bytes()) {
                headers.insert(header, gate.clone());
            }
        }
    }
}

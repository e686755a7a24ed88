//! The naive gate on HTTP: everything is handed on, headers and all.

use std::convert::Infallible;
use std::io::{self, Write as _};
use std::net::SocketAddr;
use std::sync::Arc;

use bytes::Bytes;
use http_body_util::combinators::UnsyncBoxBody;
use http_body_util::{BodyExt as _, Full};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HOST, HeaderValue};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Request, Response, StatusCode, Uri};
use hyper_util::client::legacy::Client;
use hyper_util::client::legacy::connect::HttpConnector;
use hyper_util::rt::{TokioExecutor, TokioIo};
use tokio::net::{TcpListener, TcpStream};

use super::judge::Judge;

type Reply = Response<UnsyncBoxBody<Bytes, hyper::Error>>;

struct Gate {
    judge: Judge,
    upstream: Uri,
    client: Client<HttpConnector, Full<Bytes>>,
}

pub(super) fn run(judge: Judge, address: SocketAddr, upstream: &str) -> io::Result<u8> {
    let upstream = upstream.parse().map_err(io::Error::other)?;
    let client = Client::builder(TokioExecutor::new()).build_http();
    let gate = Arc::new(Gate { judge, upstream, client });
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(async {
        let listener = TcpListener::bind(address).await?;
        let line = format!("listening on http://{}/mcp\n", listener.local_addr()?);
        io::stderr().write_all(line.as_bytes())?;
        loop {
            let (stream, _) = listener.accept().await?;
            tokio::spawn(connection(gate.clone(), stream));
        }
    })
}

async fn connection(gate: Arc<Gate>, stream: TcpStream) {
    let service = service_fn(move |request| {
        let gate = gate.clone();
        async move { Ok::<_, Infallible>(gate.handle(request).await) }
    });
    // The error is a client that went away.
    drop(http1::Builder::new().serve_connection(TokioIo::new(stream), service).await);
}

impl Gate {
    async fn handle(&self, request: Request<Incoming>) -> Reply {
        let (mut head, body) = request.into_parts();
        let body =
            body.collect().await.map(http_body_util::Collected::to_bytes).unwrap_or_default();
        if let Some(denial) = self.judge.denial(&body) {
            let mut reply = Response::new(whole(denial.into()));
            reply.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
            return reply;
        }
        head.uri = self.upstream.clone();
        head.headers.remove(HOST);
        let sent = self.client.request(Request::from_parts(head, Full::new(body.clone()))).await;
        self.judge.record(&body);
        if let Ok(response) = sent {
            return response.map(Incoming::boxed_unsync);
        }
        let mut reply = Response::new(whole(Bytes::new()));
        *reply.status_mut() = StatusCode::BAD_GATEWAY;
        reply
    }
}

fn whole(bytes: Bytes) -> UnsyncBoxBody<Bytes, hyper::Error> {
    Full::new(bytes).map_err(|never| match never {}).boxed_unsync()
}

//! Clients over streamable HTTP: one address, `/mcp`, both eras.

mod body;
mod edge;
mod get;
mod link;
mod modern;
mod post;
mod respond;
mod sessions;
mod streams;

use std::net::SocketAddr;
use std::sync::Arc;

use hyper::body::Incoming;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};

use crate::gate::Gate;
use crate::options::{RunError, RunErrorKind};
use crate::random;
use crate::report::report;
use crate::signal;
use crate::upstream::Connector;

use body::Body;
use edge::Edge;
use modern::Modern;
use sessions::Sessions;

/// Everything one listener shares.
#[derive(Debug)]
pub(super) struct Listener {
    gate: Arc<Gate>,
    connector: Connector,
    edge: Edge,
    sessions: Sessions,
    modern: Modern,
}

/// How long a client may take to send its request's head.
const HEAD_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(15);

/// Serves until a signal comes. Gives the exit code.
pub(crate) async fn serve(
    gate: Arc<Gate>,
    connector: Connector,
    address: SocketAddr,
) -> Result<i32, RunError> {
    connector.probe()?;
    let unusable = |error: std::io::Error| {
        let text = format!("cannot listen on {address}: {error}; choose another with `--listen`");
        RunError::new(RunErrorKind::Usage, text)
    };
    let socket = TcpListener::bind(address).await.map_err(unusable)?;
    let bound = socket.local_addr().map_err(unusable)?;
    let token = random::hex::<32>()?;
    let edge = Edge::new(bound, &token);
    let (sessions, modern) = (Sessions::default(), Modern::default());
    let listener = Arc::new(Listener { gate, connector, edge, sessions, modern });
    report(&format!("listening on http://{bound}/mcp"));
    report(&format!("token: {token} (send it as `Authorization: Bearer …`; it is shown once)"));
    let code = tokio::select! {
        code = signal::stop() => code,
        never = accept(socket, &listener) => match never {},
    };
    listener.sessions.end().await;
    listener.modern.end().await;
    Ok(code)
}

async fn accept(socket: TcpListener, listener: &Arc<Listener>) -> std::convert::Infallible {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(listener)));
            }
            // Out of file descriptors, say: others may still leave.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection(stream: TcpStream, listener: Arc<Listener>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let listener = Arc::clone(&listener);
        async move { Ok::<_, std::convert::Infallible>(route(&listener, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection concerns its client alone.
    let _ = served.await;
}

async fn route(listener: &Arc<Listener>, request: Request<Incoming>) -> Response<Body> {
    if let Err(rejection) = listener.edge.check(&request) {
        return rejection.into();
    }
    match *request.method() {
        Method::POST => post::post(listener, request).await,
        Method::GET => get::get(listener, &request),
        Method::DELETE => get::delete(listener, &request),
        _ => respond::text(StatusCode::METHOD_NOT_ALLOWED, "use POST, GET or DELETE"),
    }
}

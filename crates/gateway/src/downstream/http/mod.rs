//! Clients over streamable HTTP, both eras.

mod behind;
mod body;
mod door;
mod edge;
mod entered;
mod gathered;
mod get;
mod link;
mod modern;
mod post;
mod respond;
mod room;
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
use door::OneRoom;

pub(crate) use door::Door;
pub(crate) use edge::{Edge, bearer};
pub(crate) use entered::Entered;
pub(crate) use gathered::{Bounds, Hall, Rooms};
pub(crate) use respond::Rejection;
pub(crate) use room::Room;

/// How long a client may take to send its request's head.
const HEAD_TIMEOUT: std::time::Duration = std::time::Duration::from_secs(15);
/// Legacy sessions of the one room.
const SESSIONS_MAX: usize = 256;

/// Serves one room until a signal comes. Gives the exit code.
pub(crate) async fn serve(
    gate: Arc<Gate>,
    connector: Connector,
    address: SocketAddr,
) -> Result<i32, RunError> {
    connector.probe()?;
    let (socket, bound) = bind(address, "--listen").await?;
    let token = random::hex::<32>()?;
    let edge = Edge::new(bound, &[], &[]);
    let room = Arc::new(Room::new(gate, connector, SESSIONS_MAX));
    report(&format!("listening on http://{bound}/mcp"));
    report(&format!("token: {token} (send it as `Authorization: Bearer …`; it is shown once)"));
    let door = Arc::new(OneRoom { edge, token, room: Arc::clone(&room) });
    let code = tokio::select! {
        code = signal::stop() => code,
        never = accept(socket, door) => match never {},
    };
    room.end().await;
    Ok(code)
}

/// Listens; `setting` is what to change if that cannot be.
pub(crate) async fn bind(
    address: SocketAddr,
    setting: &str,
) -> Result<(TcpListener, SocketAddr), RunError> {
    let unusable = |error: std::io::Error| {
        let text = format!("cannot listen on {address}: {error}; choose another with `{setting}`");
        RunError::new(RunErrorKind::Usage, text)
    };
    let socket = TcpListener::bind(address).await.map_err(unusable)?;
    let bound = socket.local_addr().map_err(unusable)?;
    Ok((socket, bound))
}

pub(crate) async fn accept<D: Door>(socket: TcpListener, door: Arc<D>) -> std::convert::Infallible {
    loop {
        match socket.accept().await {
            Ok((stream, _)) => {
                tokio::spawn(connection(stream, Arc::clone(&door)));
            }
            // Out of file descriptors, say: others may still leave.
            Err(_) => tokio::time::sleep(std::time::Duration::from_millis(50)).await,
        }
    }
}

async fn connection<D: Door>(stream: TcpStream, door: Arc<D>) {
    let _ = stream.set_nodelay(true);
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        async move { Ok::<_, std::convert::Infallible>(route(&*door, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .serve_connection(TokioIo::new(stream), service);
    // A broken connection concerns its client alone.
    let _ = served.await;
}

async fn route<D: Door>(door: &D, request: Request<Incoming>) -> Response<Body> {
    let entered = door.edge().check(request.headers());
    let place = match entered.and_then(|()| door.enter(request.uri().path(), request.headers())) {
        Ok(place) => place,
        Err(rejection) => return rejection.into(),
    };
    match *request.method() {
        Method::POST => match edge::content(request.headers()) {
            Ok(()) => post::post(&place, request).await,
            Err(rejection) => rejection.into(),
        },
        Method::GET => get::get(&place, &request),
        Method::DELETE => get::delete(&place, &request),
        _ => respond::text(StatusCode::METHOD_NOT_ALLOWED, "use POST, GET or DELETE"),
    }
}

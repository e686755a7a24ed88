//! Connections, each with bounds, until the console is told to stop.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, watch};

use toolgate_store::Store;

use crate::deeds::account;
use crate::door;
use crate::edge::Edge;
use crate::house::House;
use crate::line::Line;
use crate::listener::Listener;
use crate::options::{ConsoleError, Options};

const CONNECTIONS_MAX: usize = 256;
/// How long a client may take to send its request's head, or be silent between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
const HEADERS_BYTES_MAX: usize = 16 << 10;
/// Nobody keeps a place for ever by reading slowly. What flows without end is told to end then, and
/// asked for again.
const CONNECTION_TIMEOUT: Duration = Duration::from_mins(2);
/// What has an end may go on for so long.
const LONG_TIMEOUT: Duration = Duration::from_mins(30);
/// How long requests in flight may take to end.
const DRAIN: Duration = Duration::from_secs(2);

/// Serves until `stopping` becomes true. The state directory is there, as `store` is open.
pub async fn serve(
    listener: Listener,
    options: Options,
    store: Store,
    mut stopping: watch::Receiver<bool>,
) -> Result<(), ConsoleError> {
    let edge = Edge::new(listener.bound, options.url.as_deref())?;
    let state = |error: toolgate_store::OpenError| ConsoleError::State(error.to_string());
    let base = options.url.clone().unwrap_or_else(|| listener.address());
    let tell = options.tell;
    let house = House::new(edge, options, store).map_err(state)?;
    welcome(&house, base.trim_end_matches('/'), tell)?;
    let house = Arc::new(house);
    let address = listener.address();
    let unusable = |error: std::io::Error| ConsoleError::Listen {
        address: address.clone(),
        what: error.to_string(),
    };
    let socket = TcpListener::from_std(listener.socket).map_err(unusable)?;
    let places = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let accepted = tokio::select! {
            accepted = accept(&socket, &places) => accepted,
            _ = stopping.wait_for(|stop| *stop) => break,
        };
        match accepted {
            Some((stream, place)) => {
                tokio::spawn(connection(stream, Arc::clone(&house), stopping.clone(), place));
            }
            // Out of file descriptors, say: others may still leave.
            None => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
    house.pulse.stop();
    let all = u32::try_from(CONNECTIONS_MAX).unwrap_or(u32::MAX);
    let _ = tokio::time::timeout(DRAIN, places.acquire_many(all)).await;
    Ok(())
}

/// Where nobody has an account, whoever sees the terminal can make the first.
fn welcome(house: &House, base: &str, tell: fn(&str)) -> Result<(), ConsoleError> {
    let failed = |refusal: crate::reply::Refusal| ConsoleError::State(refusal.text);
    if account::is_any(house).map_err(failed)? {
        return Ok(());
    }
    let token = house.welcome.open().map_err(failed)?;
    tell(&format!("first sign-in: {base}/welcome/{token}"));
    Ok(())
}

async fn accept(
    socket: &TcpListener,
    places: &Arc<Semaphore>,
) -> Option<(TcpStream, OwnedSemaphorePermit)> {
    let place = Arc::clone(places).acquire_owned().await.ok()?;
    let (stream, _) = socket.accept().await.ok()?;
    // A small answer must not wait for another one.
    let _ = stream.set_nodelay(true);
    Some((stream, place))
}

async fn connection(
    stream: TcpStream,
    house: Arc<House>,
    mut stopping: watch::Receiver<bool>,
    _place: OwnedSemaphorePermit,
) {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(HEADERS_BYTES_MAX);
    let (line, end) = Line::new();
    let own = line.clone();
    let service = service_fn(move |request| {
        let (house, line) = (Arc::clone(&house), line.clone());
        async move { Ok::<_, Infallible>(door::answer(&house, &line, request).await) }
    });
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    // A broken connection concerns its client alone.
    tokio::select! {
        _ = &mut serving => return,
        () = tokio::time::sleep(CONNECTION_TIMEOUT) => {}
        _ = stopping.wait_for(|stop| *stop) => {}
    }
    let long = own.has_long_work();
    serving.as_mut().graceful_shutdown();
    end.send_replace(true);
    if long {
        tokio::select! {
            _ = &mut serving => return,
            () = tokio::time::sleep(LONG_TIMEOUT) => {}
            _ = stopping.wait_for(|stop| *stop) => {}
        }
    }
    let _ = tokio::time::timeout(DRAIN, serving).await;
}

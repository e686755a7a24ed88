//! One connection: its requests, one after the other, to their rooms.

use std::convert::Infallible;
use std::sync::Arc;
use std::time::Duration;

use hyper::body::Incoming;
use hyper::header::{CONNECTION, HeaderValue, RETRY_AFTER, WWW_AUTHENTICATE};
use hyper::server::conn::http1;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::sync::{Semaphore, watch};

use crate::quota::Taken;

use super::body::Body;
use super::door::{Admitted, Asked, Door};
use super::entered::Entered;
use super::listener::{Listener, Stream};
use super::respond::{self, RETRY_AFTER_S, Rejection};
use super::stall::Stall;
use super::{edge, get, post};

/// How long a client may take to send its request's head, or be silent between two.
const HEAD_TIMEOUT: Duration = Duration::from_secs(15);
/// Less than this hyper cannot work with.
const HEADERS_BYTES_MIN: usize = 8 << 10;
/// Connections past the bound that are told so at the same time; more are closed at once.
const TURNED_AWAY_MAX: usize = 64;
/// How long they are listened to.
const TURN_AWAY: Duration = Duration::from_secs(2);

/// Accepts until `stopping` becomes true.
pub(crate) async fn accept<D: Door>(
    listener: Listener,
    door: Arc<D>,
    stopping: watch::Receiver<bool>,
) {
    let turned_away = Arc::new(Semaphore::new(TURNED_AWAY_MAX));
    let mut stop = stopping.clone();
    loop {
        let accepted = tokio::select! {
            accepted = listener.accept() => accepted,
            _ = stop.wait_for(|stop| *stop) => return,
        };
        let Ok(stream) = accepted else {
            // Out of file descriptors, say: others may still leave.
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (tls, door) = (listener.tls().cloned(), Arc::clone(&door));
        let secured = async move {
            match tls {
                Some(tls) => tls.accept(stream).await.ok(),
                None => Some(stream),
            }
        };
        if let Some(place) = door.bounds().connections.take(1) {
            tokio::spawn(serve(secured, door, stopping.clone(), place));
        } else if let Ok(place) = Arc::clone(&turned_away).try_acquire_owned() {
            tokio::spawn(async move {
                let _ = tokio::time::timeout(TURN_AWAY, turn_away(secured, door)).await;
                drop(place);
            });
        }
    }
}

async fn serve<D: Door>(
    secured: impl Future<Output = Option<Box<dyn Stream>>>,
    door: Arc<D>,
    mut stopping: watch::Receiver<bool>,
    _place: Taken,
) {
    // Who cannot speak TLS concerns nobody else.
    let Some(stream) = secured.await else { return };
    let stream = Stall::new(stream, door.bounds().write_timeout);
    let builder = builder(&*door);
    let service = service_fn(move |request| {
        let door = Arc::clone(&door);
        // In a box: hyper keeps as much room as a request takes, a connection is idle mostly.
        Box::pin(async move { Ok::<_, Infallible>(route(&*door, request).await) })
    });
    let mut serving = std::pin::pin!(builder.serve_connection(TokioIo::new(stream), service));
    // A broken connection concerns its client alone.
    tokio::select! {
        _ = &mut serving => return,
        _ = stopping.wait_for(|stop| *stop) => serving.as_mut().graceful_shutdown(),
    }
    let _ = serving.await;
}

/// Tells why, so that a probe of the gateway's health is not mistaken.
async fn turn_away<D: Door>(secured: impl Future<Output = Option<Box<dyn Stream>>>, door: Arc<D>) {
    let Some(stream) = secured.await else { return };
    let builder = builder(&*door);
    let service = service_fn(move |request: Request<Incoming>| {
        let door = Arc::clone(&door);
        async move {
            let health = door.health(request.method(), request.uri().path()).await;
            door.note_rejected(StatusCode::SERVICE_UNAVAILABLE);
            let full = || {
                respond::text(
                    StatusCode::SERVICE_UNAVAILABLE,
                    "too many connections; try again in a moment",
                )
            };
            let mut response = health.unwrap_or_else(full);
            let headers = response.headers_mut();
            headers.insert(CONNECTION, HeaderValue::from_static("close"));
            headers.insert(RETRY_AFTER, HeaderValue::from_static(RETRY_AFTER_S));
            Ok::<_, Infallible>(response)
        }
    });
    let _ = builder.serve_connection(TokioIo::new(stream), service).await;
}

fn builder<D: Door>(door: &D) -> http1::Builder {
    let mut builder = http1::Builder::new();
    builder
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIMEOUT)
        .max_buf_size(door.bounds().headers_bytes.max(HEADERS_BYTES_MIN));
    builder
}

async fn route<D: Door>(door: &D, request: Request<Incoming>) -> Response<Body> {
    let asked = Asked::of(&request);
    if let Some(health) = door.health(asked.method, asked.path).await {
        return health;
    }
    let led = match lead(door, asked).await {
        Ok(led) => led,
        Err(rejection) => {
            door.note_rejected(rejection.0);
            let mut response = Response::from(rejection);
            if rejection.0 == StatusCode::UNAUTHORIZED {
                response.headers_mut().insert(WWW_AUTHENTICATE, door.challenge(asked));
            }
            return response;
        }
    };
    match led {
        Led::Page(page) => page,
        Led::Place(Admitted { place, ends_ms }) => {
            let mut response = dispatch(&place, request).await.unwrap_or_else(|rejection| {
                door.note_rejected(rejection.0);
                rejection.into()
            });
            if let Some(at_ms) = ends_ms {
                response.body_mut().end_at(at_ms);
            }
            response
        }
    }
}

/// Where a request has come to.
enum Led {
    Page(Response<Body>),
    Place(Admitted),
}

async fn lead<D: Door>(door: &D, asked: Asked<'_>) -> Result<Led, Rejection> {
    door.edge().check(asked.headers)?;
    if let Some(page) = door.page(asked) {
        return Ok(Led::Page(page));
    }
    Ok(Led::Place(door.enter(asked.path, asked.headers).await?))
}

async fn dispatch(
    place: &Entered,
    request: Request<Incoming>,
) -> Result<Response<Body>, Rejection> {
    Ok(match *request.method() {
        Method::POST => {
            edge::content(request.headers())?;
            let places = place.presence().requests(1)?;
            post::post(place, request, places).await
        }
        Method::GET => get::get(place, &request),
        Method::DELETE => get::delete(place, &request),
        _ => respond::text(StatusCode::METHOD_NOT_ALLOWED, "use POST, GET or DELETE"),
    })
}

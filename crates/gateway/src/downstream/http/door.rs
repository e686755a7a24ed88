//! Who may come in, and where to.

use std::sync::Arc;
use std::time::Duration;

use hyper::header::HeaderValue;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use subtle::ConstantTimeEq;

use crate::quota::Quota;

use super::body::Body;
use super::edge::{Edge, bearer};
use super::entered::Entered;
use super::respond::Rejection;
use super::room::Room;

/// Leads a request to its place by path and identity.
pub(crate) trait Door: Send + Sync + 'static {
    fn edge(&self) -> &Edge;

    fn bounds(&self) -> &Bounds;

    /// Asked once the request's host and origin are known.
    fn enter(
        &self,
        path: &str,
        headers: &HeaderMap,
    ) -> impl Future<Output = Result<Admitted, Rejection>> + Send;

    /// What anybody may ask who can connect, whatever name they use.
    fn health(
        &self,
        _method: &Method,
        _path: &str,
    ) -> impl Future<Output = Option<Response<Body>>> + Send {
        async { None }
    }

    /// What may be asked without a token.
    fn page(&self, _asked: Asked<'_>) -> Option<Response<Body>> {
        None
    }

    /// What a client without a valid token is told (RFC 6750, section 3).
    fn challenge(&self, _asked: Asked<'_>) -> HeaderValue {
        HeaderValue::from_static("Bearer")
    }

    /// A request was turned away with this status.
    fn note_rejected(&self, _status: StatusCode) {}
}

/// Where somebody may be, and until when.
#[derive(Clone, Debug)]
pub(crate) struct Admitted {
    pub(crate) place: Entered,
    /// When what they showed is worth nothing any more, should it say so itself.
    pub(crate) ends_ms: Option<u64>,
}

/// A request as far as its head says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Asked<'a> {
    pub(crate) method: &'a Method,
    pub(crate) path: &'a str,
    pub(crate) headers: &'a HeaderMap,
}

impl<'a> Asked<'a> {
    pub(super) fn of<B>(request: &'a Request<B>) -> Self {
        Self { method: request.method(), path: request.uri().path(), headers: request.headers() }
    }
}

/// What connections are held to.
#[derive(Debug)]
pub(crate) struct Bounds {
    pub(crate) connections: Arc<Quota>,
    pub(crate) headers_bytes: usize,
    /// How long a client may read nothing of what it is sent.
    pub(crate) write_timeout: Duration,
}

/// One room, one token.
pub(super) struct OneRoom {
    pub(super) edge: Edge,
    pub(super) bounds: Bounds,
    pub(super) token: String,
    pub(super) room: Arc<Room>,
}

impl Door for OneRoom {
    fn edge(&self) -> &Edge {
        &self.edge
    }

    fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    async fn enter(&self, path: &str, headers: &HeaderMap) -> Result<Admitted, Rejection> {
        if path != "/mcp" {
            return Err(Rejection(StatusCode::NOT_FOUND, "the endpoint is /mcp"));
        }
        let same = |token: &str| bool::from(token.as_bytes().ct_eq(self.token.as_bytes()));
        if !bearer(headers).is_some_and(same) {
            return Err(Rejection::UNAUTHORIZED);
        }
        Ok(Admitted { place: Entered::Room(Arc::clone(&self.room)), ends_ms: None })
    }
}

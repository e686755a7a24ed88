//! Who may come in, and where to.

use std::sync::Arc;

use hyper::{HeaderMap, StatusCode};
use subtle::ConstantTimeEq;

use super::edge::{Edge, bearer};
use super::entered::Entered;
use super::respond::Rejection;
use super::room::Room;

/// Leads a request to its place by path and identity.
pub(crate) trait Door: Send + Sync + 'static {
    fn edge(&self) -> &Edge;

    /// Asked once the request's host and origin are known.
    fn enter(&self, path: &str, headers: &HeaderMap) -> Result<Entered, Rejection>;
}

/// One room, one token.
pub(super) struct OneRoom {
    pub(super) edge: Edge,
    pub(super) token: String,
    pub(super) room: Arc<Room>,
}

impl Door for OneRoom {
    fn edge(&self) -> &Edge {
        &self.edge
    }

    fn enter(&self, path: &str, headers: &HeaderMap) -> Result<Entered, Rejection> {
        if path != "/mcp" {
            return Err(Rejection(StatusCode::NOT_FOUND, "the endpoint is /mcp"));
        }
        let same = |token: &str| bool::from(token.as_bytes().ct_eq(self.token.as_bytes()));
        if !bearer(headers).is_some_and(same) {
            return Err(Rejection::UNAUTHORIZED);
        }
        Ok(Entered::Room(Arc::clone(&self.room)))
    }
}

//! A modern client's connection: closing it takes the request back.

use std::sync::Arc;

use crate::request::Request;
use crate::session::Session;

/// MCP 2026-07-28, streamable HTTP: a client cancels by closing the stream.
#[derive(Debug)]
pub(crate) struct Link {
    session: Arc<Session>,
    request: Arc<Request>,
}

impl Link {
    pub(super) fn new(session: Arc<Session>, request: Arc<Request>) -> Self {
        Self { session, request }
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.request.is_settled() {
            return;
        }
        self.session.abandon(&self.request);
    }
}

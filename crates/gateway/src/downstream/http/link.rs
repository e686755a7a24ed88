//! A modern client's connection: closing it takes the request back.

use std::sync::Arc;

use crate::request::Request;

use super::behind::Behind;

/// MCP 2026-07-28, streamable HTTP: a client cancels by closing the stream.
#[derive(Debug)]
pub(crate) struct Link {
    behind: Behind,
    request: Arc<Request>,
}

impl Link {
    pub(super) fn new(behind: Behind, request: Arc<Request>) -> Self {
        Self { behind, request }
    }

    pub(super) fn request(&self) -> Arc<Request> {
        Arc::clone(&self.request)
    }
}

impl Drop for Link {
    fn drop(&mut self) {
        if self.request.is_settled() {
            return;
        }
        self.behind.abandon(&self.request);
    }
}

//! One message to the server. Its answer comes on the stream.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{HeaderMap, Method};
use toolgate_json::Document;
use toolgate_protocol::Id;

use crate::relay::Outbound;
use crate::request::{Request, Sending};
use crate::upstream::Failure;
use crate::upstream::remote::{Target, received, whole};

use super::Shared;

pub(super) struct Post {
    pub(super) shared: Arc<Shared>,
    /// On the wire.
    pub(super) id: Id,
    pub(super) request: Arc<Request>,
    pub(super) sending: Sending,
}

/// Of what a server says to a POST, which is nothing that counts.
const BODY_BYTES_MAX: usize = 64 << 10;

impl Post {
    /// Settles the request where it cannot be sent; otherwise the stream does.
    pub(super) async fn run(mut self, outbound: Outbound, document: Document) {
        let request = Arc::clone(&self.request);
        let sent = tokio::select! {
            sent = self.post(outbound, document) => sent,
            () = request.abandoned() => Err(Failure::Left),
        };
        if let Err(failure) = sent
            && let Some(waiter) = self.shared.incoming.waiters.remove(&self.id)
        {
            waiter.settle(Err(failure));
        }
    }

    async fn post(&mut self, outbound: Outbound, document: Document) -> Result<(), Failure> {
        let endpoint = self.shared.endpoint().await?;
        // Nothing waits between this question and the request's first byte but a connection.
        self.fresh(outbound)?;
        self.request.note_sent(true);
        let sent = send(&endpoint, document.bytes().clone()).await;
        self.sending = None;
        sent
    }

    fn fresh(&self, outbound: Outbound) -> Result<(), Failure> {
        if self.request.is_cancelled() {
            return Err(Failure::Cancelled);
        }
        match outbound {
            Outbound::Permit(permit) if !permit.is_fresh() => Err(Failure::Stale(Box::new(permit))),
            Outbound::Permit(_) | Outbound::Relay(_) => Ok(()),
        }
    }
}

pub(super) async fn send(endpoint: &Target, body: Bytes) -> Result<(), Failure> {
    let response = received(endpoint.send(Method::POST, HeaderMap::new(), body).await)?;
    let status = response.status();
    // Read to its end, the connection can be used again.
    let _ = whole(response.into_body(), BODY_BYTES_MAX).await;
    if status.is_success() {
        return Ok(());
    }
    Err(Failure::Lost(format!("the server answered {status} and no message")))
}

//! One message to the server. Its answer comes on the stream.

use std::sync::Arc;

use bytes::Bytes;
use hyper::{HeaderMap, Method, Response};
use toolgate_json::Document;
use toolgate_protocol::Id;

use crate::relay::Outbound;
use crate::request::{Request, Sending};
use crate::upstream::Failure;
use crate::upstream::departure::Departure;
use crate::upstream::remote::{Body, Target, received, whole};

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
        let leaving = Departure::new(&self.request, outbound);
        let body = document.bytes().clone();
        let response = endpoint.post(HeaderMap::new(), body, leaving).await;
        self.sending = None;
        taken(response?).await
    }
}

pub(super) async fn send(endpoint: &Target, body: Bytes) -> Result<(), Failure> {
    taken(received(endpoint.send(Method::POST, HeaderMap::new(), body).await)?).await
}

async fn taken(response: Response<Body>) -> Result<(), Failure> {
    let status = response.status();
    // Read to its end, the connection can be used again.
    let _ = whole(response.into_body(), BODY_BYTES_MAX).await;
    if status.is_success() {
        return Ok(());
    }
    Err(Failure::Lost(format!("the server answered {status} and no message")))
}

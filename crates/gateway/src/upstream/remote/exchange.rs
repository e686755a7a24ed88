//! One request to a remote server, to its answer.

use std::sync::Arc;

use hyper::header::{CONTENT_TYPE, HeaderMap, HeaderName, HeaderValue};
use hyper::{Response, StatusCode};
use tokio::sync::OwnedRwLockWriteGuard;
use toolgate_protocol::version::{self, Version};
use toolgate_protocol::{Era, Id};

use crate::relay::Outbound;
use crate::request::{Request, Sending};
use crate::upstream::departure::Departure;
use crate::upstream::{Failure, Reply};

use super::answer;
use super::pool::Body;
use super::stream::{self, Place, Told};
use super::{Handshake, SESSION_ID, Shared, with_standard};

pub(super) struct Exchange {
    pub(super) shared: Arc<Shared>,
    /// Under which the waiter stands.
    pub(super) key: Id,
    pub(super) request: Arc<Request>,
    pub(super) sending: Sending,
}

type Guard = OwnedRwLockWriteGuard<Handshake>;

impl Exchange {
    pub(super) async fn run(mut self, outbound: Outbound, handshake: Option<Guard>) {
        let request = Arc::clone(&self.request);
        let result = tokio::select! {
            result = self.exchange(outbound, handshake) => result,
            // A modern client cancels by leaving; so do we.
            () = request.abandoned() => Err(Failure::Left),
        };
        if let Some(waiter) = self.shared.waiters.remove(&self.key) {
            waiter.settle(result);
        }
    }

    async fn exchange(
        &mut self,
        outbound: Outbound,
        handshake: Option<Guard>,
    ) -> Result<Reply, Failure> {
        let extra = match &handshake {
            Some(_) => HeaderMap::new(),
            None => self.shared.session.read().await.headers(),
        };
        let mut headers = self.mirror(extra);
        if self.request.era == Era::Modern {
            headers = with_standard(headers, outbound.document());
        }
        let body = outbound.document().bytes().clone();
        let leaving = Departure::new(&self.request, outbound);
        let response = self.shared.target.post(headers, body, leaving).await;
        self.sending = None;
        let response = response?;
        match handshake {
            Some(guard) => self.shake(guard, response).await,
            None => self.reply(response).await,
        }
    }

    /// `Mcp-Param-*`: as the client wrote them, but for those that the body says.
    fn mirror(&self, mut extra: HeaderMap) -> HeaderMap {
        for (name, value) in self.request.mirrored.iter().flatten() {
            let parsed = HeaderName::try_from(name.as_str()).ok();
            if let Some((name, value)) = parsed.zip(HeaderValue::from_bytes(value).ok()) {
                extra.append(name, value);
            }
        }
        for (name, value) in self.request.trace.headers() {
            let value = HeaderValue::try_from(value).ok();
            value.map(|value| extra.insert(HeaderName::from_static(name), value));
        }
        for (name, value) in self.request.written_headers() {
            let parsed = HeaderName::try_from(name).ok();
            if let Some((name, value)) = parsed.zip(HeaderValue::try_from(value).ok()) {
                extra.insert(name, value);
            }
        }
        extra
    }

    /// Everything else waits until the session has its id and version.
    async fn shake(&self, mut guard: Guard, response: Response<Body>) -> Result<Reply, Failure> {
        guard.session_id = response.headers().get(SESSION_ID).and_then(copy);
        let reply = self.reply(response).await?;
        let version = version::negotiated(&reply.message).and_then(|text| Version::parse(&text));
        guard.version = version
            .filter(|version| version.has_version_header())
            .map(|version| HeaderValue::from_static(version.as_str()));
        Ok(reply)
    }

    async fn reply(&self, response: Response<Body>) -> Result<Reply, Failure> {
        let status = response.status();
        let media = response.headers().get(CONTENT_TYPE).and_then(|v| v.to_str().ok());
        let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
        if status == StatusCode::OK && media.eq_ignore_ascii_case("text/event-stream") {
            self.request.note_streamed();
            return self.events(response.into_body()).await;
        }
        if !media.eq_ignore_ascii_case("application/json") {
            return Err(Failure::Lost(self.shared.explain(status)));
        }
        let bytes_max = self.shared.result_bytes_max();
        let text = answer::whole(response.into_body(), bytes_max).await.map_err(Failure::Lost)?;
        let message = answer::read(text, &self.request).map_err(Failure::Lost)?;
        let status = (status != StatusCode::OK).then_some(status.as_u16());
        Ok(Reply { message, status })
    }

    /// Until the answer comes, taking a broken stream up again where the server can.
    async fn events(&self, body: Body) -> Result<Reply, Failure> {
        let told = Told { shared: &self.shared, request: Some(&self.request) };
        let mut place = Place::default();
        let mut answer = stream::read(body, &told, &mut place).await;
        for _ in 0..RESUMES_MAX {
            if answer.is_some() || !place.can_resume() || self.request.is_cancelled() {
                break;
            }
            if let Some(body) = self.shared.resume(&place).await {
                answer = stream::read(body, &told, &mut place).await;
            }
        }
        if let Some(message) = answer {
            return Ok(Reply { message, status: None });
        }
        Err(Failure::Lost("the server's answer broke off".to_owned()))
    }
}

/// How often one answer is asked for again.
const RESUMES_MAX: usize = 10;

/// A clone would keep the whole buffer that the connection has read it into.
fn copy(value: &HeaderValue) -> Option<HeaderValue> {
    HeaderValue::from_bytes(value.as_bytes()).ok()
}

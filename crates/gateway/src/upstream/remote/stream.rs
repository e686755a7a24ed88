//! Events of a remote server, one stream at a time.

use std::sync::Arc;
use std::time::Duration;

use http_body_util::BodyExt;
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, StatusCode};
use toolgate_protocol::frame::{Event, Events, Frame};
use toolgate_protocol::{Message, MessageKind, Side};

use crate::report::report;
use crate::request::Request;
use crate::upstream::Reply;

use super::Shared;
use super::pool::Body;

/// Where a stream stands, so that it can be taken up again.
#[derive(Debug, Default)]
pub(super) struct Place {
    last_event: Option<String>,
    retry: Option<Duration>,
}

/// Who hears what a stream says.
pub(super) struct Told<'a> {
    pub(super) shared: &'a Arc<Shared>,
    /// The request that the stream answers; nothing for the standing stream.
    pub(super) request: Option<&'a Arc<Request>>,
}

const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");
const RETRY: Duration = Duration::from_secs(1);
const RETRY_MAX: Duration = Duration::from_mins(1);

impl Place {
    pub(super) fn can_resume(&self) -> bool {
        self.last_event.is_some()
    }

    pub(super) fn retry(&self) -> Duration {
        self.retry.unwrap_or(RETRY).min(RETRY_MAX)
    }

    fn note(&mut self, event: &Event) {
        if let Some(id) = &event.id {
            self.last_event = Some(id.clone()).filter(|id| !id.is_empty());
        }
        if let Some(ms) = event.retry_ms {
            self.retry = Some(Duration::from_millis(ms));
        }
    }
}

/// Reads to the end of the stream, or to the answer of its request, which it gives.
pub(super) async fn read(mut body: Body, told: &Told<'_>, place: &mut Place) -> Option<Message> {
    let mut events = Events::new(told.shared.result_bytes_max());
    while let Some(Ok(frame)) = body.frame().await {
        let Ok(data) = frame.into_data() else { continue };
        events.push(&data);
        while let Some(frame) = events.next_frame() {
            let answer = told.frame(frame, place).await;
            if answer.is_some() {
                return answer;
            }
        }
    }
    None
}

impl Told<'_> {
    async fn frame(&self, frame: Frame, place: &mut Place) -> Option<Message> {
        match frame {
            Frame::Comment => None,
            Frame::Event(event) => {
                place.note(&event);
                self.event(event).await
            }
            Frame::TooLong => {
                report("dropped an event of the server: longer than the limit");
                None
            }
        }
    }

    async fn event(&self, event: Event) -> Option<Message> {
        // An event without data only names a place to resume from.
        let data = event.data.filter(|data| !data.is_empty())?;
        let message = match Message::read(data, Side::Server) {
            Ok(message) => message,
            Err(refusal) => {
                report(&format!("dropped an event of the server: {}", refusal.text));
                return None;
            }
        };
        if message.kind() == MessageKind::Response {
            return self.response(message);
        }
        let replies = self.request.map(|request| &request.replies);
        // In a box: a stream may be listened to for long, and what a message takes is seldom
        // needed.
        if let Some(refusal) = Box::pin(self.shared.inbox.take(message, replies)).await {
            let shared = Arc::clone(self.shared);
            tokio::spawn(async move { shared.post(refusal.message().document()).await });
        }
        None
    }

    /// The answer to this stream's request is given back; any other goes to whoever waits for it,
    /// since a server may answer on another stream.
    fn response(&self, message: Message) -> Option<Message> {
        let id = message.id_key()?;
        if self.request.is_some_and(|request| request.id == id) {
            return Some(message);
        }
        match self.shared.waiters.remove(&id) {
            Some(waiter) => waiter.settle(Ok(Reply { message, status: None })),
            None => report("dropped an answer of the server that nobody waits for"),
        }
        None
    }
}

impl Shared {
    /// Asks for the rest of a stream; nothing if it cannot be had now.
    pub(super) async fn resume(&self, place: &Place) -> Option<Body> {
        tokio::time::sleep(place.retry()).await;
        self.listen(place).await.ok()
    }

    /// Opens a stream by GET; the status where the server refuses.
    pub(super) async fn listen(&self, place: &Place) -> Result<Body, Option<StatusCode>> {
        let mut headers = self.session.read().await.headers();
        let last = place.last_event.as_deref().and_then(|id| HeaderValue::try_from(id).ok());
        if let Some(last) = last {
            headers.insert(LAST_EVENT, last);
        }
        let sent = self.target.send(Method::GET, headers, bytes::Bytes::new()).await;
        let response = sent.map_err(|_| None)?;
        match response.status() {
            StatusCode::OK => Ok(response.into_body()),
            status => Err(Some(status)),
        }
    }
}

//! The stream on which everything comes.

use std::sync::Arc;

use bytes::Bytes;
use http_body_util::BodyExt;
use hyper::header::CONTENT_TYPE;
use hyper::{HeaderMap, Method, StatusCode};
use toolgate_protocol::frame::{Event, Events, Frame};
use toolgate_protocol::{Message, Side};

use crate::upstream::Failure;
use crate::upstream::remote::{Body, Target, received};

use super::{Shared, endpoint};

pub(super) struct Stream {
    body: Body,
    events: Events,
}

const LOST: &str = "the connection to the server broke, and its session with it";

/// Opens the stream and reads up to the event that names the endpoint.
pub(super) async fn open(shared: &Shared) -> Result<(Target, Stream), String> {
    let sent = shared.target.send(Method::GET, HeaderMap::new(), Bytes::new()).await;
    let response = received(sent).map_err(|failure| match failure {
        Failure::Lost(why) | Failure::Unsent(why) => why,
        Failure::Cancelled
        | Failure::Held(_)
        | Failure::Left
        | Failure::Stale(_)
        | Failure::TimedOut(_) => LOST.to_owned(),
    })?;
    let status = response.status();
    let media = response.headers().get(CONTENT_TYPE).and_then(|media| media.to_str().ok());
    let media = media.and_then(|media| media.split(';').next()).unwrap_or_default().trim();
    if status != StatusCode::OK || !media.eq_ignore_ascii_case("text/event-stream") {
        return Err(format!("the server answered {status} and no stream; is its transport `sse`?"));
    }
    let events = Events::new(shared.event_bytes_max);
    let mut stream = Stream { body: response.into_body(), events };
    loop {
        let event = stream.next(shared).await.ok_or("the server named no endpoint")?;
        if event.event.as_deref() == Some("endpoint") {
            let named = event.data.unwrap_or_default();
            let uri = endpoint::resolve(shared.target.uri(), &named)?;
            return Ok((shared.target.at(uri), stream));
        }
    }
}

impl Stream {
    /// Until either side ends the session.
    pub(super) async fn listen(mut self, shared: Arc<Shared>) {
        let mut ended = shared.ended.subscribe();
        let said = async {
            while let Some(event) = self.next(&shared).await {
                take(&shared, event).await;
            }
        };
        tokio::select! {
            () = said => shared.end(LOST),
            _ = ended.wait_for(|ended| *ended) => {}
        }
    }

    /// The next event; nothing once the stream is over.
    async fn next(&mut self, shared: &Shared) -> Option<Event> {
        loop {
            match self.events.next_frame() {
                Some(Frame::Event(event)) => return Some(event),
                Some(Frame::Comment) => {}
                Some(Frame::TooLong) => {
                    shared.incoming.unreadable("an event", "longer than the limit", true);
                }
                None => {
                    let frame = self.body.frame().await?.ok()?;
                    self.events.push(&frame.into_data().unwrap_or_default());
                }
            }
        }
    }
}

async fn take(shared: &Arc<Shared>, event: Event) {
    if event.event.is_some_and(|kind| kind != "message") {
        return;
    }
    let Some(data) = event.data.filter(|data| !data.is_empty()) else { return };
    match Message::read(data, Side::Server) {
        Ok(message) => {
            if let Some(relay) = shared.incoming.message(message).await {
                shared.say_back(relay);
            }
        }
        Err(refusal) => shared.incoming.unreadable("an event", &refusal.text, true),
    }
}

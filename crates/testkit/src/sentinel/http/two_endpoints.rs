//! HTTP+SSE of 2024-11-05: one stream for everything said, and another path to post to.

use std::sync::Arc;

use hyper::{StatusCode, Uri};

use super::legacy::Sessions;
use super::reply::{self, Reply};
use super::stream::{Reading, Stream};
use crate::sentinel::answer::{Answer, Outlet};
use crate::sentinel::core::Core;
use crate::sentinel::recorder::Parsed;

pub(crate) const STREAM: &str = "/sse";
pub(crate) const POST: &str = "/messages";

/// All answers of a session go to its one stream, which no answer ends.
struct Unending(Arc<Stream>);

impl Outlet for Unending {
    fn send(&self, text: String) -> bool {
        self.0.send(text)
    }

    fn finish(&self, answer: Answer) {
        self.0.send(answer.text);
    }
}

/// Opens a session; the first event says where to post.
pub(crate) fn open(core: &Core, sessions: &Sessions) -> Reply {
    let (id, stream) = sessions.open_stream();
    let endpoint = match &core.flags.sse_endpoint {
        Some(endpoint) => endpoint.clone(),
        None => format!("{POST}?sessionId={id}"),
    };
    let greeting = format!("event: endpoint\ndata: {endpoint}\n\n");
    let reading = Reading { greeting: Some(greeting), ..Reading::new(stream) };
    reply::events(reading, core.flags.split_writes)
}

pub(crate) fn post(core: &Arc<Core>, sessions: &Sessions, uri: &Uri, parsed: &Parsed) -> Reply {
    let id = uri.query().and_then(|query| query.strip_prefix("sessionId="));
    let Some((session, stream)) = id.and_then(|id| sessions.of(id)) else {
        return reply::status(StatusCode::NOT_FOUND);
    };
    let Ok(json) = &parsed.json else {
        return reply::status(StatusCode::BAD_REQUEST);
    };
    let outlet: Arc<dyn Outlet> = Arc::new(Unending(stream));
    if let Some(answer) = core.receive(&session, &outlet, json) {
        outlet.finish(answer);
    }
    reply::status(StatusCode::ACCEPTED)
}

//! Where a request stands in its client's trace, and our own part of it.

use hyper::HeaderMap;
use hyper::header::HeaderValue;
use toolgate_protocol::Message;
use toolgate_protocol::trace::{
    SpanId, TRACEPARENT, TRACESTATE, TraceContext, TraceId, TraceParent,
};

/// Ids of the spans that are exported of one request.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Own {
    pub(crate) trace: TraceId,
    /// Of what the client asks us.
    pub(crate) server: SpanId,
    /// Of what we ask the server.
    pub(crate) client: SpanId,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Trace {
    /// Whose child the request is: what its message says, else what its HTTP request said.
    pub(crate) parent: Option<TraceContext>,
    /// What the HTTP request said, where the message says something else.
    pub(crate) link: Option<TraceParent>,
    pub(crate) own: Option<Own>,
    /// Whether an HTTP server is told.
    passes: bool,
}

/// `sampled`, where no client has decided.
const SAMPLED: u8 = 1;

impl Trace {
    /// `heard` came with the HTTP request. Nothing of ours is added unless spans are exported.
    pub(crate) fn of(message: &Message, heard: Option<&TraceContext>, exported: bool) -> Self {
        let said = TraceContext::of(message);
        let other = heard.filter(|heard| said.as_ref().is_some_and(|said| said != *heard));
        let link = other.map(|heard| heard.parent);
        let parent = said.or_else(|| heard.cloned());
        // Whoever begins a trace decides whether it is kept.
        let wanted = exported && parent.as_ref().is_none_or(|said| said.parent.is_sampled());
        let own = wanted.then(|| Own::below(parent.as_ref())).flatten();
        Self { parent, link, own, passes: exported }
    }

    /// For the record.
    pub(crate) fn id(&self) -> Option<TraceId> {
        let own = self.own.map(|own| own.trace);
        own.or_else(|| self.parent.as_ref().map(|context| context.parent.trace))
    }

    /// What an HTTP server hears: our span as its parent.
    pub(crate) fn headers(&self) -> Vec<(&'static str, String)> {
        let parent = self.parent.as_ref().map(|context| context.parent);
        let ours = self.own.map(|own| TraceParent {
            trace: own.trace,
            span: own.client,
            flags: parent.map_or(SAMPLED, |parent| parent.flags),
        });
        let Some(parent) = ours.or(parent).filter(|_| self.passes) else { return Vec::new() };
        let state = self.parent.as_ref().and_then(|context| context.state.clone());
        let state = state.map(|state| (TRACESTATE, state));
        [(TRACEPARENT, parent.to_string())].into_iter().chain(state).collect()
    }
}

impl Own {
    /// Nothing where there are no random numbers: then there are no spans.
    fn below(parent: Option<&TraceContext>) -> Option<Self> {
        let mut random = [0; 32];
        getrandom::fill(&mut random).ok()?;
        let (trace, spans) = random.split_first_chunk::<16>()?;
        let (server, spans) = spans.split_first_chunk::<8>()?;
        let client = spans.first_chunk::<8>()?;
        let trace = parent.map_or(TraceId(*trace), |context| context.parent.trace);
        Some(Self { trace, server: SpanId(*server), client: SpanId(*client) })
    }
}

/// What an HTTP request says. Two parents are none (W3C Trace Context, section 3.2); states are one
/// list.
pub(crate) fn heard(head: &HeaderMap) -> Option<TraceContext> {
    let mut parents = head.get_all(TRACEPARENT).iter();
    let (parent, None) = (parents.next()?, parents.next()) else { return None };
    let states: Vec<&[u8]> = head.get_all(TRACESTATE).iter().map(HeaderValue::as_bytes).collect();
    let state = (!states.is_empty()).then(|| states.join(&b','));
    TraceContext::read(parent.as_bytes(), state.as_deref())
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use toolgate_protocol::Side;

    use super::*;

    const HEADER: &str = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01";
    const META: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    fn message(meta: &str) -> Message {
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"ping","params":{{"_meta":{{{meta}}}}}}}"#
        );
        Message::read(Bytes::from(text), Side::Client).unwrap()
    }

    fn with_meta() -> Message {
        message(&format!(r#""traceparent":"{META}","tracestate":"a=1""#))
    }

    fn context(text: &str) -> TraceContext {
        TraceContext::read(text.as_bytes(), None).unwrap()
    }

    #[test]
    fn the_message_is_the_parent_and_the_http_request_a_link() {
        let trace = Trace::of(&with_meta(), Some(&context(HEADER)), true);
        assert_eq!(trace.parent.as_ref().unwrap().parent.to_string(), META);
        assert_eq!(trace.link.unwrap().to_string(), HEADER);
        let own = trace.own.unwrap();
        assert_eq!(own.trace, trace.id().unwrap());
        let headers = trace.headers();
        assert_eq!(headers[0].1, format!("00-{}-{}-01", own.trace, own.client));
        assert_eq!(headers[1], (TRACESTATE, "a=1".to_owned()));
    }

    #[test]
    fn what_is_said_twice_is_no_link() {
        let message = message(&format!(r#""traceparent":"{HEADER}""#));
        assert!(Trace::of(&message, Some(&context(HEADER)), true).link.is_none());
    }

    #[test]
    fn without_export_the_id_is_known_and_nothing_is_passed_on() {
        let trace = Trace::of(&with_meta(), None, false);
        assert_eq!(trace.id().unwrap().to_string(), META[3..35]);
        assert!(trace.own.is_none() && trace.headers().is_empty());
    }

    #[test]
    fn a_trace_that_its_client_does_not_keep_is_passed_on_as_it_is() {
        let unsampled = META.replace("-01", "-00");
        let trace = Trace::of(&message(""), Some(&context(&unsampled)), true);
        assert!(trace.own.is_none());
        assert_eq!(trace.headers(), [(TRACEPARENT, unsampled)]);
    }

    #[test]
    fn a_client_without_a_trace_begins_one_here() {
        let bad = message(r#""traceparent":"00-nonsense""#);
        let traces = [Trace::of(&message(""), None, true), Trace::of(&bad, None, true)];
        assert!(traces.iter().all(|trace| trace.parent.is_none() && trace.own.is_some()));
        assert_ne!(traces[0].id(), traces[1].id());
        assert!(traces[0].headers()[0].1.ends_with("-01"));
    }

    #[test]
    fn two_parents_in_headers_are_none() {
        let mut head = HeaderMap::new();
        head.append(TRACEPARENT, HEADER.parse().unwrap());
        head.append(TRACESTATE, "a=1".parse().unwrap());
        head.append(TRACESTATE, "b=2".parse().unwrap());
        assert_eq!(heard(&head).unwrap().state.as_deref(), Some("a=1,b=2"));
        head.append(TRACEPARENT, HEADER.parse().unwrap());
        assert_eq!(heard(&head), None);
    }
}

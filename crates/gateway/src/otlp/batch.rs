//! `ExportTraceServiceRequest` for a batch of calls.

use bytes::Bytes;
use toolgate_protocol::trace::{SpanId, TraceParent};

use crate::trace::Own;

use super::attributes;
use super::json::Json;
use super::seen::{Seen, Sent};
use super::watch::nanoseconds;

const SERVER: u8 = 2;
const CLIENT: u8 = 3;
const ERROR: u8 = 2;
/// Span flags: bit 8 says that bit 9 is known, which says that the parent is another process.
const LOCAL_PARENT: u32 = 0x100;
const REMOTE_PARENT: u32 = 0x300;
const SAMPLED: u32 = 1;

/// One run of the gateway, from which all comes.
pub(super) struct Resource {
    pub(super) instance: String,
}

impl Resource {
    /// Items of one signal in the three layers that OTLP has around them, by their names.
    pub(super) fn around(&self, layers: [&str; 3], items: impl FnOnce(&mut Json)) -> Bytes {
        let [resources, scopes, name] = layers;
        let mut json = Json::default();
        json.object(|json| {
            json.array(resources, |json| json.object(|json| self.one(json, (scopes, name), items)));
        });
        json.finish().into()
    }

    fn one(&self, json: &mut Json, (scopes, name): (&str, &str), items: impl FnOnce(&mut Json)) {
        json.member("resource", |json| {
            json.array("attributes", |json| {
                json.attribute("service.name", "toolgate");
                json.attribute("service.version", env!("CARGO_PKG_VERSION"));
                json.attribute("service.instance.id", &self.instance);
            });
        });
        let scope = |json: &mut Json| {
            json.member("scope", |json| {
                json.text("name", "toolgate");
                json.text("version", env!("CARGO_PKG_VERSION"));
            });
            json.array(name, items);
        };
        json.array(scopes, |json| json.object(scope));
    }
}

pub(super) fn traces(resource: &Resource, calls: &[Seen]) -> Bytes {
    let layers = ["resourceSpans", "scopeSpans", "spans"];
    resource.around(layers, |json| calls.iter().for_each(|seen| spans(json, seen)))
}

fn spans(json: &mut Json, seen: &Seen) {
    let Some(own) = seen.trace.own else { return };
    json.object(|json| asked(json, own, seen));
    if let Some(sent) = &seen.sent {
        json.object(|json| passed_on(json, own, seen, sent));
    }
}

/// The span of what the client asked us.
fn asked(json: &mut Json, own: Own, seen: &Seen) {
    let parent = seen.trace.parent.as_ref();
    let flags = match parent {
        Some(context) => REMOTE_PARENT | u32::from(context.parent.flags),
        None => SAMPLED,
    };
    ids(json, own, own.server, flags);
    if let Some(context) = parent {
        json.text("parentSpanId", &context.parent.span.to_string());
    }
    json.number("kind", SERVER);
    times(json, seen.began_ns, nanoseconds(seen.took));
    state(json, seen);
    json.text("name", &attributes::span_name(seen));
    json.array("attributes", |json| attributes::server(json, seen));
    if let Some(link) = seen.trace.link {
        json.array("links", |json| json.object(|json| linked(json, link)));
    }
    status(json, seen.failure().is_some());
}

/// The span of what we asked the server.
fn passed_on(json: &mut Json, own: Own, seen: &Seen, sent: &Sent) {
    let flags = seen.trace.parent.as_ref().map_or(SAMPLED, |c| u32::from(c.parent.flags));
    ids(json, own, own.client, LOCAL_PARENT | flags);
    json.text("parentSpanId", &own.server.to_string());
    json.number("kind", CLIENT);
    times(json, sent.began_ns, nanoseconds(sent.took));
    state(json, seen);
    json.text("name", &attributes::span_name(seen));
    json.array("attributes", |json| attributes::client(json, seen, sent));
    status(json, sent.failure().is_some());
}

fn ids(json: &mut Json, own: Own, span: SpanId, flags: u32) {
    json.text("traceId", &own.trace.to_string());
    json.text("spanId", &span.to_string());
    json.number("flags", flags);
}

fn times(json: &mut Json, began_ns: u64, took_ns: u64) {
    json.long("startTimeUnixNano", began_ns);
    json.long("endTimeUnixNano", began_ns.saturating_add(took_ns));
}

fn state(json: &mut Json, seen: &Seen) {
    if let Some(state) = seen.trace.parent.as_ref().and_then(|context| context.state.as_deref()) {
        json.text("traceState", state);
    }
}

fn linked(json: &mut Json, link: TraceParent) {
    json.text("traceId", &link.trace.to_string());
    json.text("spanId", &link.span.to_string());
    json.number("flags", REMOTE_PARENT | u32::from(link.flags));
}

fn status(json: &mut Json, failed: bool) {
    json.member("status", |json| {
        if failed {
            json.number("code", ERROR);
        }
    });
}

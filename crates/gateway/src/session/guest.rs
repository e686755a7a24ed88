//! A legacy client at a server connection that others use too.
//!
//! What has an id finds its client: calls, lists, their progress, their end. What has none, or
//! would change the connection for all, stays out.

use bytes::Bytes;
use toolgate_json::{Value, quote};
use toolgate_protocol::version::{self, Version};
use toolgate_protocol::{Era, Message, Side, answer};

use crate::outbox::Outbox;
use crate::request::Request;
use crate::upstream::Table;

#[derive(Debug)]
pub(crate) struct Guest {
    table: Table,
    /// Held, so that what concerns all comes here as long as the client is there.
    _seat: Outbox,
}

/// What becomes of a request.
pub(crate) enum Course {
    /// It is answered here.
    Answered(Message),
    On,
    Refused(Bytes),
}

/// What only asks, and is answered to whoever asked.
const PASSING: [&str; 9] = [
    "completion/complete",
    "ping",
    "prompts/get",
    "prompts/list",
    "resources/list",
    "resources/read",
    "resources/templates/list",
    "tools/call",
    "tools/list",
];

impl Guest {
    pub(crate) fn new(table: Table, seat: Outbox) -> Self {
        table.seat(&seat);
        Self { table, _seat: seat }
    }

    pub(crate) fn course(&self, message: &Message, request: &Request) -> Course {
        let method = message.method().unwrap_or_default();
        let refused = |what: &str| {
            let text = format!("Method not found: {what} (this server is shared between clients)");
            Course::Refused(answer::error(
                Some(&request.id_raw),
                answer::METHOD_NOT_FOUND,
                &text,
                None,
            ))
        };
        if method == "initialize" {
            let answer = self.introduce(message, request);
            return answer.map_or_else(|| refused("initialize"), Course::Answered);
        }
        // 2025-11-25: what it begins is asked for later, by whoever knows its name.
        let task = message.params().is_some_and(|params| params.get("task").is_some());
        match PASSING.contains(&&*method) {
            true if task => refused(&format!("{method} as a task")),
            true => Course::On,
            false => refused(&method),
        }
    }

    /// The server's introduction, but for what is not to be had here, in the client's version where
    /// the server's is newer.
    fn introduce(&self, hello: &Message, request: &Request) -> Option<Message> {
        let introduction = self.table.introduction.result()?;
        let spoken = Version::parse(&version::negotiated(&self.table.introduction)?)?;
        let asked = version::requested(hello).and_then(|asked| Version::parse(&asked));
        let asked = asked.filter(|asked| asked.era() == Era::Legacy);
        let version = asked.map_or(spoken, |asked| asked.min(spoken));
        let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
        out.extend_from_slice(&request.id_raw);
        out.extend_from_slice(br#","result":{"protocolVersion":"#);
        quote(version.as_str(), &mut out);
        out.extend_from_slice(br#","capabilities":{"#);
        capabilities(introduction.get("capabilities")?, &mut out);
        out.push(b'}');
        let known = |key: &Value<'_>| key.is("protocolVersion") || key.is("capabilities");
        for (key, value) in introduction.entries().filter(|(key, _)| !known(key)) {
            member(key, value.raw(), &mut out);
        }
        out.extend_from_slice(b"}}");
        Message::read(out.into(), Side::Server).ok()
    }
}

/// No log, no subscriptions, no tasks: they belong to a connection, or are found by their name.
fn capabilities(told: Value<'_>, out: &mut Vec<u8>) {
    for (key, value) in told.entries() {
        if ["completions", "prompts", "tools"].iter().any(|name| key.is(name)) {
            member(key, value.raw(), out);
        } else if key.is("resources") {
            let changes = value.get("listChanged").and_then(Value::as_bool).unwrap_or(false);
            let left: &[u8] = if changes { br#"{"listChanged":true}"# } else { b"{}" };
            member(key, left, out);
        }
    }
}

fn member(key: Value<'_>, value: &[u8], out: &mut Vec<u8>) {
    if out.last() != Some(&b'{') {
        out.push(b',');
    }
    out.extend_from_slice(key.raw());
    out.push(b':');
    out.extend_from_slice(value);
}

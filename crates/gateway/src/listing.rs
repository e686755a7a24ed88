//! The gate's own `tools/list`, under ids of its own. The client never sees the answers.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError, Weak};
use std::time::Duration;

use bytes::Bytes;
use toolgate_catalog::{Fingerprint, fingerprint};
use toolgate_json::{Value, quote};
use toolgate_policy::{Call, ToolDefinition};
use toolgate_protocol::headers::Mirrors;
use toolgate_protocol::{Message, Side, list};

use crate::outbox::Outbox;
use crate::pins;
use crate::relay::{Outbound, Relay};
use crate::request::Request;
use crate::session::{Session, reply};

pub(crate) type Tools = HashMap<String, Tool>;

/// What a server says of one tool.
#[derive(Debug)]
pub(crate) struct Tool {
    /// Nothing if it cannot be read: to rules it is not known then.
    pub(crate) definition: Option<Arc<ToolDefinition>>,
    /// Nothing if no argument is to stand in a header.
    pub(crate) mirrors: Option<Arc<Mirrors>>,
    pub(crate) fingerprint: Fingerprint,
}

/// Sessions ask each for itself; what they are told alike is kept once.
#[derive(Debug, Default)]
pub(crate) struct Lists(Mutex<Weak<Tools>>);

impl Lists {
    pub(crate) fn once(&self, tools: Tools) -> Arc<Tools> {
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(last) = last.upgrade().filter(|last| are_same(last, &tools)) {
            return last;
        }
        let tools = Arc::new(tools);
        *last = Arc::downgrade(&tools);
        tools
    }
}

/// A fingerprint is of all that is read of a definition.
fn are_same(one: &Tools, other: &Tools) -> bool {
    let same = |(name, tool): (&String, &Tool)| {
        other.get(name).is_some_and(|other| other.fingerprint == tool.fingerprint)
    };
    one.len() == other.len() && one.iter().all(same)
}

const PAGES_MAX: usize = 100;
const TOOLS_MAX: usize = 10_000;
const WAIT_MAX: Duration = Duration::from_secs(10);

/// All pages; nothing if the server does not tell in time.
pub(crate) async fn tools(session: &Session, meta: &[u8]) -> Option<Tools> {
    tokio::time::timeout(WAIT_MAX, pages(session, meta)).await.ok()?
}

async fn pages(session: &Session, meta: &[u8]) -> Option<Tools> {
    let mut tools = Tools::new();
    let (mut cursor, mut is_list) = (None, true);
    for _ in 0..PAGES_MAX {
        let answer = page(session, meta, cursor.as_deref()).await?;
        pins::see(&session.gate, answer.document()).await.ok()?;
        let listed = list::tools(answer.document());
        tools.extend(listed.map(|(name, tool)| (name.into_owned(), Tool::read(tool))));
        is_list &= answer.result().is_some_and(|result| result.get("tools").is_some());
        cursor = list::next_cursor(answer.document()).map(Cow::into_owned);
        if cursor.is_none() || tools.len() > TOOLS_MAX {
            break;
        }
    }
    if cursor.is_none() && is_list {
        pins::miss(&session.gate, &tools).await;
    }
    Some(tools)
}

async fn page(session: &Session, meta: &[u8], cursor: Option<&str>) -> Option<Message> {
    let number = session.definitions.next_number();
    let text = request_text(&session.gate.own_id(number), meta, cursor);
    let message = Message::read(Bytes::from(text), Side::Client).ok()?;
    // What a server says about this request concerns nobody else.
    let (nowhere, _) = Outbox::new();
    let request = Arc::new(Request::of(&message, nowhere)?);
    let relay = Relay::of(message).ok()?;
    let asked = Asked { session, request: Arc::clone(&request) };
    let started = session.upstream.start(Outbound::Relay(relay), request, None).await;
    let answer = reply(started).await.ok()?.message;
    drop(asked);
    // An error is no list: an empty one would say that no tool has a definition.
    answer.result().is_some().then_some(answer)
}

/// A request that nobody waits for any more is taken back.
struct Asked<'a> {
    session: &'a Session,
    request: Arc<Request>,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        self.session.abandon(&self.request);
    }
}

impl Tool {
    fn read(tool: Value<'_>) -> Self {
        let mirrors = tool.get("inputSchema").and_then(Mirrors::read);
        let definition = ToolDefinition::read(tool).ok();
        Self {
            definition: definition.map(Arc::new),
            mirrors: mirrors.map(Arc::new),
            fingerprint: fingerprint(tool),
        }
    }
}

fn request_text(id: &str, meta: &[u8], cursor: Option<&str>) -> Vec<u8> {
    let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    quote(id, &mut out);
    out.extend_from_slice(br#","method":"tools/list","params":{"#);
    if let Some(cursor) = cursor {
        out.extend_from_slice(br#""cursor":"#);
        quote(cursor, &mut out);
        if !meta.is_empty() {
            out.push(b',');
        }
    }
    out.extend_from_slice(meta);
    out.extend_from_slice(b"}}");
    out
}

/// The `_meta` member of a list that is asked for on behalf of a call: modern if the call is,
/// with the same version, capabilities and client. Empty where the call has none.
pub(crate) fn meta(call: &Call) -> Vec<u8> {
    let meta = call.message.root().get("params").and_then(|params| params.get("_meta"));
    let Some(meta) = meta else { return Vec::new() };
    let mut out = br#""_meta":{"#.to_vec();
    let mut first = true;
    for (key, value) in meta.entries() {
        let modern = key.as_str().is_some_and(|key| {
            ["protocolVersion", "clientCapabilities", "clientInfo"]
                .iter()
                .any(|name| key.strip_prefix("io.modelcontextprotocol/") == Some(name))
        });
        if modern {
            out.extend_from_slice(if first { b"" } else { b"," });
            out.extend_from_slice(key.raw());
            out.push(b':');
            out.extend_from_slice(value.raw());
            first = false;
        }
    }
    out.push(b'}');
    out
}

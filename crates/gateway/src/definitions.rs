//! Tool definitions that rules ask for, fetched by the gate itself.
//!
//! Clients need not list: the first call that needs a definition waits while the gate asks for
//! the list under an id of its own. The client never sees that answer.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use bytes::Bytes;
use tokio::sync::Mutex;
use toolgate_json::{Value, quote};
use toolgate_policy::{Call, Definition, ToolDefinition};
use toolgate_protocol::{Message, Side, list};

use crate::clock;
use crate::outbox::Outbox;
use crate::relay::{Outbound, Relay};
use crate::request::Request;
use crate::session::{Session, reply};
use crate::snapshot::Snapshot;

#[derive(Debug, Default)]
pub(crate) struct Definitions {
    known: Mutex<Option<Known>>,
    asked: AtomicU64,
}

type Tools = HashMap<String, Arc<ToolDefinition>>;

#[derive(Debug)]
struct Known {
    tools: Tools,
    /// What the inbox had counted when the list was asked for.
    tools_changed: u64,
    asked_ns: u64,
}

/// A list is asked for again after this long, since not every server tells of changes.
const KEPT_NS: u64 = 60_000_000_000;
const PAGES_MAX: usize = 100;
const TOOLS_MAX: usize = 10_000;
const WAIT_MAX: Duration = Duration::from_secs(10);

impl Definitions {
    /// What the server says of the call's tool, if a rule wants to know.
    pub(crate) async fn of(
        &self,
        session: &Session,
        snapshot: &Snapshot,
        call: &Call,
    ) -> Definition {
        if !snapshot.policy.needs_definition(&call.tool) {
            return Definition::Unknown;
        }
        let mut known = self.known.lock().await;
        if !known.as_ref().is_some_and(|known| known.is_current(session)) {
            *known = self.ask(session, call).await;
        }
        let tools = known.as_ref().map(|known| &known.tools);
        tools
            .and_then(|tools| tools.get(&call.tool))
            .map_or(Definition::Unknown, |definition| Definition::Known(Arc::clone(definition)))
    }

    async fn ask(&self, session: &Session, call: &Call) -> Option<Known> {
        let (tools_changed, asked_ns) = (session.inbox.tools_changed(), clock::boot_ns());
        let tools = tokio::time::timeout(WAIT_MAX, self.pages(session, call)).await.ok()??;
        Some(Known { tools, tools_changed, asked_ns })
    }

    async fn pages(&self, session: &Session, call: &Call) -> Option<Tools> {
        let mut tools = Tools::new();
        let mut cursor = None;
        for _ in 0..PAGES_MAX {
            let answer = self.page(session, call, cursor.as_deref()).await?;
            // A definition that cannot be read is one that is not known.
            tools.extend(list::tools(answer.document()).filter_map(|(name, tool)| {
                Some((name.into_owned(), Arc::new(ToolDefinition::read(tool).ok()?)))
            }));
            cursor = list::next_cursor(answer.document()).map(std::borrow::Cow::into_owned);
            if cursor.is_none() || tools.len() > TOOLS_MAX {
                return Some(tools);
            }
        }
        Some(tools)
    }

    async fn page(&self, session: &Session, call: &Call, cursor: Option<&str>) -> Option<Message> {
        let number = self.asked.fetch_add(1, Ordering::Relaxed);
        let text = request_text(&session.gate.own_id(number), call, cursor);
        let message = Message::read(Bytes::from(text), Side::Client).ok()?;
        // What a server says about this request concerns nobody else.
        let (nowhere, _) = Outbox::new();
        let request = Arc::new(Request::of(&message, nowhere)?);
        let relay = Relay::of(message).ok()?;
        let started = session.upstream.start(Outbound::Relay(relay), request, None).await;
        Some(reply(started).await.ok()?.message)
    }
}

impl Known {
    fn is_current(&self, session: &Session) -> bool {
        self.tools_changed == session.inbox.tools_changed()
            && clock::boot_ns().saturating_sub(self.asked_ns) < KEPT_NS
    }
}

/// A `tools/list`; modern if the call is, with the same version, capabilities and client.
fn request_text(id: &str, call: &Call, cursor: Option<&str>) -> Vec<u8> {
    let mut out = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    quote(id, &mut out);
    out.extend_from_slice(br#","method":"tools/list","params":{"#);
    if let Some(cursor) = cursor {
        out.extend_from_slice(br#""cursor":"#);
        quote(cursor, &mut out);
    }
    if let Some(meta) = call.message.root().get("params").and_then(|params| params.get("_meta")) {
        if cursor.is_some() {
            out.push(b',');
        }
        modern_meta(meta, &mut out);
    }
    out.extend_from_slice(b"}}");
    out
}

fn modern_meta(meta: Value<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(br#""_meta":{"#);
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
}

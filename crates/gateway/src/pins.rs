//! Tools as they were first seen, held against what their server says of them now.
//!
//! Models read what servers say of their tools. A server that says something else once it is
//! trusted ("rug pull") is not believed until the operator has looked.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use bytes::Bytes;
use toolgate_catalog::{Fingerprint, fingerprint, narrows};
use toolgate_json::{Document, Reading, Value, canonical};
use toolgate_policy::Call;
use toolgate_protocol::list;
use toolgate_store::{Act, ChangeError, DirectoryReader, Pin, SeenTool};

use crate::clock;
use crate::definitions::{RETRY_NS, Told, Trust};
use crate::denial::Denial;
use crate::enforce::{Unpermitted, refuse};
use crate::gate::Gate;
use crate::listing::Tools;
use crate::record::Source;
use crate::session::Session;
use crate::snapshot::Snapshot;

/// What happens to tools whose definition changed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum ToolsChanged {
    Allow,
    /// Only where it asks for less and says nothing new.
    AllowNarrowing,
    #[default]
    Block,
}

/// The tools of one server as they are pinned.
#[derive(Debug)]
pub(crate) struct Pins {
    server: Arc<str>,
    mode: ToolsChanged,
    /// The state directory: definitions are read only where they are compared.
    state: Arc<Path>,
    by_tool: Arc<BTreeMap<String, Pin>>,
}

/// Why an allowed call does not go on.
pub(crate) enum Doubt {
    Denied(Denial),
    /// What is pinned has changed meanwhile.
    Stale,
}

impl Pins {
    pub(crate) fn new(
        server: &str,
        mode: ToolsChanged,
        state: &Path,
        by_tool: Arc<BTreeMap<String, Pin>>,
    ) -> Self {
        Self { server: server.into(), mode, state: state.into(), by_tool }
    }

    /// The same server with what is pinned by now.
    pub(crate) fn renewed(&self, by_tool: Arc<BTreeMap<String, Pin>>) -> Self {
        let (server, state) = (Arc::clone(&self.server), Arc::clone(&self.state));
        Self { server, mode: self.mode, state, by_tool }
    }

    pub(crate) fn server(&self) -> &str {
        &self.server
    }

    /// Whether a tool that a server lists is what is pinned.
    pub(crate) fn accept(&self, name: &str, tool: Value<'_>) -> bool {
        let pin = self.by_tool.get(name);
        pin.is_some_and(|pin| self.passes(pin, fingerprint(tool)))
    }

    /// Where every change is taken over, none waits until it is recorded.
    fn passes(&self, pin: &Pin, now: Fingerprint) -> bool {
        self.mode == ToolsChanged::Allow || pin.fingerprint == *now.as_bytes()
    }

    /// Whether all are.
    pub(crate) fn accept_all(&self, listed: &Document) -> bool {
        list::tools(listed).all(|(name, tool)| self.accept(&name, tool))
    }

    /// Whether any of these tools was gone.
    pub(crate) fn miss_any(&self, listed: &Document) -> bool {
        let gone = |name: &str| self.by_tool.get(name).is_some_and(|pin| pin.gone_ms.is_some());
        list::tools(listed).any(|(name, _)| gone(&name))
    }

    /// Whether any tool has been something else lately.
    pub(crate) fn waver(&self) -> bool {
        self.by_tool.values().any(|pin| pin.changed.is_some())
    }

    /// Whether the call may go on by what the server says.
    fn agree(&self, tool: &str, told: Told) -> bool {
        match (self.by_tool.get(tool), told) {
            (Some(pin), Told::As(now)) => self.passes(pin, now),
            // What a server never told of is the policy's business alone.
            (None, Told::Absent) => true,
            (None, Told::Nothing) => self.by_tool.is_empty(),
            (None, Told::As(_)) | (Some(_), Told::Absent | Told::Nothing) => false,
        }
    }

    /// What is pinned and not in a whole list, if the directory does not know that.
    fn missing(&self, listed: &Tools) -> Vec<String> {
        let wall_ms = clock::wall_ms();
        let news = |(name, pin): &(&String, &Pin)| {
            pin.gone_ms.is_none() && !pin.is_recent(wall_ms) && !listed.contains_key(*name)
        };
        self.by_tool.iter().filter(news).map(|(name, _)| name.clone()).collect()
    }

    /// The tool, if the directory does not know it as that.
    fn news(&self, name: &str, tool: Value<'_>) -> Option<SeenTool> {
        let now = *fingerprint(tool).as_bytes();
        let pin = self.by_tool.get(name);
        let changed = pin.and_then(|pin| (pin.fingerprint != now).then_some(pin));
        let in_place_of = changed.filter(|_| self.takes_over(name, tool, changed));
        let known =
            pin.is_some_and(|pin| pin.changed == changed.map(|_| now) && pin.gone_ms.is_none());
        // A server that tells its tools differently each time is not written down each time.
        let wall_ms = clock::wall_ms();
        let waits = pin.is_some_and(|pin| {
            (pin.changed.is_none() || pin.gone_ms.is_some()) && pin.is_recent(wall_ms)
        });
        if waits || (known && in_place_of.is_none()) {
            return None;
        }
        let mut definition = Vec::new();
        canonical(tool, &mut definition);
        let definition = String::from_utf8(definition).ok();
        Some(SeenTool {
            name: name.to_owned(),
            fingerprint: now,
            definition: definition.filter(|text| text.len() <= SeenTool::DEFINITION_BYTES_MAX),
            in_place_of: in_place_of.map(|pin| pin.fingerprint),
        })
    }

    fn takes_over(&self, name: &str, tool: Value<'_>, changed: Option<&Pin>) -> bool {
        match (self.mode, changed) {
            (ToolsChanged::Allow, Some(_)) => true,
            (ToolsChanged::AllowNarrowing, Some(pin)) => self.is_narrower(name, tool, pin),
            (_, None) | (ToolsChanged::Block, Some(_)) => false,
        }
    }

    /// What cannot be compared is not narrower.
    fn is_narrower(&self, name: &str, tool: Value<'_>, pin: &Pin) -> bool {
        let reader = DirectoryReader::open(&self.state).ok();
        let there = reader.and_then(|reader| reader.pinned_tool(&self.server, name).ok()?);
        let before = there.filter(|there| there.pin.fingerprint == pin.fingerprint);
        let text = before.and_then(|before| before.definition).map(Bytes::from);
        let before = text.and_then(|text| Document::parse(text, Reading::Plain).ok());
        before.is_some_and(|before| narrows(before.root(), tool))
    }

    fn denial(&self, tool: &str, told: Told) -> Denial {
        let server = &self.server;
        match (self.by_tool.contains_key(tool), told) {
            (_, Told::Nothing) => Denial {
                retry_after_ms: Some(RETRY_NS / 1_000_000),
                ..Denial::new(
                    "definition_unknown",
                    "the server does not tell its tools, so that nobody knows whether this one is \
                     still what it was",
                )
            },
            (true, Told::Absent) => {
                Denial::new("tool_changed", format!("the server no longer lists `{tool}`"))
            }
            (true, Told::As(_)) => Denial::new(
                "tool_changed",
                format!(
                    "the server has changed the definition of `{tool}`; the operator can look at \
                     the change with `toolgate tools diff {server}` and take it with `toolgate \
                     tools accept {server}`"
                ),
            ),
            (false, Told::Absent | Told::As(_)) => Denial::new(
                "tool_unpinned",
                format!("the definition of `{tool}` could not be recorded; ask the operator"),
            ),
        }
    }
}

impl Doubt {
    /// A denial is recorded like every other.
    pub(crate) async fn of(
        self,
        session: &Session,
        snapshot: &Arc<Snapshot>,
        source: Source<'_>,
        call: Call,
    ) -> Unpermitted {
        match self {
            Self::Denied(denial) => refuse(&session.gate, snapshot, source, call, denial).await,
            Self::Stale => Unpermitted::Stale(call),
        }
    }
}

/// Whether the tool of an allowed call is what is pinned. Costs a look at the last list, but for
/// tools that have changed: nobody is refused on an old list, nor let through on one.
pub(crate) async fn check(
    session: &Session,
    snapshot: &Arc<Snapshot>,
    call: &Call,
) -> Result<(), Doubt> {
    let Some(pins) = &snapshot.pins else { return Ok(()) };
    let pin = pins.by_tool.get(&call.name);
    let wavers = pin.is_some_and(|pin| pin.changed.is_some() || pin.gone_ms.is_some());
    let trust = if wavers { Trust::Since(snapshot.directory) } else { Trust::Kept };
    if pins.agree(&call.name, session.definitions.told(session, call, trust).await) {
        return Ok(());
    }
    let told = session.definitions.told(session, call, Trust::Recent).await;
    if pins.agree(&call.name, told) {
        return Ok(());
    }
    if !Arc::ptr_eq(snapshot, &session.gate.snapshot()) {
        return Err(Doubt::Stale);
    }
    Err(Doubt::Denied(pins.denial(&call.name, told)))
}

/// Lets the directory know what a server has just said of its tools, if that is news. Returns
/// once it is in force.
pub(crate) async fn see(gate: &Gate, listed: &Document) -> Result<(), ChangeError> {
    let snapshot = gate.snapshot();
    let Some(pins) = &snapshot.pins else { return Ok(()) };
    let news = list::tools(listed).filter_map(|(name, tool)| pins.news(&name, tool));
    let tools: Vec<SeenTool> = news.collect();
    if tools.is_empty() {
        return Ok(());
    }
    let server = pins.server.to_string();
    let seq = gate.store.change(vec![Act::SeeTools { server, tools }], "gateway").await?;
    gate.reach(seq).await;
    Ok(())
}

/// Lets the directory know which tools a server no longer has, by its whole list. What cannot be
/// written is written another time: whether a call may go on does not depend on it.
pub(crate) async fn miss(gate: &Gate, listed: &Tools) {
    let snapshot = gate.snapshot();
    let Some(pins) = &snapshot.pins else { return };
    let tools = pins.missing(listed);
    if tools.is_empty() {
        return;
    }
    let server = pins.server.to_string();
    if let Ok(seq) = gate.store.change(vec![Act::MissTools { server, tools }], "gateway").await {
        gate.reach(seq).await;
    }
}

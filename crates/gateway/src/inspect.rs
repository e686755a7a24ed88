//! What a server says of itself: asked as the gateway would, with no client behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;
use toolgate_json::{Value, quote};
use toolgate_policy::{Caller, Layers, Principal};
use toolgate_protocol::{Era, Message, Side, list};
use toolgate_store::Store;

use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::options::{RunError, RunErrorKind, UpstreamSpec};
use crate::outbox::Outbox;
use crate::random;
use crate::relay::{Outbound, Relay};
use crate::request::Request;
use crate::session::reply;
use crate::snapshot::Snapshot;
use crate::upstream::auth::Vault;
use crate::upstream::{Connector, Failure, Process, Sharing, Upstream};

/// Everything that a server offers, as it says so itself.
#[derive(Clone, Debug)]
pub struct Inspection {
    /// Whether it speaks MCP with sessions; stateless MCP if not.
    pub is_legacy: bool,
    /// The version that it agreed to, or those that it has.
    pub versions: Vec<String>,
    pub name: Option<String>,
    pub version: Option<String>,
    pub instructions: Option<String>,
    /// From connecting to the end of the handshake.
    pub handshake: Duration,
    /// Definitions, each as the JSON that the server wrote.
    pub tools: Vec<String>,
    pub resources: Vec<String>,
    pub resource_templates: Vec<String>,
    pub prompts: Vec<String>,
}

const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";
const KEY: &str = "io.modelcontextprotocol/";
const MESSAGE_BYTES_MAX: usize = 4 << 20;
const PAGES_MAX: usize = 100;
const ITEMS_MAX: usize = 10_000;
const CLIENT: &str =
    concat!(r#"{"name":"toolgate","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

/// Connects, shakes hands, asks for every list, and leaves. Nothing is called. The store is that
/// of the gate which every connection has, and nothing is written to it; the vault has the tokens
/// of a server that wants some.
pub async fn inspect(
    (name, spec): (&str, &UpstreamSpec),
    store: Store,
    vault: &Vault,
    patience: Duration,
) -> Result<Inspection, RunError> {
    let connector = Connector::new(name, spec, vault)?;
    let gate = gate(store)?;
    let asked = async {
        match attempt(&connector, &gate, Era::Legacy).await {
            // Whoever has no `initialize` may have no sessions.
            Err(Trouble::Refused(said)) => match attempt(&connector, &gate, Era::Modern).await {
                Err(Trouble::Refused(_)) => Err(Trouble::Refused(said)),
                other => other,
            },
            other => other,
        }
    };
    match tokio::time::timeout(patience, asked).await {
        Ok(Ok(inspection)) => Ok(inspection),
        Ok(Err(Trouble::Failed(error))) => Err(error),
        Ok(Err(Trouble::Refused(said))) => {
            Err(unreachable(format!("the server refuses the handshake: {said}")))
        }
        Err(_) => {
            let s = patience.as_secs();
            Err(unreachable(format!("the server has not answered within {s} s")))
        }
    }
}

enum Trouble {
    Failed(RunError),
    /// It answered, by an error.
    Refused(String),
}

impl From<RunError> for Trouble {
    fn from(error: RunError) -> Self {
        Self::Failed(error)
    }
}

fn unreachable(text: impl Into<String>) -> RunError {
    RunError::new(RunErrorKind::Unreachable, text)
}

/// Of nobody, under a policy that allows nothing.
fn gate(store: Store) -> Result<Arc<Gate>, RunError> {
    let snapshot = Snapshot::stored(Layers::default(), "inspection".into(), None);
    let (_, current) = watch::channel(Arc::new(snapshot));
    let principal = Principal { issuer: "local".to_owned(), subject: "inspection".to_owned() };
    let (grant, server) = ("inspection".to_owned(), "inspected".to_owned());
    Ok(Arc::new(Gate {
        store,
        caller: Arc::new(Caller { principal, grant, server }),
        message_bytes_max: MESSAGE_BYTES_MAX,
        current,
        own_id_prefix: format!("toolgate-{}", random::hex::<8>()?),
        request_timeout: None,
        meter: Arc::default(),
        stopping: watch::channel(false).1,
    }))
}

/// One connection.
struct Line {
    gate: Arc<Gate>,
    upstream: Upstream,
    process: Option<Process>,
    era: Era,
    asked: u64,
}

async fn attempt(connector: &Connector, gate: &Arc<Gate>, era: Era) -> Result<Inspection, Trouble> {
    let (outbox, mut mail) = Outbox::new();
    tokio::spawn(async move { while mail.recv().await.is_some() {} });
    let inbox = Arc::new(Inbox::new(Arc::clone(gate), outbox));
    let started = Instant::now();
    let (upstream, process) = connector.connect(gate, inbox, Sharing::Own)?;
    let mut line = Line { gate: Arc::clone(gate), upstream, process, era, asked: 0 };
    let inspection = line.ask_everything(started).await;
    line.hang_up().await;
    inspection
}

impl Line {
    async fn ask_everything(&mut self, started: Instant) -> Result<Inspection, Trouble> {
        let hello = match self.era {
            Era::Legacy => {
                let params = format!(
                    r#""protocolVersion":"{LEGACY}","capabilities":{{}},"clientInfo":{CLIENT}"#
                );
                let hello = self.ask("initialize", &params).await?;
                self.tell_initialized().await;
                hello
            }
            Era::Modern => self.ask("server/discover", "").await?,
        };
        let handshake = started.elapsed();
        let result = hello.result();
        let has = |what: &str| result.and_then(|r| r.get("capabilities")?.get(what)).is_some();
        let info = result.and_then(|r| r.get("serverInfo"));
        let meta = || result?.get("_meta")?.get("io.modelcontextprotocol/serverInfo");
        let info = info.or_else(meta);
        let mut inspection = Inspection {
            is_legacy: self.era == Era::Legacy,
            versions: versions(result),
            name: info.and_then(|info| text(info.get("name"))),
            version: info.and_then(|info| text(info.get("version"))),
            instructions: result.and_then(|r| text(r.get("instructions"))),
            handshake,
            tools: Vec::new(),
            resources: Vec::new(),
            resource_templates: Vec::new(),
            prompts: Vec::new(),
        };
        if has("tools") {
            inspection.tools = self.list("tools/list", "tools").await?;
        }
        if has("resources") {
            inspection.resources = self.list("resources/list", "resources").await?;
            // Not every server that has resources has these.
            let templates = self.list("resources/templates/list", "resourceTemplates").await;
            inspection.resource_templates = match templates {
                Err(Trouble::Refused(_)) => Vec::new(),
                templates => templates?,
            };
        }
        if has("prompts") {
            inspection.prompts = self.list("prompts/list", "prompts").await?;
        }
        Ok(inspection)
    }

    /// All pages of one list.
    async fn list(&mut self, method: &str, key: &str) -> Result<Vec<String>, Trouble> {
        let mut items = Vec::new();
        let mut params = String::new();
        for _ in 0..PAGES_MAX {
            let answer = self.ask(method, &params).await?;
            let there = answer.result().and_then(|result| result.get(key));
            let raw = |item: Value<'_>| String::from_utf8_lossy(item.raw()).into_owned();
            items.extend(there.into_iter().flat_map(Value::items).map(raw));
            let Some(cursor) = list::next_cursor(answer.document()) else { break };
            if items.len() > ITEMS_MAX {
                break;
            }
            params = format!(r#""cursor":{}"#, quoted(&cursor));
        }
        Ok(items)
    }

    /// `params` are members of an object.
    async fn ask(&mut self, method: &str, params: &str) -> Result<Message, Trouble> {
        self.asked += 1;
        let (id, method) = (quoted(&self.gate.own_id(self.asked)), quoted(method));
        let meta = match self.era {
            Era::Legacy => String::new(),
            Era::Modern => {
                let separator = if params.is_empty() { "" } else { "," };
                format!(
                    r#"{separator}"_meta":{{"{KEY}protocolVersion":"{MODERN}",
                    "{KEY}clientCapabilities":{{}},"{KEY}clientInfo":{CLIENT}}}"#
                )
            }
        };
        let text = format!(
            r#"{{"jsonrpc":"2.0","id":{id},"method":{method},"params":{{{params}{meta}}}}}"#
        );
        let unasked = || unreachable(format!("{method} cannot be asked"));
        let message = Message::read(Bytes::from(text), Side::Client).map_err(|_| unasked())?;
        let (nowhere, _) = Outbox::new();
        let request = Arc::new(Request::of(&message, nowhere).ok_or_else(unasked)?);
        let relay = Relay::of(message).map_err(|_| unasked())?;
        let started = self.upstream.start(Outbound::Relay(relay), request, None).await;
        let answer = reply(started).await.map_err(|failure| unreachable(why(failure)))?.message;
        match answer.error() {
            None => Ok(answer),
            Some(error) => {
                let said = text_of(error.get("message"));
                Err(Trouble::Refused(format!("{method}: {said}")))
            }
        }
    }

    async fn tell_initialized(&self) {
        let text = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
        let message = Message::read(Bytes::from_static(text.as_bytes()), Side::Client);
        if let Some(Ok(relay)) = message.ok().map(Relay::of) {
            self.upstream.tell(relay).await;
        }
    }

    async fn hang_up(self) {
        self.upstream.close(Duration::ZERO).await;
        if let Some(process) = self.process {
            process.finish().await;
        }
    }
}

fn why(failure: Failure) -> String {
    match failure {
        Failure::Lost(why) | Failure::Unsent(why) => why,
        Failure::TimedOut(after) => format!("no answer within {} s", after.as_secs()),
        Failure::Cancelled | Failure::Left | Failure::Stale(_) => "the server left".to_owned(),
    }
}

fn versions(result: Option<Value<'_>>) -> Vec<String> {
    let one = result.and_then(|result| text(result.get("protocolVersion")));
    let all = result.and_then(|result| result.get("supportedVersions"));
    let all = all.into_iter().flat_map(Value::items).filter_map(|version| text(Some(version)));
    one.into_iter().chain(all).collect()
}

fn text(value: Option<Value<'_>>) -> Option<String> {
    Some(value?.as_str()?.into_owned())
}

fn text_of(value: Option<Value<'_>>) -> String {
    text(value).unwrap_or_else(|| "no reason given".to_owned())
}

fn quoted(text: &str) -> String {
    let mut out = Vec::new();
    quote(text, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

//! What a server says of itself: asked as the gateway would, with no client behind.

use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use tokio::sync::watch;
use toolgate_json::{Kind, Value, quote};
use toolgate_policy::{Caller, Layers, Principal};
use toolgate_protocol::{Era, Message, Side, list};
use toolgate_store::Store;

use crate::approval::{Approvals, Hub};
use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::listing::Lists;
use crate::options::{RunError, RunErrorKind, UpstreamSpec};
use crate::otlp::Exporter;
use crate::outbox::Outbox;
use crate::quota::ProcessCaps;
use crate::random;
use crate::relay::{Outbound, Relay};
use crate::request::Request;
use crate::session::reply;
use crate::snapshot::Snapshot;
use crate::upstream::auth::Vault;
use crate::upstream::{Connector, Failure, Process, Sharing, Upstream};
use crate::ways::Ways;

/// What it takes to ask a server, and how long that may take.
pub struct Asking<'a> {
    /// Of the gate that every connection has. Nothing is written to it.
    pub store: Store,
    /// The tokens of a server that wants some.
    pub vault: &'a Vault,
    /// From connecting to the last answer.
    pub patience: Duration,
    /// Becomes true when nobody wants to know any more.
    pub stopping: watch::Receiver<bool>,
}

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
    /// What is not as it should be, and left out or cut short because of that; a line each.
    pub remarks: Vec<String>,
}

const LEGACY: &str = "2025-11-25";
const MODERN: &str = "2026-07-28";
const KEY: &str = "io.modelcontextprotocol/";
/// A server may answer with sixteen times as much.
const MESSAGE_BYTES_MAX: usize = 1 << 20;
const PAGES_MAX: usize = 100;
const ITEMS_MAX: usize = 10_000;
const LIST_BYTES_MAX: usize = 32 << 20;
const CLIENT: &str =
    concat!(r#"{"name":"toolgate","version":""#, env!("CARGO_PKG_VERSION"), r#""}"#);

/// Connects, shakes hands, asks for every list, and leaves. Nothing is called. Whatever happens, a
/// server that was started has ended when this returns, unless it left its process group.
pub async fn inspect(
    (name, spec): (&str, &UpstreamSpec),
    asking: Asking<'_>,
) -> Result<Inspection, RunError> {
    let Asking { store, vault, patience, stopping } = asking;
    let mut limit = Limit { patience, deadline: tokio::time::Instant::now() + patience, stopping };
    let (name, spec, vault) = (name.to_owned(), spec.clone(), vault.clone());
    // It reads secrets from files, which may hang.
    let connector = tokio::task::spawn_blocking(move || Connector::new(&name, &spec, &vault));
    let connector = tokio::select! {
        connector = connector => connector.map_err(|_| unreachable("a bug stopped it"))??,
        over = limit.reached() => return Err(broken_off("the reading of its secrets", over)),
    };
    connector.probe()?;
    let gate = gate(store)?;
    let asked = match attempt(&connector, &gate, Era::Legacy, &mut limit).await {
        // Whoever has no `initialize` may have no sessions.
        Err(Trouble::Refused(said)) => {
            let modern = attempt(&connector, &gate, Era::Modern, &mut limit).await;
            // What it said first says more.
            modern.map_err(|_| Trouble::Refused(said))
        }
        other => other,
    };
    asked.map_err(|trouble| match trouble {
        Trouble::Failed(error) => error,
        Trouble::Refused(said) => unreachable(format!("the server refuses the handshake: {said}")),
    })
}

/// When to give up.
struct Limit {
    patience: Duration,
    deadline: tokio::time::Instant,
    stopping: watch::Receiver<bool>,
}

impl Limit {
    /// Resolves once it is reached: with the time that is over, or nothing if it was stopped.
    async fn reached(&mut self) -> Option<Duration> {
        let stopped = async {
            // Whoever cannot stop it any more does not.
            if self.stopping.wait_for(|stopping| *stopping).await.is_err() {
                std::future::pending::<()>().await;
            }
        };
        tokio::select! {
            () = tokio::time::sleep_until(self.deadline) => Some(self.patience),
            () = stopped => None,
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

/// What was not waited for any longer.
fn broken_off(what: &str, over: Option<Duration>) -> RunError {
    match over {
        Some(time) => {
            let text = format!("no answer to {what} within {} s", time.as_secs());
            RunError::new(RunErrorKind::TimedOut, text)
        }
        None => unreachable("interrupted"),
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
        freezes: watch::channel(Arc::default()).1,
        own_id_prefix: format!("toolgate-{}", random::hex::<8>()?),
        request_timeout: None,
        meter: Arc::default(),
        processes: ProcessCaps::unbounded(),
        exporter: Exporter::default(),
        lists: Lists::default(),
        // Nobody is asked anything here.
        approvals: Approvals::new(Hub::new(std::path::Path::new("")), false),
        ways: Arc::new(Ways::new("", None)),
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
    /// For whoever has to say where it got stuck.
    doing: String,
    remarks: Vec<String>,
}

async fn attempt(
    connector: &Connector,
    gate: &Arc<Gate>,
    era: Era,
    limit: &mut Limit,
) -> Result<Inspection, Trouble> {
    let (outbox, mut mail) = Outbox::new();
    tokio::spawn(async move { while mail.recv().await.is_some() {} });
    let inbox = Arc::new(Inbox::new(Arc::clone(gate), outbox));
    let started = Instant::now();
    let (upstream, process) = connector.connect(gate, inbox, Sharing::Own).await?;
    let gate = Arc::clone(gate);
    let (doing, remarks) = (String::new(), Vec::new());
    let mut line = Line { gate, upstream, process, era, asked: 0, doing, remarks };
    let asked = tokio::select! {
        asked = line.ask_everything(started) => Ok(asked),
        over = limit.reached() => Err(over),
    };
    match asked {
        Ok(asked) => {
            line.hang_up().await;
            asked
        }
        Err(over) => Err(line.break_off(over).await.into()),
    }
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
        if versions(result).is_empty() {
            let text = "the server's answer to the handshake is none: it names no protocol version";
            return Err(unreachable(text).into());
        }
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
            remarks: Vec::new(),
        };
        if has("tools") {
            inspection.tools = self.list("tools/list", "tools").await?;
        }
        if has("resources") {
            inspection.resources = self.list_if_can("resources/list", "resources").await;
            // Not every server that has resources has these.
            let templates = self.list("resources/templates/list", "resourceTemplates").await;
            inspection.resource_templates = templates.unwrap_or_default();
        }
        if has("prompts") {
            inspection.prompts = self.list_if_can("prompts/list", "prompts").await;
        }
        inspection.remarks = std::mem::take(&mut self.remarks);
        Ok(inspection)
    }

    /// A list without which the others are worth having.
    async fn list_if_can(&mut self, method: &str, key: &str) -> Vec<String> {
        match self.list(method, key).await {
            Ok(items) => items,
            Err(Trouble::Failed(RunError { text, .. }) | Trouble::Refused(text)) => {
                self.remarks.push(format!("its {key} are unknown: {text}"));
                Vec::new()
            }
        }
    }

    /// All pages of one list.
    async fn list(&mut self, method: &str, key: &str) -> Result<Vec<String>, Trouble> {
        let mut items = Vec::new();
        let (mut bytes, mut last) = (0, None);
        for page in 1..=PAGES_MAX {
            let cursor = last.as_deref().map(|cursor| format!(r#""cursor":{}"#, quoted(cursor)));
            let answer = self.ask(method, &cursor.unwrap_or_default()).await?;
            let there = answer.result().and_then(|result| result.get(key));
            let Some(there) = there.filter(|there| there.kind() == Kind::Array) else {
                let text = format!("the server's answer to `{method}` has no list of {key}");
                return Err(unreachable(text).into());
            };
            bytes += there.raw().len();
            let raw = |item: Value<'_>| String::from_utf8_lossy(item.raw()).into_owned();
            items.extend(there.items().map(raw));
            let next = list::next_cursor(answer.document());
            let Some(next) = next.filter(|_| items.len() <= ITEMS_MAX) else { break };
            let told = if last.as_deref() == Some(&*next) {
                "its next page is the same one again".to_owned()
            } else if bytes > LIST_BYTES_MAX {
                format!("they are longer than {} MiB", LIST_BYTES_MAX >> 20)
            } else if page == PAGES_MAX {
                format!("there are more than {PAGES_MAX} pages")
            } else {
                last = Some(next.into_owned());
                continue;
            };
            self.remarks.push(format!("its {key} go on without end: {told}; the rest is unread"));
            break;
        }
        if items.len() > ITEMS_MAX {
            self.remarks.push(format!("it has more than {ITEMS_MAX} {key}; the rest is unread"));
            items.truncate(ITEMS_MAX);
        }
        Ok(items)
    }

    /// `params` are members of an object.
    async fn ask(&mut self, method: &str, params: &str) -> Result<Message, Trouble> {
        self.asked += 1;
        self.doing = format!("`{method}` (request {})", self.asked);
        let (id, quoted_method) = (quoted(&self.gate.own_id(self.asked)), quoted(method));
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
            r#"{{"jsonrpc":"2.0","id":{id},"method":{quoted_method},"params":{{{params}{meta}}}}}"#
        );
        let unasked = || unreachable(format!("`{method}` cannot be asked"));
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
                Err(Trouble::Refused(format!("`{method}`: {said}")))
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

    /// Ends the server without asking; gives back what it got stuck with.
    async fn break_off(self, over: Option<Duration>) -> RunError {
        let said = self.upstream.last_words().await;
        if let Some(process) = self.process {
            process.terminate().await;
        }
        let mut error = broken_off(&self.doing, over);
        if let Some(said) = said.filter(|_| over.is_some()) {
            error.text += "; it last said: ";
            error.text += &said;
        }
        error
    }
}

fn why(failure: Failure) -> String {
    match failure {
        Failure::Lost(why) | Failure::Unsent(why) => why,
        Failure::TimedOut(after) => format!("no answer within {} s", after.as_secs()),
        Failure::Cancelled | Failure::Held(_) | Failure::Left | Failure::Stale(_) => {
            "the server left".to_owned()
        }
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

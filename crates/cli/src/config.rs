//! `toolgate.yaml`: how the gateway runs, and the servers behind it.
//!
//! text → tree with places → outline checked against the tables of keys → typed settings, one
//! file per section. Every fault is told at once; what holds a secret is never shown.

mod amount;
pub(crate) mod auth;
mod confidential;
pub(crate) mod console;
mod exposed;
mod form;
mod host;
pub(crate) mod limits;
pub(crate) mod listen;
mod name;
mod notation;
mod path;
mod reading;
mod referred;
pub(crate) mod secret;
pub(crate) mod server;
pub(crate) mod telemetry;
#[cfg(test)]
mod tests;
pub(crate) mod tls;
pub(crate) mod url;

use std::collections::BTreeMap;
use std::fmt;
use std::fs;
use std::path::{Path, PathBuf};

use bytes::Bytes;
use toolgate_json::{Document, Reading as Strictness};
use toolgate_policy::document::outline::{self, Findings, Node, Value};
use toolgate_policy::document::{self, Diagnostic, Severity};
use toolgate_store::Durability;

use crate::json::{self, Object};
use crate::output;
use auth::Jwt;
use console::Console;
use form::Reads;
use host::{Host, Origin};
use limits::Limits;
use listen::{Address, Listen};
use notation::NOTATION;
use reading::Reading;
use secret::Show;
use server::Server;
use telemetry::Telemetry;
use tls::Tls;

/// All settings, defaults filled in, paths absolute.
#[derive(Clone, Debug)]
pub(crate) struct Config {
    pub(crate) listen: Listen,
    pub(crate) state: Option<PathBuf>,
    pub(crate) durability: Durability,
    /// Names by which clients may call the gateway, lower case.
    pub(crate) hosts: Vec<String>,
    pub(crate) origins: Vec<String>,
    pub(crate) tls: Option<Tls>,
    pub(crate) auth: Vec<Jwt>,
    pub(crate) organization_policy: Option<PathBuf>,
    pub(crate) limits: Limits,
    pub(crate) telemetry: Telemetry,
    /// Nowhere if absent.
    pub(crate) console: Option<Console>,
    pub(crate) servers: BTreeMap<String, Server>,
}

/// Settings and remarks, or all errors.
type Read = Result<(Config, Vec<Diagnostic>), Vec<Diagnostic>>;

/// Why there are no settings, for a person: every fault, with the lines they are on.
#[derive(Debug)]
pub(crate) struct ConfigError(String);

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The settings in the file at `path`, and what is to be said about them.
pub(crate) fn read(path: &Path) -> Result<(Config, String), ConfigError> {
    let name = path.display().to_string();
    let refused =
        |what: String| ConfigError(format!("cannot read the configuration `{name}`: {what}"));
    let bytes = fs::read(path).map_err(|error| refused(error.to_string()))?;
    let text = String::from_utf8(bytes).map_err(|error| {
        refused(format!("not UTF-8 at byte {}", error.utf8_error().valid_up_to()))
    })?;
    let folder = folder_of(path).map_err(refused)?;
    let show = |told: &[Diagnostic]| document::render(told, &text, output::colour());
    match read_text(&name, &text, Some(&folder)) {
        Ok((config, remarks)) => Ok((config, show(&remarks).trim_end().to_owned())),
        Err(errors) => {
            let count = errors.iter().filter(|one| one.severity == Severity::Error).count();
            let errors = show(&errors);
            let word = if count == 1 { "error" } else { "errors" };
            Err(ConfigError(format!("{}\n\n{name}: {count} {word}", errors.trim_end())))
        }
    }
}

/// The folder from which a document's paths start, absolute.
pub(crate) fn folder_of(path: &Path) -> Result<PathBuf, String> {
    let folder = path.parent().unwrap_or(Path::new(""));
    let folder =
        std::path::absolute(if folder.as_os_str().is_empty() { Path::new(".") } else { folder })
            .map_err(|error| error.to_string())?;
    match folder.to_str() {
        Some(_) => Ok(path::from(&folder, Path::new(""))),
        None => Err("its folder has a name that is not UTF-8".to_owned()),
    }
}

/// The settings in a text, and remarks; or all errors. `name` is what they call the text.
pub(crate) fn read_text(name: &str, text: &str, folder: Option<&Path>) -> Read {
    read_and(name, text, folder, |_, _, _| ())
}

/// The same for whoever only wants to know what is wrong: what the document refers to is looked
/// at too. Also the policy that it names, if that can be read.
pub(crate) fn check_text(name: &str, text: &str, folder: &Path) -> (Read, Option<PathBuf>) {
    let mut policy = None;
    let read = read_and(name, text, Some(folder), |tree, config, reading| {
        policy = referred::check(tree, config, reading);
    });
    (read, policy)
}

fn read_and(
    name: &str,
    text: &str,
    folder: Option<&Path>,
    also: impl FnOnce(&Node, &Config, &mut Reading<'_>),
) -> Read {
    let mut findings = Findings::of(&NOTATION);
    let Some(tree) = outline::tree(text, &mut findings) else {
        let mut told = outline::end(None::<()>, findings, name, text).err().unwrap_or_default();
        confidential::hide_untold(&mut told, text);
        return Err(told);
    };
    confidential::hide(&tree, &mut findings);
    let mut reading = Reading { folder, findings: &mut findings };
    let config = Config::read(&tree, &mut reading);
    if let Some(config) = config.as_ref().filter(|_| !reading.findings.failed()) {
        also(&tree, config, &mut reading);
    }
    outline::end(config, findings, name, text)
}

/// A server as [`Server::to_json`] wrote it. Its paths are absolute.
pub(crate) fn server_from_json(text: &str) -> Result<Server, String> {
    server_entry("stored", text).map(|(server, _)| server)
}

/// A server as it would stand under `servers` in JSON.
pub(crate) fn server_entry(name: &str, text: &str) -> Result<(Server, Vec<Diagnostic>), String> {
    // The reader knows whole documents; what is not one value would be several of their parts.
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    Document::parse(bytes, Strictness::Strict).map_err(|error| error.to_string())?;
    let whole = Object::new().raw("servers", Object::new().raw(name, text).finish()).finish();
    let told = match read_text(name, &whole, None) {
        Ok((mut config, remarks)) => match config.servers.remove(name) {
            Some(server) => return Ok((server, remarks)),
            None => "there is no server".to_owned(),
        },
        Err(told) => told.iter().map(|one| one.message.as_str()).collect::<Vec<_>>().join("; "),
    };
    Err(told)
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: Listen::default(),
            state: None,
            durability: Durability::Full,
            hosts: Vec::new(),
            origins: Vec::new(),
            tls: None,
            auth: Vec::new(),
            organization_policy: None,
            limits: Limits::default(),
            telemetry: Telemetry::default(),
            console: None,
            servers: BTreeMap::new(),
        }
    }
}

impl Config {
    fn read(document: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        if !matches!(document.value, Value::Map(_)) {
            let message = format!("a configuration is a mapping, not {}", document.what());
            let help = "the shortest one is `servers: {shop: {command: [npx, -y, my-mcp]}}`";
            reading.findings.error(document.span, message).help(help);
            return None;
        }
        outline::check(document, reading.findings);
        let tls = document.get("tls").and_then(|node| Tls::read(node, reading));
        let auth = document.get("auth").map(|node| auth::read(node, reading));
        let telemetry = document.get("telemetry").map(|node| Telemetry::read(node, reading));
        let console = document.get("console").map(|node| Console::read(node, reading));
        let limits = document.get("limits").map(|node| Limits::read(node, reading));
        Some(Self {
            listen: read_listen(document, reading),
            state: reading.path(document.get("state")),
            durability: match document.get("durability").and_then(Node::text) {
                Some("normal") => Durability::Normal,
                _ => Durability::Full,
            },
            hosts: list(&Host, document.get("hosts")),
            origins: list(&Origin, document.get("origins")),
            tls,
            auth: auth.unwrap_or_default(),
            organization_policy: reading.path(document.get("organization_policy")),
            limits: limits.unwrap_or_default(),
            telemetry: telemetry.unwrap_or_default(),
            console,
            servers: read_servers(document, reading),
        })
    }

    /// What a running gateway does not take up again.
    pub(crate) fn fixed_json(&self) -> String {
        Self { servers: BTreeMap::new(), organization_policy: None, ..self.clone() }.json()
    }

    /// The canonical form, defaults filled in, plain secrets left out.
    pub(crate) fn json(&self) -> String {
        let servers = self.servers.iter().fold(Object::new(), |servers, (name, server)| {
            servers.raw(name, server.json(Show::NoSecrets))
        });
        let texts = |texts: &[String]| json::array(texts.iter().map(|text| json::string(text)));
        let auth = json::array(self.auth.iter().map(Jwt::json));
        let durability = match self.durability {
            Durability::Full => "full",
            Durability::Normal => "normal",
        };
        Object::new()
            .raw("listen", self.listen.json())
            .path("state", self.state.as_deref())
            .text("durability", durability)
            .raw("hosts", texts(&self.hosts))
            .raw("origins", texts(&self.origins))
            .maybe_raw("tls", self.tls.as_ref().map(Tls::json))
            .raw("auth", Object::new().raw("jwt", auth).finish())
            .path("organization_policy", self.organization_policy.as_deref())
            .raw("limits", self.limits.json())
            .raw("telemetry", self.telemetry.json())
            .maybe_raw("console", self.console.as_ref().map(Console::json))
            .raw("servers", servers.finish())
            .finish()
    }
}

/// `https://host` as somebody typed it.
pub(crate) fn host_url(text: &str) -> Result<String, String> {
    let named = url::Parts::of(text).map_err(|fault| fault.to_string())?;
    if !matches!(named.rest, "" | "/") {
        return Err(format!("`{text}` has more than a host; write `https://host`"));
    }
    Ok(text.trim_end_matches('/').to_ascii_lowercase())
}

/// The values of a list, each once.
fn list(form: &impl Reads<Value = String>, node: Option<&Node>) -> Vec<String> {
    let mut values = Vec::new();
    for item in node.map(Node::items).unwrap_or_default() {
        let value = form.take(Some(item));
        values.extend(value.filter(|value| !values.contains(value)));
    }
    values
}

/// Tokens are sent with every request: whoever hears one can use it.
fn read_listen(document: &Node, reading: &mut Reading<'_>) -> Listen {
    let Some(node) = document.get("listen") else { return Listen::default() };
    let listen = match Address.take(Some(node)) {
        Some(Listen::Unix(path)) => Listen::Unix(reading.absolute(path, node)),
        other => other.unwrap_or_default(),
    };
    if listen.is_reachable_from_afar() && document.get("tls").is_none() {
        reading
            .findings
            .warning(node.span, "other machines can connect, and tokens travel in plain text")
            .help("add `tls`, or listen on `127.0.0.1` behind a proxy that speaks TLS");
    }
    listen
}

fn read_servers(document: &Node, reading: &mut Reading<'_>) -> BTreeMap<String, Server> {
    let members = document.get("servers").map(Node::members).unwrap_or_default();
    let read = |member: &outline::Member, reading: &mut Reading<'_>| {
        let server = Server::read(&member.node, member, reading)?;
        Some((member.key.clone(), server))
    };
    members.iter().filter_map(|member| read(member, reading)).collect()
}

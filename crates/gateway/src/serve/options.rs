//! What a serving gateway is asked to be.

use std::fmt;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use sha2::{Digest, Sha256};
use tokio::sync::watch;
use toolgate_store::{Durability, Store};

use crate::downstream::http::Tls;
use crate::options::{Header, UpstreamSpec};
use crate::pins::ToolsChanged;

/// Reads a server's settings as the directory keeps them. It may wait for a disk.
#[derive(Clone)]
pub struct ReadServer(pub Arc<ReadSpec>);

type ReadSpec = dyn Fn(&str) -> Result<ServerSpec, String> + Send + Sync;

impl fmt::Debug for ReadServer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("ReadServer(…)")
    }
}

/// What a server's settings say.
#[derive(Debug)]
pub struct ServerSpec {
    pub upstream: UpstreamSpec,
    pub tools_changed: ToolsChanged,
}

#[derive(Debug)]
pub struct ServeOptions {
    pub listen: Listen,
    /// What clients see of the gateway's own; plain text without it.
    pub tls: Option<TlsFiles>,
    /// The state directory: audit log, counters, keys, servers, policies and grants.
    pub state: PathBuf,
    pub durability: Durability,
    /// Further names that clients may reach this gateway by, as `host` or `host:port`.
    pub hosts: Vec<String>,
    /// Web pages that may call it, as `https://host`.
    pub origins: Vec<String>,
    /// Whose tokens are taken besides those of grants.
    pub jwt: Vec<JwtIssuer>,
    pub configured: Configured,
    pub read_server: ReadServer,
    pub limits: Limits,
    pub telemetry: Telemetry,
    /// Where people find the pages of approvals; a question is at this and its id.
    pub approval_url: Option<String>,
    /// Reads the config file again on SIGHUP; nothing where there is none.
    pub reload: Option<Reload>,
    /// Told once the gateway listens; nothing if empty.
    pub remarks: String,
    /// What else runs in this process, on the same store.
    pub beside: Option<Beside>,
}

/// What the config file keeps in the state directory.
#[derive(Clone, Debug, Default)]
pub struct Configured {
    /// Name and settings of each.
    pub servers: Vec<(String, String)>,
    /// The text of the policy above every grant's.
    pub organization: Option<String>,
}

impl Configured {
    /// Equal for what says the same.
    pub(super) fn mind(&self) -> String {
        let mut servers: Vec<_> = self.servers.iter().collect();
        servers.sort();
        let texts = servers.into_iter().flat_map(|(name, spec)| [name, spec]);
        let mut hash = Sha256::new();
        for text in texts.chain(&self.organization) {
            hash.update(text.len().to_be_bytes());
            hash.update(text);
        }
        hash.finalize().iter().fold(String::new(), |hex, byte| hex + &format!("{byte:02x}"))
    }
}

/// Where clients connect.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listen {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

impl Default for Listen {
    fn default() -> Self {
        Self::Tcp((Ipv4Addr::LOCALHOST, 8480).into())
    }
}

/// PEM files. They are read again on SIGHUP.
#[derive(Clone, Debug)]
pub struct TlsFiles {
    /// The certificate and those above it.
    pub cert: PathBuf,
    pub key: PathBuf,
    /// Whoever connects shows a certificate that one of these signed.
    pub client_ca: Option<PathBuf>,
}

impl TlsFiles {
    /// The file that cannot be used, and why, if one cannot.
    pub fn fault(&self) -> Option<(PathBuf, String)> {
        Tls::fault(self)
    }
}

/// One issuer of tokens (RFC 7519, RFC 9068), and the grants that its tokens stand for.
#[derive(Clone, Debug)]
pub struct JwtIssuer {
    /// `iss`, exactly.
    pub issuer: String,
    /// One of `aud`.
    pub audience: String,
    /// Discovered from the issuer if absent.
    pub jwks_url: Option<String>,
    /// As RFC 7518 and RFC 8037 call them.
    pub algorithms: Vec<String>,
    /// The first that matches wins.
    pub grants: Vec<ClaimGrant>,
}

/// A claim that gives a grant.
#[derive(Clone, Debug)]
pub struct ClaimGrant {
    pub claim: String,
    pub test: ClaimTest,
    pub grant: String,
}

#[derive(Clone, Debug)]
pub enum ClaimTest {
    Contains(String),
    Equals(String),
}

/// How much of everything, and how long.
#[derive(Clone, Debug)]
pub struct Limits {
    /// The longest message taken from either side.
    pub message_bytes: usize,
    /// The longest head of a request.
    pub headers_bytes: usize,
    pub in_flight_per_grant: usize,
    pub in_flight_per_principal: usize,
    /// Legacy sessions of the whole gateway.
    pub sessions: usize,
    pub sessions_per_grant: usize,
    pub sessions_per_principal: usize,
    /// Processes of servers that are commands, of the whole gateway.
    pub processes: usize,
    pub processes_per_principal: usize,
    /// A session that nobody uses for so long ends.
    pub session_idle: Duration,
    pub connections: usize,
    /// How long a server may take to answer.
    pub request_timeout: Duration,
    /// How long a client may read nothing of what it is sent.
    pub write_timeout: Duration,
    /// How long requests may take to end once the gateway is told to stop.
    pub drain: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            message_bytes: 4 << 20,
            headers_bytes: 32 << 10,
            in_flight_per_grant: 1024,
            in_flight_per_principal: 256,
            sessions: 20_000,
            sessions_per_grant: 20_000,
            sessions_per_principal: 10_000,
            processes: 1024,
            processes_per_principal: 256,
            session_idle: Duration::from_mins(30),
            connections: 20_000,
            request_timeout: Duration::from_mins(10),
            write_timeout: Duration::from_secs(30),
            drain: Duration::from_secs(30),
        }
    }
}

/// What others may watch.
#[derive(Clone, Debug)]
pub struct Telemetry {
    /// Where traces and metrics are sent, as OTLP over HTTP.
    pub otlp: Option<String>,
    /// Of each request to the collector.
    pub headers: Vec<Header>,
    /// Whether `/metrics` is served.
    pub metrics: bool,
}

impl Default for Telemetry {
    fn default() -> Self {
        Self { otlp: None, headers: Vec::new(), metrics: true }
    }
}

/// Runs until told to stop; what it ends with otherwise is told, and the gateway goes on. It lets
/// go of the store when it ends.
pub struct Beside(pub Box<RunBeside>);

type RunBeside = dyn FnOnce(Store, watch::Receiver<bool>) -> Running + Send + Sync;
type Running = Pin<Box<dyn Future<Output = Result<(), String>> + Send>>;

impl fmt::Debug for Beside {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Beside(…)")
    }
}

/// Gives what the config file says now, or why it cannot be used.
pub struct Reload(pub Box<ReadAgain>);

type ReadAgain = dyn Fn() -> Result<Configured, String> + Send + Sync;

impl fmt::Debug for Reload {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Reload(…)")
    }
}

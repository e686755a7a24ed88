//! What a serving gateway is asked to be.

use std::net::SocketAddr;
use std::path::PathBuf;

use toolgate_store::Durability;

use crate::options::UpstreamSpec;
use crate::pins::ToolsChanged;

/// Reads a server's settings as the directory keeps them.
pub type ReadServer = fn(spec: &str) -> Result<ServerSpec, String>;

/// What a server's settings say.
#[derive(Debug)]
pub struct ServerSpec {
    pub upstream: UpstreamSpec,
    pub tools_changed: ToolsChanged,
}

#[derive(Debug)]
pub struct ServeOptions {
    pub listen: SocketAddr,
    /// The state directory: audit log, counters, keys, servers, policies and grants.
    pub state: PathBuf,
    pub durability: Durability,
    /// Further names that clients may reach this gateway by, as `host` or `host:port`.
    pub hosts: Vec<String>,
    /// Web pages that may call it, as `https://host`.
    pub origins: Vec<String>,
    /// The servers of the config file: name and settings.
    pub servers: Vec<(String, String)>,
    /// The text of the policy that stands above every grant's, if the config file names one.
    pub organization: Option<String>,
    pub read_server: ReadServer,
    /// The longest message taken from either side.
    pub message_bytes_max: usize,
    /// Legacy sessions of one grant at one server.
    pub sessions_max: usize,
    /// Told once the gateway listens; nothing if empty.
    pub remarks: String,
}

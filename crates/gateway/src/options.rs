//! What a gate is asked to be, and how it can fail to become it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;

use toolgate_store::Durability;

use crate::upstream::CommandSpec;

mod auth_spec;
mod url_spec;

pub use auth_spec::{AuthFlow, AuthSpec};
pub use url_spec::{Transport, UrlSpec};

/// One gate: one policy, one grant, one server.
#[derive(Debug)]
pub struct Options {
    pub policy: PathBuf,
    /// The state directory: audit log, counters, keys.
    pub state: PathBuf,
    pub grant: String,
    /// The server's name in records and counters.
    pub server: String,
    pub upstream: UpstreamSpec,
    /// Where HTTP clients connect; nothing for a client on stdin and stdout.
    pub listen: Option<SocketAddr>,
    pub durability: Durability,
    /// The longest message taken from either side.
    pub message_bytes_max: usize,
    /// Where people find the pages of approvals; a question is at this and its id.
    pub approval_url: Option<String>,
}

#[derive(Clone, Debug)]
pub enum UpstreamSpec {
    Command(CommandSpec),
    Url(UrlSpec),
}

/// A header for the upstream. Its value never stands on a command line.
#[derive(Clone, Debug)]
pub struct Header {
    pub name: String,
    pub source: SecretSource,
}

#[derive(Clone)]
pub enum SecretSource {
    Env(String),
    File(PathBuf),
    /// The value itself: of a config file, which is as private as its owner keeps it.
    Plain(String),
}

impl fmt::Debug for SecretSource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Env(variable) => write!(f, "env:{variable}"),
            Self::File(path) => write!(f, "file:{}", path.display()),
            Self::Plain(_) => f.write_str("Plain(…)"),
        }
    }
}

/// Why a gate did not come up, in one line for a person.
#[derive(Debug)]
pub struct RunError {
    pub kind: RunErrorKind,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RunErrorKind {
    /// The audit log or the counters cannot be used.
    Audit,
    Policy,
    /// The server was started or reached, and did not answer in the time that was given.
    TimedOut,
    Unexpected,
    /// The server cannot be started or reached.
    Unreachable,
    Usage,
}

impl RunError {
    pub(crate) fn new(kind: RunErrorKind, text: impl Into<String>) -> Self {
        Self { kind, text: text.into() }
    }
}

impl fmt::Display for RunError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl std::error::Error for RunError {}

//! What a console is asked to be.

use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;

use thiserror::Error;

use crate::explained::Explain;
use crate::servers::Servers;

/// Gives the secret that a text such as `env:NAME` or `file:/path` names, or why there is none.
pub type ReadSecret = fn(source: &str) -> Result<Vec<u8>, String>;

#[derive(Clone)]
pub struct Options {
    /// The state directory: it is there already.
    pub state: PathBuf,
    /// How people reach the console, as `https://host`, where that is not its own address.
    pub url: Option<String>,
    pub read_secret: ReadSecret,
    /// What stands behind a decision of the log.
    pub explain: Explain,
    /// Where clients reach the gateway, as `http://127.0.0.1:8480`, if that is known.
    pub gateway: Option<String>,
    /// Says something to whoever sees the terminal.
    pub tell: fn(&str),
    /// Who reaches servers for it.
    pub servers: Arc<dyn Servers>,
}

/// Why there is no console, in one line for a person.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum ConsoleError {
    #[error("the console cannot listen on {address}: {what}; choose another address")]
    Listen { address: String, what: String },
    #[error("{0}")]
    State(String),
    #[error(
        "nobody could reach the console on {address}: requests must name its host; say which with \
         `url`, as `https://toolgate.example.com`"
    )]
    Unnamed { address: String },
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("Options");
        shown.field("state", &self.state).field("url", &self.url).finish_non_exhaustive()
    }
}

//! What has to be done to servers, by somebody who can reach them: the console itself cannot.

use std::pin::Pin;

use toolgate_store::{NewSurvey, Store};

/// Whatever waits for a server.
pub type Doing<'a, T> = Pin<Box<dyn Future<Output = Result<T, String>> + Send + 'a>>;

/// Why something cannot be done is told in one line, without secrets.
pub trait Servers: Send + Sync {
    /// How a server is reached, by its settings as the directory keeps them.
    fn describe(&self, spec: &str) -> Result<Reached, String>;

    /// The settings of a new server, its credentials sealed. May wait for a disk.
    fn compose(&self, new: &NewServer) -> Result<String, String>;

    /// The same settings with another value of a header, sealed; without the header if there is
    /// no value. May wait for a disk.
    fn with_header(
        &self,
        server: &str,
        spec: &str,
        header: (&str, Option<&str>),
    ) -> Result<String, String>;

    /// Drops the credentials that were kept for `spec` and are not for `still`.
    fn forget(&self, spec: &str, still: Option<&str>) -> Result<(), String>;

    /// Asks it as the gateway would.
    fn test<'a>(&'a self, server: &'a str, spec: &'a str, store: Store) -> Doing<'a, Tested>;

    /// Has its lists, and judges them.
    fn scan<'a>(&'a self, server: &'a str, spec: &'a str, store: Store) -> Doing<'a, Scanned>;
}

/// A server that is elsewhere: those that are started here are the local operator's.
#[derive(Default)]
pub struct NewServer {
    pub name: String,
    pub url: String,
    pub transport: Option<String>,
    pub tools_changed: Option<String>,
    /// Name and value: the value itself, wherever it seems to point.
    pub header: Option<(String, String)>,
}

/// Without secrets.
#[derive(Clone, Debug, Default)]
pub struct Reached {
    /// An address, or a command.
    pub by: String,
    pub is_command: bool,
    pub transport: &'static str,
    pub tools_changed: &'static str,
    /// Each that goes along, and where its value is kept: `sealed`, `env:NAME`, `file:/path`.
    pub headers: Vec<(String, String)>,
    pub has_auth: bool,
    /// What is dangerous about the settings.
    pub remarks: Vec<String>,
}

#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// Its own words for itself.
    pub name: Option<String>,
    pub version: Option<String>,
    pub versions: Vec<String>,
    pub is_legacy: bool,
    pub handshake_ms: u64,
    pub tools: usize,
    pub resources: usize,
    pub resource_templates: usize,
    pub prompts: usize,
    pub remarks: Vec<String>,
}

#[derive(Clone, Debug)]
pub struct Scanned {
    pub survey: NewSurvey,
    pub remarks: Vec<String>,
}

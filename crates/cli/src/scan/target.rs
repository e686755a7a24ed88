//! What is scanned: one server, and how its lists are had.

use std::path::PathBuf;

use toolgate_gateway::UpstreamSpec;

use super::saved::Saved;
use super::secrets::Secrets;

/// One server to look at.
#[derive(Debug)]
pub(crate) struct Target {
    pub(crate) name: String,
    /// Or why it cannot even be tried.
    pub(crate) source: Result<Source, String>,
    /// The file that names it, for reports that point at lines.
    pub(crate) place: Option<Place>,
    pub(crate) secrets: Secrets,
}

#[derive(Debug)]
pub(crate) enum Source {
    Live(Box<UpstreamSpec>),
    Saved(Saved),
}

/// Where something stands in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    pub(crate) file: PathBuf,
    /// From 1.
    pub(crate) line: usize,
}

impl Target {
    pub(crate) fn live(name: String, spec: UpstreamSpec) -> Self {
        let source = Ok(Source::Live(Box::new(spec)));
        Self { name, source, place: None, secrets: Secrets::default() }
    }
}

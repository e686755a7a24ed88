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
    /// How it is reached, for people; secrets are not yet hidden.
    pub(crate) fn reached(&self) -> String {
        match &self.source {
            Ok(Source::Live(spec)) => match &**spec {
                UpstreamSpec::Command(command) => {
                    let words = std::iter::once(&command.program).chain(&command.args);
                    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
                }
                UpstreamSpec::Url(spec) => spec.url.clone(),
            },
            Ok(Source::Saved(_)) => "a saved list of tools".to_owned(),
            Err(_) => String::new(),
        }
    }

    pub(crate) fn live(name: String, spec: UpstreamSpec) -> Self {
        let source = Ok(Source::Live(Box::new(spec)));
        Self { name, source, place: None, secrets: Secrets::default() }
    }
}

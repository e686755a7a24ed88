//! All that a scan has found: what every form of output is made of.

use toolgate_catalog::{Flow, Severity, Survey};
use toolgate_store::NewSurvey;

use super::ask::About;
use super::target::Place;

#[derive(Debug)]
pub(crate) struct Report {
    /// In the order in which they were named.
    pub(crate) servers: Vec<Scanned>,
    /// Paths over the tools of all of them: one agent sees them together.
    pub(crate) flows: Vec<Flow>,
}

#[derive(Debug)]
pub(crate) struct Scanned {
    pub(crate) name: String,
    pub(crate) place: Option<Place>,
    /// Or why it could not be scanned, in one line without secrets.
    pub(crate) outcome: Result<Seen, String>,
}

#[derive(Debug)]
pub(crate) struct Seen {
    pub(crate) about: About,
    pub(crate) survey: Survey,
    /// Of each tool, where a saved file has it.
    pub(crate) lines: Vec<Option<usize>>,
    pub(crate) remarks: Vec<String>,
    /// What the catalogue may keep of it.
    pub(crate) to_keep: NewSurvey,
    /// The policy that is recommended for it, where one was asked for.
    pub(crate) policy: Option<String>,
}

impl Report {
    pub(crate) fn seen(&self) -> impl Iterator<Item = &Seen> {
        self.servers.iter().filter_map(|server| server.outcome.as_ref().ok())
    }

    pub(crate) fn failed(&self) -> usize {
        self.servers.iter().filter(|server| server.outcome.is_err()).count()
    }

    /// Of all tools, findings and flows.
    pub(crate) fn gravest(&self) -> Option<Severity> {
        let flows = self.flows.iter().map(|flow| flow.severity);
        self.seen().filter_map(|seen| seen.survey.gravest()).chain(flows).max()
    }
}

//! Toxic flows: what no tool does alone. A text by a stranger comes in, the agent has private data
//! at hand, and a third tool carries it out or does harm ("lethal trifecta"; Snyk agent-scan
//! W015 to W020).

use crate::{Category, Risk, Severity, Tool, visible};

mod labels;

use labels::{Labels, labels};

/// One server with its tools, as [`crate::judge`] gave them.
#[derive(Debug, Clone, Copy)]
pub struct Surveyed<'a> {
    pub server: &'a str,
    pub tools: &'a [(Tool<'a>, Risk)],
}

/// One tool on the path, and why it stands there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hop {
    pub server: String,
    pub tool: String,
    pub why: &'static str,
}

/// A path over tools of one set, from a stranger's text to harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Flow {
    /// Stable: `data-leak`, `remote-harm`.
    pub id: &'static str,
    pub severity: Severity,
    /// One line for a person, the path included.
    pub text: String,
    /// Bring in what strangers write.
    pub sources: Vec<Hop>,
    /// Read what is not for strangers; none where harm needs none.
    pub private: Vec<Hop>,
    /// Carry out, destroy, run or pay.
    pub sinks: Vec<Hop>,
}

/// All toxic flows of tools that an agent has together, at most one of each kind: it is broken by
/// taking any of its three parts away, so every tool of a part is named.
pub fn flows(servers: &[Surveyed<'_>]) -> Vec<Flow> {
    let mut all = Vec::new();
    for one in servers {
        let labelled = one.tools.iter().map(|(tool, risk)| (one.server, tool, labels(tool, risk)));
        all.extend(labelled);
    }
    let hops = |pick: fn(&Labels) -> Option<&'static str>| -> Vec<Hop> {
        let picked = all.iter().filter_map(|(server, tool, labels)| {
            Some(Hop { server: visible(server), tool: visible(&tool.name), why: pick(labels)? })
        });
        picked.collect()
    };
    let sources = hops(|labels| labels.untrusted);
    if sources.is_empty() {
        return Vec::new();
    }
    let leak = leak(&sources, hops(|labels| labels.private), hops(|labels| labels.outward));
    let grave = servers
        .iter()
        .flat_map(|one| one.tools)
        .any(|(_, risk)| matches!(risk.category, Category::Execute | Category::Financial));
    leak.into_iter().chain(harm(&sources, hops(|labels| labels.harm), grave)).collect()
}

fn leak(sources: &[Hop], private: Vec<Hop>, sinks: Vec<Hop>) -> Option<Flow> {
    let (source, held, sink) = path(sources, &private, &sinks)?;
    let text = format!(
        "what strangers write can make the agent send private data out: {} → {} → {}",
        source.name(),
        held.name(),
        sink.name()
    );
    let severity = Severity::Critical;
    Some(Flow { id: "data-leak", severity, text, sources: sources.to_vec(), private, sinks })
}

fn harm(sources: &[Hop], sinks: Vec<Hop>, grave: bool) -> Option<Flow> {
    let source = sources.first()?;
    let sink = other_than(&sinks, &[source])?;
    let text = format!(
        "what strangers write can make the agent do what cannot be undone: {} → {}",
        source.name(),
        sink.name()
    );
    let severity = if grave { Severity::Critical } else { Severity::High };
    let sources = sources.to_vec();
    Some(Flow { id: "remote-harm", severity, text, sources, private: Vec::new(), sinks })
}

/// One path to show; a tool that has two parts may take both if no other has one.
fn path<'a>(
    sources: &'a [Hop],
    private: &'a [Hop],
    sinks: &'a [Hop],
) -> Option<(&'a Hop, &'a Hop, &'a Hop)> {
    let source = sources.first()?;
    let held = other_than(private, &[source])?;
    let sink = other_than(sinks, &[source, held])?;
    Some((source, held, sink))
}

fn other_than<'a>(hops: &'a [Hop], taken: &[&Hop]) -> Option<&'a Hop> {
    let is_taken =
        |hop: &&Hop| taken.iter().any(|one| one.server == hop.server && one.tool == hop.tool);
    hops.iter().find(|hop| !is_taken(hop)).or(hops.first())
}

impl Hop {
    /// `server/tool`.
    pub fn name(&self) -> String {
        format!("{}/{}", self.server, self.tool)
    }
}

#[cfg(test)]
mod tests;

//! `all_tools`, `tools`, `prompts` and the other sections: who each entry is for.

use crate::document::findings::Findings;
use crate::document::line::Line;
use crate::document::modes::Mode;
use crate::document::name;
use crate::document::node::{Member, Node};
use crate::document::place::Place;
use crate::document::pointer::join;
use crate::document::tool;
use crate::glob::Glob;
use crate::rule::{Posture, Results};

/// One entry with its checks, before it is put in its place.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) key: String,
    pub(crate) pointer: String,
    pub(crate) reach: Reach,
    pub(crate) lines: Vec<Line>,
    pub(crate) record_arguments: bool,
    pub(crate) results: Option<Results>,
    /// What the entry itself says, until it is settled: then never nothing.
    pub(crate) mode: Option<Mode>,
}

/// One section of the document, before it is put in its place.
#[derive(Debug)]
pub(crate) struct Drafts {
    pub(crate) default: Posture,
    pub(crate) entries: Vec<Draft>,
}

/// All sections. What the document does not have is not decided.
#[derive(Debug)]
pub(crate) struct Sections {
    pub(crate) tools: Drafts,
    pub(crate) prompts: Option<Drafts>,
    pub(crate) resources: Option<Drafts>,
    pub(crate) server_requests: Option<Drafts>,
    /// The mode of the document.
    pub(crate) mode: Mode,
}

/// Which names an entry is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// `all_tools`
    All,
    /// `*`
    Every,
    Name,
    Pattern(Glob),
}

impl Sections {
    pub(crate) fn read(document: &Node, findings: &mut Findings) -> Self {
        let default = posture(document.get("default")).unwrap_or(Posture::Allow);
        let mode = Mode::of(document).unwrap_or_default();
        let settled = |mut entries: Vec<Draft>| {
            for draft in &mut entries {
                draft.settle(mode);
            }
            entries
        };
        let tools = Drafts { default, entries: settled(tools(document, findings)) };
        let mut section = |key: &'static str, prefix| {
            let node = document.get(key)?;
            let default = posture(node.get(DEFAULT)).unwrap_or(default);
            let entries = settled(read(key, prefix, node.members(), findings));
            Some(Drafts { default, entries })
        };
        let prompts = section("prompts", "prompts/");
        let resources = section("resources", "resources/");
        let server_requests = section("server_requests", "server_requests/");
        Self { tools, prompts, resources, server_requests, mode }
    }

    /// Each section with its key.
    pub(crate) fn all(&self) -> impl Iterator<Item = (&'static str, &Drafts)> {
        [("tools", Some(&self.tools))].into_iter().chain(self.others()).filter_map(present)
    }

    /// The same without tools.
    pub(crate) fn others(&self) -> [(&'static str, Option<&Drafts>); 3] {
        [
            ("resources", self.resources.as_ref()),
            ("prompts", self.prompts.as_ref()),
            ("server_requests", self.server_requests.as_ref()),
        ]
    }
}

fn present<'a>(
    (key, drafts): (&'static str, Option<&'a Drafts>),
) -> Option<(&'static str, &'a Drafts)> {
    drafts.map(|drafts| (key, drafts))
}

impl Draft {
    /// Whatever says no mode has that of the document.
    fn settle(&mut self, document: Mode) {
        let mode = *self.mode.get_or_insert(document);
        self.lines.iter_mut().for_each(|line| line.settle(document));
        self.results = self.results.map(|results| mode.of_results(results));
    }
}

impl Drafts {
    /// Whether anything but `*` stands here.
    pub(crate) fn lists(&self) -> bool {
        self.entries.iter().any(|draft| !matches!(draft.reach, Reach::All | Reach::Every))
    }

    /// Whether anything here can deny.
    pub(crate) fn checks(&self) -> bool {
        self.entries.iter().any(|draft| !draft.lines.is_empty())
    }
}

/// A section's own `default`, as long as no mapping stands behind it: a prompt may be called so.
pub(crate) const DEFAULT: &str = "default";

fn posture(node: Option<&Node>) -> Option<Posture> {
    match node?.text()? {
        "deny" => Some(Posture::Deny),
        _ => Some(Posture::Allow),
    }
}

fn tools(document: &Node, findings: &mut Findings) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if let Some(node) = document.get("all_tools") {
        let place = Place { prefix: "", owner: "all_tools", pointer: "/all_tools".to_owned() };
        drafts.push(draft("all_tools", Reach::All, node, &place, findings));
    }
    let tools = document.get("tools").map(Node::members).unwrap_or_default();
    drafts.extend(read("tools", "", tools, findings));
    drafts
}

/// Entries for every name first, the rest as the document has them.
fn read(
    section: &str,
    prefix: &'static str,
    members: &[Member],
    findings: &mut Findings,
) -> Vec<Draft> {
    let mut drafts = Vec::new();
    let is_entry = |member: &&Member| {
        section == "tools" || member.key != DEFAULT || member.node.text().is_none()
    };
    let (every, some): (Vec<_>, Vec<_>) =
        members.iter().filter(is_entry).partition(|member| member.key == "*");
    for member in every.into_iter().chain(some) {
        if let Some(reach) = reach(member, findings) {
            let owner = if reach == Reach::Every { "_global" } else { &member.key };
            let pointer = join(&format!("/{section}"), &member.key);
            let place = Place { prefix, owner, pointer };
            drafts.push(draft(&member.key, reach, &member.node, &place, findings));
        }
    }
    drafts
}

fn draft(
    key: &str,
    reach: Reach,
    node: &Node,
    place: &Place<'_>,
    findings: &mut Findings,
) -> Draft {
    let lines = tool::read(node, place, findings);
    Draft {
        key: key.to_owned(),
        pointer: place.pointer.clone(),
        reach,
        lines,
        record_arguments: records(node),
        results: results(node),
        mode: Mode::of(node),
    }
}

/// Whether `record: args` stands here.
pub(crate) fn records(node: &Node) -> bool {
    node.get("record").and_then(Node::text) == Some("args")
}

/// What `results` says here.
pub(crate) fn results(node: &Node) -> Option<Results> {
    Results::ALL
        .into_iter()
        .find(|one| node.get("results").and_then(Node::text) == Some(one.as_str()))
}

fn reach(member: &Member, findings: &mut Findings) -> Option<Reach> {
    if member.key == "*" {
        return Some(Reach::Every);
    }
    if !name::check(&member.key, member.key_span, findings) {
        return None;
    }
    if !Glob::is_pattern(&member.key) {
        return Some(Reach::Name);
    }
    match Glob::parse(&member.key) {
        Ok(glob) => Some(Reach::Pattern(glob)),
        Err(message) => {
            findings.error(member.key_span, message);
            None
        }
    }
}

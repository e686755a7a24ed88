//! `all_tools` and `tools`: who each entry is for.

use crate::document::findings::Findings;
use crate::document::line::Line;
use crate::document::name;
use crate::document::node::{Member, Node};
use crate::document::place::Place;
use crate::document::pointer::join;
use crate::document::tool;
use crate::glob::Glob;

/// One entry with its checks, before it is put in its place.
#[derive(Debug)]
pub(crate) struct Draft {
    pub(crate) key: String,
    pub(crate) reach: Reach,
    pub(crate) lines: Vec<Line>,
    pub(crate) record_arguments: bool,
}

/// Which tools an entry is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Reach {
    /// `all_tools`
    All,
    /// `tools.*`
    Every,
    Pattern(Glob),
    Tool,
}

/// All entries: those for every tool first, the rest as the document has them.
pub(crate) fn read(document: &Node, findings: &mut Findings) -> Vec<Draft> {
    let mut drafts = Vec::new();
    if let Some(node) = document.get("all_tools") {
        drafts.push(draft("all_tools", Reach::All, node, findings));
    }
    let tools = document.get("tools").map(Node::members).unwrap_or_default();
    let (every, some): (Vec<_>, Vec<_>) = tools.iter().partition(|member| member.key == "*");
    for member in every.into_iter().chain(some) {
        if let Some(reach) = reach(member, findings) {
            drafts.push(draft(&member.key, reach, &member.node, findings));
        }
    }
    drafts
}

fn draft(key: &str, reach: Reach, node: &Node, findings: &mut Findings) -> Draft {
    let (owner, pointer) = match reach {
        Reach::All => (key, "/all_tools".to_owned()),
        Reach::Every => ("_global", "/tools/*".to_owned()),
        Reach::Pattern(_) | Reach::Tool => (key, join("/tools", key)),
    };
    let lines = tool::read(node, &Place { owner, pointer }, findings);
    let record_arguments = records(node);
    Draft { key: key.to_owned(), reach, lines, record_arguments }
}

/// Whether `record: args` stands here.
pub(crate) fn records(node: &Node) -> bool {
    node.get("record").and_then(Node::text) == Some("args")
}

fn reach(member: &Member, findings: &mut Findings) -> Option<Reach> {
    if member.key == "*" {
        return Some(Reach::Every);
    }
    if !name::check(&member.key, member.key_span, findings) {
        return None;
    }
    if !Glob::is_pattern(&member.key) {
        return Some(Reach::Tool);
    }
    match Glob::parse(&member.key) {
        Ok(glob) => Some(Reach::Pattern(glob)),
        Err(message) => {
            findings.error(member.key_span, message);
            None
        }
    }
}

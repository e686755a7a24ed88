//! Names that look like others' names, and whose tools are whose.

use std::collections::{HashMap, HashSet};

use crate::{Finding, Severity, Tool, skeleton, visible};

/// The tools around one server's: those an order could be about.
#[derive(Debug, Default, Clone)]
pub struct Neighbours {
    /// Names of this server's own tools, in small letters.
    own: HashSet<String>,
    /// Names of other servers' tools, in small letters, and whose they are.
    foreign: HashMap<String, String>,
    /// What is left of a name for a hurried reader, and the names and servers behind it.
    alike: HashMap<String, Vec<(String, String)>>,
}

impl Neighbours {
    /// `all` are the pairs of server and tool that an agent sees together.
    pub fn of<'a>(server: &str, all: impl Iterator<Item = (&'a str, &'a str)>) -> Self {
        let mut neighbours = Self::default();
        for (owner, tool) in all {
            let small = tool.to_ascii_lowercase();
            if owner == server {
                neighbours.own.insert(small);
            } else {
                neighbours.foreign.insert(small, owner.to_string());
            }
            let alike = neighbours.alike.entry(skeleton(tool)).or_default();
            alike.push((owner.to_string(), tool.to_string()));
        }
        neighbours
    }

    /// Whether it is a tool of another server, and not one of this.
    pub(super) fn is_foreign(&self, name: &str) -> bool {
        !self.foreign.is_empty() && self.foreign.contains_key(name) && !self.own.contains(name)
    }
}

/// Names that are drawn like another tool's, and names of letters that mix.
pub(super) fn findings(tool: &Tool<'_>, neighbours: &Neighbours) -> Vec<Finding> {
    let finding = |id, severity, text| Finding {
        id,
        severity,
        text,
        place: "name".to_string(),
        quote: visible(&tool.name),
    };
    let mut findings = Vec::new();
    if !tool.name.is_ascii() && tool.name.chars().any(|c| c.is_ascii_alphabetic()) {
        let bare = skeleton(&tool.name);
        if bare.is_ascii() {
            let text = format!("a name with letters that look like others: reads as `{bare}`");
            findings.push(finding("confusable-name", Severity::High, text));
        }
    }
    if neighbours.alike.is_empty() {
        return findings;
    }
    let alike = neighbours.alike.get(&skeleton(&tool.name)).into_iter().flatten();
    if let Some((server, name)) = alike.into_iter().find(|(_, name)| drawn_alike(name, &tool.name))
    {
        let text = format!("a name drawn like `{}` of `{}`", visible(name), visible(server));
        findings.push(finding("confusable-name", Severity::High, text));
    }
    findings
}

/// `get_user` and `get-user` are two ways to write a name, not one that is drawn like the other.
fn drawn_alike(one: &str, other: &str) -> bool {
    let letters =
        |name: &str| -> String { name.chars().filter(|c| !matches!(c, '-' | '_' | '.')).collect() };
    one != other && letters(one) != letters(other)
}

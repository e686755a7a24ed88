//! `mode`: what is enforced, and what only says what it would have done.

use crate::document::entries::{DEFAULT, Sections};
use crate::document::findings::{Findings, quoted};
use crate::document::node::{Member, Node};
use crate::rule::Results;

#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Mode {
    #[default]
    Enforce,
    Shadow,
}

impl Mode {
    /// What `node` says of itself.
    pub(crate) fn of(node: &Node) -> Option<Self> {
        match node.get("mode")?.text()? {
            "enforce" => Some(Self::Enforce),
            "shadow" => Some(Self::Shadow),
            _ => None,
        }
    }

    pub(crate) fn as_str(self) -> &'static str {
        match self {
            Self::Enforce => "enforce",
            Self::Shadow => "shadow",
        }
    }

    pub(crate) fn in_shadow(shadow: bool) -> Self {
        if shadow { Self::Shadow } else { Self::Enforce }
    }

    /// In shadow a result passes as it came; the record says what was found.
    pub(crate) fn of_results(self, results: Results) -> Results {
        match self {
            Self::Enforce => results,
            Self::Shadow => Results::Flag,
        }
    }
}

const WHOLLY: &str =
    "NOTHING HERE IS ENFORCED: the whole policy is in shadow, and lets every call pass";
const PARTLY: &str = "the policy is in shadow: ONLY WHAT SAYS `mode: enforce` IS ENFORCED, neither \
     `default` nor `hide` is";

/// Whoever reads a rule takes it for one that holds: so what does not is said.
pub(crate) fn warn(document: &Node, sections: &Sections, findings: &mut Findings) {
    if sections.mode == Mode::Shadow {
        let mut drafts = sections.all().flat_map(|(_, drafts)| &drafts.entries);
        let any = drafts.any(|draft| draft.lines.iter().any(|line| !line.check.shadow));
        tell(document, if any { PARTLY } else { WHOLLY }, findings);
    }
    let around = sections.mode;
    if let Some(all) = document.member("all_tools") {
        entry(all, around, findings);
    }
    for key in ["tools", "resources", "prompts", "server_requests"] {
        let entries = document.get(key).map(Node::members).unwrap_or_default();
        let is_own = |member: &&Member| key == "tools" || member.key != DEFAULT;
        entries.iter().filter(is_own).for_each(|member| entry(member, around, findings));
    }
}

fn entry(member: &Member, around: Mode, findings: &mut Findings) {
    let (node, own) = (&member.node, Mode::of(&member.node));
    if around == Mode::Enforce && own == Some(Mode::Shadow) {
        let what = format!("nothing under {} is enforced: it is in shadow", quoted(&member.key));
        tell(node, &what, findings);
    }
    if own.unwrap_or(around) == Mode::Shadow {
        return;
    }
    for key in ["rules", "require", "deny_if", "limits"] {
        for item in node.get(key).map(Node::items).unwrap_or_default() {
            if Mode::of(item) == Some(Mode::Shadow) {
                tell(item, "this is not enforced: it is in shadow", findings);
            }
        }
    }
}

fn tell(node: &Node, what: &str, findings: &mut Findings) {
    let Some(mode) = node.member("mode") else { return };
    findings
        .warning(mode.key_span, what)
        .help("`toolgate report` says what it would have done; `mode: enforce` puts it in force");
}

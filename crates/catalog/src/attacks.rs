//! Known attacks by and on tools: how they go, what real cases there were, what to look for, and
//! a policy that stops them, with calls that prove it.

mod files;
mod notation;
mod read;
mod taxonomy;

use std::cmp::Reverse;
use std::fmt;
use std::sync::LazyLock;

use crate::{Category, Risk, Severity};

pub use read::read;
pub use taxonomy::{Taxonomy, title};

/// One pattern of attack.
#[derive(Debug, Clone)]
pub struct Attack {
    /// Stable, in lower case with hyphens: `path-escape`.
    pub id: String,
    pub name: String,
    pub family: Family,
    pub severity: Severity,
    /// One sentence.
    pub summary: String,
    /// How it works: paragraphs with an empty line between them.
    pub how: String,
    pub cases: Vec<Case>,
    /// What a watchful person or program sees of it.
    pub signs: Vec<String>,
    pub needs: Needs,
    pub maps: Maps,
    /// What the policy does not stop, and what would.
    pub beyond: String,
    /// A policy document, YAML, with comments.
    pub policy: String,
    /// What an attacker and what an honest agent do: the proof of the policy.
    pub steps: Vec<Step>,
    /// What is needed to play it against a server; nothing if it cannot be played.
    pub play: Option<Play>,
}

/// Where an attack has its hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Family {
    /// What an agent is told to write into a call.
    Arguments,
    /// What a server says of its tools.
    Definitions,
    /// What goes from one tool to another.
    Flows,
    /// How much and how often.
    Limits,
    /// How messages are written.
    Protocol,
    /// What a server asks of its client.
    Servers,
    /// Where servers, secrets and settings come from.
    Supply,
}

/// Something that happened or was shown.
#[derive(Debug, Clone)]
pub struct Case {
    pub what: String,
    /// `CVE-2025-53109`.
    pub cve: Option<String>,
    /// A web address.
    pub source: String,
}

/// What a tool must be like for the attack to be of use. Nothing at all where it does not depend
/// on the tool, but on the server, the client or what is between them.
#[derive(Debug, Clone, Default)]
pub struct Needs {
    /// Any of these.
    pub categories: Vec<Category>,
    /// Ids of signals, any of these; none: whatever the signals.
    pub signals: Vec<String>,
}

/// Where others have it. Ids only.
#[derive(Debug, Clone, Default)]
pub struct Maps {
    pub owasp_mcp: Vec<String>,
    pub owasp_agentic: Vec<String>,
    pub atlas: Vec<String>,
    pub safe_mcp: Vec<String>,
}

/// One thing that is tried.
#[derive(Debug, Clone)]
pub struct Step {
    /// What it shows.
    pub shows: String,
    pub side: Side,
    pub act: Act,
    /// How many times in a row.
    pub times: u32,
    /// Whether a pin stops it, and the policy need not.
    pub by_pin: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Of its calls at least one must not get through.
    Attack,
    /// All its calls must get through.
    Honest,
}

/// What goes over the wire. Arguments are JSON, as written.
#[derive(Debug, Clone)]
pub enum Act {
    /// What a server asks of its client, while a tool runs.
    Asked {
        tool: String,
        method: String,
        params: String,
    },
    Call {
        tool: String,
        arguments: String,
    },
    Prompt {
        name: String,
        arguments: String,
    },
    /// A whole message, or several.
    Raw(String),
    Read {
        uri: String,
    },
}

/// How it is played.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Play {
    /// The tools that the vulnerable server offers.
    pub tools: Vec<String>,
    /// Whether the gate stops it without any policy, so that it must be left out to be shown.
    pub gate_alone: bool,
    /// Whether the server changes its tools, so that the gateway's pins are part of the play.
    pub pinned: bool,
}

/// What the tools of the vulnerable server say of themselves: a JSON array of definitions.
pub const TOOLS: &str = include_str!("../attacks/tools.json");

/// All of them, in the order of their ids.
pub fn all() -> &'static [Attack] {
    static ALL: LazyLock<Vec<Attack>> =
        LazyLock::new(|| files::FILES.iter().filter_map(|(_, text)| read(text).ok()).collect());
    &ALL
}

pub fn find(id: &str) -> Option<&'static Attack> {
    all().iter().find(|attack| attack.id == id)
}

/// Those that are of use against such a tool, and not against any tool whatever: first those that
/// a signal of the tool calls for.
pub fn for_tool(risk: &Risk) -> Vec<&'static Attack> {
    let categories = [risk.category, risk.strict];
    let signals = || risk.signals.iter().map(|signal| signal.id);
    let mut found: Vec<_> =
        all().iter().filter(|attack| attack.suits(&categories, signals())).collect();
    found.sort_by_key(|attack| (attack.needs.signals.is_empty(), Reverse(attack.severity)));
    found
}

impl Attack {
    /// Whether it depends on no tool: it concerns every server.
    pub fn is_general(&self) -> bool {
        self.needs.categories.is_empty()
    }

    /// Whether it is of use against a tool of these categories with these signals.
    pub fn suits<'a>(
        &self,
        categories: &[Category],
        signals: impl IntoIterator<Item = &'a str>,
    ) -> bool {
        let Needs { categories: any_of, signals: seen } = &self.needs;
        let category = categories.iter().any(|category| any_of.contains(category));
        category && (seen.is_empty() || signals.into_iter().any(|id| seen.iter().any(|s| s == id)))
    }
}

impl Family {
    pub const ALL: [Self; 7] = [
        Self::Arguments,
        Self::Definitions,
        Self::Flows,
        Self::Limits,
        Self::Protocol,
        Self::Servers,
        Self::Supply,
    ];

    /// As documents name it.
    pub fn id(self) -> &'static str {
        match self {
            Self::Arguments => "arguments",
            Self::Definitions => "definitions",
            Self::Flows => "flows",
            Self::Limits => "limits",
            Self::Protocol => "protocol",
            Self::Servers => "servers",
            Self::Supply => "supply",
        }
    }

    /// For headings.
    pub fn title(self) -> &'static str {
        match self {
            Self::Arguments => "What a call asks for",
            Self::Definitions => "What a server says of its tools",
            Self::Flows => "From one tool to another",
            Self::Limits => "How much and how often",
            Self::Protocol => "How messages are written",
            Self::Servers => "What a server asks of its client",
            Self::Supply => "Where servers, secrets and settings come from",
        }
    }
}

impl fmt::Display for Family {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.id())
    }
}

//! What is to be done about each tool.

use std::collections::BTreeMap;

use super::node::Node;
use super::sharpen::{self, Hint};
use crate::{Category, Finding, Risk, Severity, Tool};

/// One tool's entry.
pub(super) struct Plan {
    pub(super) name: String,
    pub(super) category: Category,
    /// Why, for a person. From the definition in parts: not to be trusted.
    pub(super) why: Vec<String>,
    /// What a person can add. Said once for the whole document.
    pub(super) hints: Vec<Hint>,
    pub(super) entry: Entry,
}

pub(super) enum Entry {
    /// Out of the list, and denied: for this reason, which has no word of the server's.
    Closed(String),
    /// Keys and values under the tool's name; none allows it as it is.
    Open(Vec<(&'static str, Node)>),
    /// No key of a policy means just this tool; `default: deny` denies it.
    Unlisted,
}

impl Plan {
    fn gravity(&self) -> u8 {
        match self.entry {
            Entry::Closed(_) => u8::MAX,
            Entry::Open(_) | Entry::Unlisted => self.category.gravity(),
        }
    }
}

/// One plan for each name, in the order of the list; of two tools with one name the graver one.
/// `poison` has what is wrong with the words of each tool.
pub(super) fn plans(tools: &[(Tool<'_>, Risk)], poison: &[Vec<Finding>]) -> Vec<Plan> {
    let mut plans: Vec<Plan> = Vec::with_capacity(tools.len());
    let mut known: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, (tool, risk)) in tools.iter().enumerate() {
        let plan = plan(tool, risk, poison.get(at).map(Vec::as_slice).unwrap_or_default());
        match known.get(&*tool.name) {
            Some(&at) if plans[at].gravity() >= plan.gravity() => {}
            Some(&at) => plans[at] = plan,
            None => {
                known.insert(&tool.name, plans.len());
                plans.push(plan);
            }
        }
    }
    plans
}

fn plan(tool: &Tool<'_>, risk: &Risk, poison: &[Finding]) -> Plan {
    let category = risk.strict;
    let mut why = vec![format!("{category}, {} {}/5", risk.severity, risk.score)];
    if category != risk.category {
        why.push(format!("more likely {}, but not beyond doubt", risk.category));
    }
    let told = risk.signals.iter().filter(|signal| signal.id != "model").take(SIGNALS_MAX);
    why.extend(told.map(|signal| signal.text.clone()));
    let mut hints = Vec::new();
    let entry = if !is_exact(&tool.name) {
        why.push("no key of a policy means this name alone: left to `default`".to_owned());
        Entry::Unlisted
    } else if let Some(reason) = poisoned(poison) {
        Entry::Closed(reason)
    } else if category == Category::Destructive {
        Entry::Closed(DESTRUCTIVE.to_owned())
    } else {
        Entry::Open(open(tool, risk, &mut hints))
    };
    Plan { name: tool.name.to_string(), category, why, hints, entry }
}

const DESTRUCTIVE: &str = "Blocked by default: what this tool destroys does not come back";

/// Why a tool is closed whose definition tries to steer whoever reads it, with the ids of what was
/// found. Such a tool is out of lists too: what it says must not reach an agent.
fn poisoned(findings: &[Finding]) -> Option<String> {
    let serious = findings.iter().filter(|finding| finding.severity >= Severity::High);
    let mut ids: Vec<&str> = serious.map(|finding| finding.id).collect();
    ids.dedup();
    (!ids.is_empty()).then(|| {
        let ids = ids.join(", ");
        format!("Blocked: what the server says of this tool gives orders to agents ({ids})")
    })
}

/// More would not be read.
const SIGNALS_MAX: usize = 3;
const WRITES_PER_MINUTE: u32 = 30;
const RUNS_PER_MINUTE: u32 = 10;

/// The keys of a tool that is not closed.
fn open(tool: &Tool<'_>, risk: &Risk, hints: &mut Vec<Hint>) -> Vec<(&'static str, Node)> {
    let category = risk.strict;
    let mut keys = Vec::new();
    // What runs anything that it is told can do all that the machine can.
    let runs_all = category == Category::Execute && risk.severity == Severity::Critical;
    if category == Category::Financial || runs_all {
        keys.push(("action", Node::text("require_approval")));
    }
    if matches!(category, Category::Execute | Category::Financial) {
        keys.push(("validate", Node::map([("required_args", Node::Flag(true))])));
    }
    let sharp = sharpen::sharpen(tool, category);
    hints.extend(sharp.hints);
    if !sharp.require.is_empty() {
        keys.push(("require", Node::List(sharp.require)));
    }
    if !sharp.deny_if.is_empty() {
        keys.push(("deny_if", Node::List(sharp.deny_if)));
    }
    let is_bulk = risk.signals.iter().any(|signal| signal.id == "bulk");
    let max = match category {
        Category::Read => return keys,
        Category::Write if !is_bulk => WRITES_PER_MINUTE,
        Category::Destructive | Category::Execute | Category::Financial | Category::Write => {
            RUNS_PER_MINUTE
        }
    };
    keys.push(("limits", Node::List(vec![limit(&tool.name, max)])));
    keys
}

fn limit(tool: &str, max: u32) -> Node {
    let mut entries = vec![
        ("window".to_owned(), Node::text("minute")),
        ("max".to_owned(), Node::Number(max)),
        ("scope".to_owned(), Node::text("grant")),
    ];
    if is_word(tool) {
        entries.insert(0, ("counter".to_owned(), Node::Text(format!("{tool}_rate"))));
    }
    Node::Map(entries)
}

/// Letters, digits and `_`, so that it can be part of a counter's name or of a path.
pub(super) fn is_word(name: &str) -> bool {
    name.len() <= 64
        && name.starts_with(|c: char| c.is_ascii_alphabetic())
        && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_')
}

/// Whether a key of `tools` can mean this name and no other, and a person sees which: `*` and `?`
/// are patterns, and what cannot be seen is no name.
fn is_exact(name: &str) -> bool {
    let seen = name.trim() == name && !name.contains(crate::is_hidden);
    seen && !name.is_empty() && !name.contains(['*', '?'])
}

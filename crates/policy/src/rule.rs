//! A policy in force: every spelling of the documents comes down to these few checks.

use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::amount::Amount;
use crate::condition::Condition;
use crate::glob::Glob;
use crate::limit::{Counter, Refund, Scope, Unit, Window};
use crate::path::Path;
use crate::terms::Terms;

/// One document, ready to decide with. Made by [`crate::document::read`] alone.
#[derive(Debug)]
pub struct Policy {
    /// `mode: shadow` for the whole document: neither its default nor `hide` is enforced.
    pub(crate) shadow: bool,
    pub(crate) hidden: Names,
    pub(crate) tools: Section,
    /// What the document says nothing about, it does not decide.
    pub(crate) prompts: Option<Section>,
    pub(crate) resources: Option<Section>,
    pub(crate) server_requests: Option<Section>,
    pub(crate) record_arguments: bool,
    /// What happens to results whose text gives orders; nothing is looked at if absent.
    pub(crate) results: Option<Results>,
    /// Whether it or any of its tools asks for results to be looked at.
    pub(crate) looks_at_results: bool,
    /// Counters that limits in shadow name: what is spent of them for real counts there too.
    pub(crate) shadowed: Vec<Counter>,
    /// The document's canonical form, kept for its digest and display.
    pub(crate) canonical: String,
}

/// What a document says about one kind of call.
#[derive(Debug)]
pub(crate) struct Section {
    pub(crate) default: Posture,
    /// `all_tools` and `*` first, then the rest in document order.
    pub(crate) entries: Vec<Entry>,
    pub(crate) index: Index,
}

/// What happens to a name that no entry lists.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Posture {
    Allow,
    Deny,
}

/// What happens to a tool's result whose text is poisoned; each is stricter than the one before.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Results {
    /// It passes; the record says so.
    Flag,
    /// What is hidden and the sentences that give orders are taken out.
    Strip,
    /// The agent gets an error instead.
    Block,
}

impl Check {
    /// Whether it asks for the tool's own definition.
    pub(crate) fn needs_definition(&self) -> bool {
        matches!(self.test, Test::RequiredArgs | Test::Schema)
    }
}

impl Results {
    pub(crate) const ALL: [Self; 3] = [Self::Flag, Self::Strip, Self::Block];

    /// As documents spell it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Flag => "flag",
            Self::Strip => "strip",
            Self::Block => "block",
        }
    }
}

/// A set of names and globs.
#[derive(Debug, Default)]
pub(crate) struct Names {
    pub(crate) exact: HashSet<String>,
    pub(crate) globs: Vec<Glob>,
}

/// Which entries apply to a name.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Entries of every name, listed or not: `all_tools` and `*`. They list nothing.
    pub(crate) every: Vec<usize>,
    pub(crate) exact: HashMap<String, usize>,
    pub(crate) globs: Vec<(Glob, usize)>,
    /// Names and patterns of resources in their folded spelling.
    pub(crate) folded: Vec<(Glob, usize)>,
}

/// Everything the document says under one key of a section.
#[derive(Debug)]
pub(crate) struct Entry {
    /// JSON pointer of the key.
    pub(crate) pointer: Arc<str>,
    pub(crate) checks: Vec<Check>,
    pub(crate) record_arguments: bool,
    pub(crate) results: Option<Results>,
}

/// One thing that must hold, with its place in the document.
#[derive(Debug)]
pub(crate) struct Check {
    /// JSON pointer (RFC 6901).
    pub(crate) pointer: Arc<str>,
    /// The author's words for the agent: `on_deny` or `reason`.
    pub(crate) on_deny: Option<Arc<str>>,
    /// Whether it only says what it would have done: `mode: shadow`, here or around it.
    pub(crate) shadow: bool,
    pub(crate) test: Test,
}

#[derive(Debug)]
pub(crate) enum Test {
    /// A person must say yes.
    Approve(Ask),
    Deny,
    /// Denied if the condition holds or cannot be judged.
    DenyIf(Condition),
    Limit(Limit),
    /// Denied unless the condition holds.
    Require(Condition),
    /// Every argument that the tool's own schema requires is there.
    RequiredArgs,
    /// The arguments satisfy the tool's own schema.
    Schema,
}

/// When a person is asked, and on which terms.
#[derive(Debug)]
pub(crate) struct Ask {
    /// Asked unless one of these certainly does not hold.
    pub(crate) conditions: Vec<Condition>,
    pub(crate) terms: Terms,
}

#[derive(Debug)]
pub(crate) struct Limit {
    pub(crate) counter: Arc<str>,
    pub(crate) increment: Increment,
    pub(crate) window: Window,
    pub(crate) max: Amount,
    pub(crate) scope: Scope,
    pub(crate) refund: Refund,
}

impl Limit {
    pub(crate) fn counter(&self) -> Counter {
        let unit = match self.increment {
            Increment::Argument(_) => Unit::Amount,
            Increment::Fixed(_) => Unit::Calls,
        };
        Counter { name: Arc::clone(&self.counter), unit }
    }
}

/// What a limit adds up for each call.
#[derive(Clone, Debug)]
pub(crate) enum Increment {
    /// The number at this path of the arguments.
    Argument(Path),
    /// 1 unless the document says otherwise.
    Fixed(Amount),
}

//! What a notation consists of: keys, and what may stand behind them.

use std::fmt;

use crate::document::findings::Findings;
use crate::document::node::{Member, Node};

/// The keys of one kind of mapping.
#[derive(Debug)]
pub struct Table {
    /// Its name in the schema.
    pub name: &'static str,
    /// Where such a mapping stands, for messages: `a key … belongs {place}`.
    pub place: &'static str,
    pub keys: &'static [Key],
}

#[derive(Debug)]
pub struct Key {
    pub name: &'static str,
    pub need: Need,
    pub shape: Shape,
    /// For whoever completes it in an editor.
    pub means: &'static str,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Need {
    Must,
    May,
}

/// What may stand behind a key.
#[derive(Debug)]
pub enum Shape {
    /// A number, not negative.
    Amount,
    Any,
    Bool,
    Choice(&'static [&'static str]),
    /// Alternatives of different kinds.
    Either(&'static [Shape]),
    Form(&'static dyn Form),
    List(&'static Shape),
    Named(&'static Named),
    Object(&'static Table),
    /// A text: so many calls per minute, hour or day.
    Rate,
    /// A whole number of seconds.
    Seconds,
    /// A mapping from names to what is said about them, with a `default` of its own.
    Section(&'static Table),
    Text(Manner),
    /// A mapping from tool names to what is said about them.
    Tools(&'static Table),
}

/// How a text is written.
#[derive(Debug)]
pub enum Manner {
    /// `1h30m`
    Duration,
    Free,
    /// Not empty, no control characters.
    Name,
    /// `args.…`
    Path,
    /// `45s`, or `0s`
    Pause,
    /// `args.…` or `state.…`
    RulePath,
    /// It starts with one of these.
    Start(&'static [&'static str]),
}

/// A mapping whose keys its author chooses.
#[derive(Debug)]
pub struct Named {
    /// What a key is: a regular expression, for the schema; empty if anything may stand here.
    pub pattern: &'static str,
    /// Reports a key that is none.
    pub check: fn(&Member, &mut Findings),
    pub value: Shape,
}

/// A value that only one notation has.
pub trait Form: fmt::Debug + Sync {
    /// For messages: `… takes {due}`.
    fn due(&self) -> String;
    /// Whether it is of the right kind, be it right or not.
    fn fits(&self, node: &Node) -> bool;
    /// Reports what is wrong with a value that fits.
    fn check(&self, node: &Node, findings: &mut Findings);
    /// What would have been right in place of a value that does not fit, if that can be told.
    fn mend(&self, _node: &Node) -> Option<String> {
        None
    }
    /// A JSON Schema, as JSON.
    fn schema(&self) -> String;
}

impl Table {
    pub(crate) fn key(&self, name: &str) -> Option<&'static Key> {
        self.keys.iter().find(|key| key.name == name)
    }
}

pub const fn may(name: &'static str, shape: Shape, means: &'static str) -> Key {
    Key { name, need: Need::May, shape, means }
}

pub const fn must(name: &'static str, shape: Shape, means: &'static str) -> Key {
    Key { name, need: Need::Must, shape, means }
}

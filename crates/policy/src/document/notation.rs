//! One kind of document: its keys, and what it is called.

use crate::document::table::Table;

/// What the reader must know of a kind of document.
#[derive(Debug)]
pub struct Notation {
    /// For messages: `one file holds one {what}`.
    pub what: &'static str,
    /// The shortest such document.
    pub shortest: &'static str,
    /// The mapping that such a document is.
    pub root: &'static Table,
    /// All tables; where several have a key, the first ones are suggested.
    pub tables: &'static [&'static Table],
    /// Keys that are known from elsewhere and mean nothing here.
    pub refused: &'static [Refused],
    /// Whether its documents may hold secrets: what is dropped unread is then not shown.
    pub holds_secrets: bool,
    pub about: About,
}

/// A key that does not exist, but will be tried.
#[derive(Debug)]
pub struct Refused {
    pub key: &'static str,
    pub message: &'static str,
    pub help: &'static str,
}

/// The head of its schema.
#[derive(Clone, Copy, Debug)]
pub struct About {
    pub id: &'static str,
    pub title: &'static str,
    pub description: &'static str,
}

impl Notation {
    /// How to write the shortest one.
    pub(crate) fn shortest(&self) -> String {
        format!("the shortest {} is `{}`", self.what, self.shortest)
    }
}

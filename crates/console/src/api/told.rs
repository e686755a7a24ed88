//! What a program is told of a row: the API's document says it, and what comes in is held to it.

/// Beside a row of the table.
#[derive(Debug)]
pub(crate) struct Told {
    pub(super) summary: &'static str,
    pub(super) query: &'static [Field],
    pub(super) body: Option<&'static Shape>,
    /// How it is when it is done, and what is in the answer then.
    pub(super) done: (u16, Option<&'static Shape>),
    /// What it refuses with, beyond what every row of its kind does.
    pub(super) refused: &'static [u16],
}

/// An object, by its members.
#[derive(Debug)]
pub(crate) struct Shape {
    /// In the document, where no two have the same.
    pub(super) name: &'static str,
    pub(super) fields: &'static [Field],
}

#[derive(Debug)]
pub(crate) struct Field {
    pub(super) name: &'static str,
    pub(super) of: Of,
    pub(super) about: &'static str,
    pub(super) is_needed: bool,
}

/// What a member may be.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Of {
    /// Any JSON.
    Any,
    Flag,
    List(&'static Self),
    /// `2026-11-21T08:00:00Z`
    Moment,
    /// Whole, and not below zero.
    Number,
    Word(&'static [&'static str]),
    Shape(&'static Shape),
    Text,
}

/// A body that need not be there, and says nothing.
pub(super) const NOTHING: Shape = Shape::of("Nothing", &[]);

impl Told {
    /// A row that answers 200 with this.
    pub(crate) const fn of(summary: &'static str, shape: &'static Shape) -> Self {
        Self { summary, query: &[], body: None, done: (200, Some(shape)), refused: &[] }
    }

    pub(crate) const fn query(self, query: &'static [Field]) -> Self {
        Self { query, ..self }
    }

    pub(crate) const fn body(self, shape: &'static Shape) -> Self {
        Self { body: Some(shape), ..self }
    }

    /// It answers with this status in place of 200.
    pub(crate) const fn done(self, status: u16) -> Self {
        Self { done: (status, self.done.1), ..self }
    }

    pub(crate) const fn refused(self, refused: &'static [u16]) -> Self {
        Self { refused, ..self }
    }

    /// Whether no request is whole without a body.
    pub(super) fn needs_body(&self) -> bool {
        self.body.is_some_and(|shape| shape.fields.iter().any(|field| field.is_needed))
    }
}

impl Shape {
    pub(crate) const fn of(name: &'static str, fields: &'static [Field]) -> Self {
        Self { name, fields }
    }
}

impl Field {
    pub(crate) const fn needed(name: &'static str, of: Of, about: &'static str) -> Self {
        Self { name, of, about, is_needed: true }
    }

    /// It may be absent.
    pub(crate) const fn maybe(name: &'static str, of: Of, about: &'static str) -> Self {
        Self { name, of, about, is_needed: false }
    }
}

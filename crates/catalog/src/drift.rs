//! How a server has changed between two looks at it.

use std::collections::HashMap;

use toolgate_json::Value;

use crate::{DiffLine, Fingerprint, diff, narrows};

/// One tool as it was found.
#[derive(Debug, Clone, Copy)]
pub struct Sight<'a> {
    pub name: &'a str,
    pub fingerprint: Fingerprint,
    /// Nothing where it was too long to keep.
    pub definition: Option<Value<'a>>,
    /// What was thought of it then: `Execute, High`.
    pub verdict: &'a str,
}

/// Names in the order of the lists they are of.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Drift {
    pub added: Vec<String>,
    pub removed: Vec<String>,
    pub changed: Vec<Changed>,
    /// The same definition, another verdict: toolgate has learned since.
    pub rejudged: Vec<Rejudged>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Changed {
    pub name: String,
    /// Nothing where a definition was too long to keep.
    pub lines: Option<Vec<DiffLine>>,
    /// Whether it asks for less and says nothing new.
    pub narrows: bool,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Rejudged {
    pub name: String,
    pub was: String,
    pub is: String,
}

/// A name that is listed twice counts as what it is listed as last.
pub fn drift(old: &[Sight<'_>], new: &[Sight<'_>]) -> Drift {
    let before: HashMap<&str, &Sight<'_>> = old.iter().map(|one| (one.name, one)).collect();
    let now: HashMap<&str, &Sight<'_>> = new.iter().map(|one| (one.name, one)).collect();
    let mut drift = Drift::default();
    for one in new {
        let Some(was) = before.get(one.name) else {
            drift.added.push(one.name.to_owned());
            continue;
        };
        if was.fingerprint != one.fingerprint {
            drift.changed.push(changed(was, one));
        } else if was.verdict != one.verdict {
            let (was, is) = (was.verdict.to_owned(), one.verdict.to_owned());
            drift.rejudged.push(Rejudged { name: one.name.to_owned(), was, is });
        }
    }
    let gone = old.iter().filter(|one| !now.contains_key(one.name));
    drift.removed = gone.map(|one| one.name.to_owned()).collect();
    drift
}

fn changed(was: &Sight<'_>, is: &Sight<'_>) -> Changed {
    let both = was.definition.zip(is.definition);
    Changed {
        name: is.name.to_owned(),
        lines: both.map(|(was, is)| diff(was, is)),
        narrows: both.is_some_and(|(was, is)| narrows(was, is)),
    }
}

impl Drift {
    pub fn is_empty(&self) -> bool {
        self.added.is_empty()
            && self.removed.is_empty()
            && self.changed.is_empty()
            && self.rejudged.is_empty()
    }

    /// In a line: `1 new (pay), 2 changed (ask, tell)`.
    pub fn text(&self) -> String {
        let changed: Vec<String> = self.changed.iter().map(|one| one.name.clone()).collect();
        let rejudged: Vec<String> = self
            .rejudged
            .iter()
            .map(|one| format!("{}: {}, was {}", one.name, one.is, one.was))
            .collect();
        let parts = [
            named("new", &self.added),
            named("gone", &self.removed),
            named("changed", &changed),
            named("judged anew", &rejudged),
        ];
        let parts: Vec<String> = parts.into_iter().flatten().collect();
        if parts.is_empty() { "nothing new".to_owned() } else { parts.join(", ") }
    }
}

fn named(what: &str, names: &[String]) -> Option<String> {
    const NAMED_MAX: usize = 6;
    let more = if names.len() > NAMED_MAX { ", …" } else { "" };
    let told = names.iter().take(NAMED_MAX).cloned().collect::<Vec<_>>().join(", ");
    (!names.is_empty()).then(|| format!("{} {what} ({told}{more})", names.len()))
}

#[cfg(test)]
mod tests {
    use bytes::Bytes;
    use toolgate_json::{Document, Reading};

    use super::*;
    use crate::fingerprint;

    fn document(text: &str) -> Document {
        Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Plain).unwrap()
    }

    fn sight<'a>(document: &'a Document, name: &'a str, verdict: &'a str) -> Sight<'a> {
        let root = document.root();
        Sight { name, fingerprint: fingerprint(root), definition: Some(root), verdict }
    }

    #[test]
    fn what_came_went_and_changed_is_told_apart() {
        let (a, b) =
            (document(r#"{"description":"Reads."}"#), document(r#"{"description":"Runs."}"#));
        let old =
            [sight(&a, "stays", "Read"), sight(&a, "goes", "Read"), sight(&a, "turns", "Read")];
        let new = [
            sight(&b, "turns", "Execute"),
            sight(&a, "stays", "Write"),
            sight(&a, "comes", "Read"),
        ];
        let drift = drift(&old, &new);
        assert_eq!(
            (drift.added.as_slice(), drift.removed.as_slice()),
            (&["comes".to_owned()][..], &["goes".to_owned()][..])
        );
        assert_eq!(drift.changed.len(), 1);
        assert_eq!(drift.changed[0].lines.as_ref().unwrap().len(), 2);
        assert_eq!(drift.rejudged[0].is, "Write");
        let text = "1 new (comes), 1 gone (goes), 1 changed (turns), 1 judged anew (stays: Write, was Read)";
        assert_eq!(drift.text(), text);
    }

    #[test]
    fn the_same_in_another_order_is_no_drift() {
        let a = document("{}");
        let (one, two) = (sight(&a, "one", "Read"), sight(&a, "two", "Read"));
        assert!(drift(&[one, two], &[two, one]).is_empty());
    }
}

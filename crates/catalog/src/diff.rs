//! What differs between two definitions of a tool, line by line, for people.

use similar::{Change, ChangeTag};
use toolgate_json::{Kind, Value};

use crate::lines::changes;
use crate::visible::visible;

/// One line that is there no more, or is new.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DiffLine {
    pub is_new: bool,
    /// `inputSchema.properties.to.type: "string"`, with all hidden characters shown and every
    /// backslash of the text doubled.
    pub text: String,
}

/// Only what counts: neither the order of keys nor white space between them.
pub fn diff(old: Value<'_>, new: Value<'_>) -> Vec<DiffLine> {
    let (old, new) = (lines(old), lines(new));
    let (before, after): (Vec<&str>, Vec<&str>) =
        (old.iter().map(String::as_str).collect(), new.iter().map(String::as_str).collect());
    let line = |change: Change<&str>| DiffLine {
        is_new: change.tag() == ChangeTag::Insert,
        text: visible(change.value()),
    };
    let changes = changes(&before, &after);
    let changes = changes.iter().flat_map(|op| op.iter_changes(&before[..], &after[..]));
    changes.filter(|change| change.tag() != ChangeTag::Equal).map(line).collect()
}

/// Every leaf with its path. Keys are in order; a text of several lines has a line for each.
fn lines(value: Value<'_>) -> Vec<String> {
    let mut out = Vec::new();
    walk(value, &mut String::new(), &mut out);
    out
}

fn walk(value: Value<'_>, path: &mut String, out: &mut Vec<String>) {
    let length = path.len();
    match value.kind() {
        Kind::Array if value.items().next().is_some() => {
            for (i, item) in value.items().enumerate() {
                path.extend(["[", &i.to_string(), "]"]);
                walk(item, path, out);
                path.truncate(length);
            }
        }
        Kind::Object if value.entries().next().is_some() => {
            let entries =
                value.entries().map(|(key, value)| (key.as_str().unwrap_or_default(), value));
            let mut entries: Vec<_> = entries.collect();
            entries.sort_by(|a, b| a.0.cmp(&b.0));
            for (key, value) in entries {
                if length > 0 {
                    path.push('.');
                }
                path.push_str(&escaped(&key));
                walk(value, path, out);
                path.truncate(length);
            }
        }
        Kind::String => {
            let text = value.as_str().unwrap_or_default();
            let parts: Vec<_> = text.split('\n').collect();
            match parts[..] {
                [one] => out.push(format!("{path}: \"{}\"", escaped(one))),
                _ => out.extend(parts.iter().map(|part| format!("{path} | {}", escaped(part)))),
            }
        }
        Kind::Array | Kind::False | Kind::Null | Kind::Number | Kind::Object | Kind::True => {
            out.push(format!("{path}: {}", String::from_utf8_lossy(value.raw())));
        }
    }
}

/// So that text which looks like a shown character is none.
fn escaped(text: &str) -> String {
    text.replace('\\', "\\\\")
}

//! A piece of a document, before it is YAML or JSON.

use std::fmt::Write as _;

/// What a policy is made of.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Node {
    Flag(bool),
    List(Vec<Node>),
    Map(Vec<(String, Node)>),
    Number(u32),
    Text(String),
}

impl Node {
    pub(super) fn map<const N: usize>(entries: [(&str, Node); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, node)| (key.to_owned(), node)).collect())
    }

    /// Another entry of a map.
    pub(super) fn push(&mut self, key: &str, node: Node) {
        if let Self::Map(entries) = self {
            entries.push((key.to_owned(), node));
        }
    }

    pub(super) fn text(text: &str) -> Self {
        Self::Text(text.to_owned())
    }

    /// On one line. JSON is YAML's flow notation with all texts quoted.
    pub(super) fn line(&self, plain: bool) -> String {
        match self {
            Self::Flag(flag) => flag.to_string(),
            Self::List(items) => {
                let items: Vec<String> = items.iter().map(|item| item.line(plain)).collect();
                format!("[{}]", items.join(", "))
            }
            Self::Map(entries) => {
                let entry = |(key, node): &(String, Node)| {
                    format!("{}: {}", text(key, plain), node.line(plain))
                };
                let entries: Vec<String> = entries.iter().map(entry).collect();
                format!("{{{}}}", entries.join(", "))
            }
            Self::Number(number) => number.to_string(),
            Self::Text(words) => text(words, plain),
        }
    }
}

/// A text, quoted unless `plain` is wanted and nothing in it could be read as something else.
pub(super) fn text(words: &str, plain: bool) -> String {
    if plain && is_plain(words) { words.to_owned() } else { quoted(words) }
}

/// A name that is a string in YAML 1.1 and 1.2 without quotes, and in the eyes of a person.
fn is_plain(words: &str) -> bool {
    const OTHERS: [&str; 9] = ["false", "n", "no", "null", "off", "on", "true", "y", "yes"];
    let letters = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    words.starts_with(|c: char| c.is_ascii_alphabetic())
        && words.chars().all(letters)
        && !OTHERS.iter().any(|other| words.eq_ignore_ascii_case(other))
}

/// A string of JSON, which is one of YAML too. What is no plain ASCII is escaped, so that no
/// reader takes it for a line break, and no person for another letter.
fn quoted(words: &str) -> String {
    let mut out = String::with_capacity(words.len() + 2);
    out.push('"');
    for c in words.chars() {
        match c {
            '"' | '\\' => out.extend(['\\', c]),
            ' '..='~' => out.push(c),
            _ if crate::is_hidden(c) || !c.is_alphanumeric() => {
                for unit in c.encode_utf16(&mut [0; 2]) {
                    let _ = write!(out, "\\u{unit:04x}");
                }
            }
            _ => out.push(c),
        }
    }
    out.push('"');
    out
}

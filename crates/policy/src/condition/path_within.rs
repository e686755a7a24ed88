//! `path_within`: does a path stay below one of some folders, as far as its text can tell?
//!
//! The text is all there is: links on the server's side cannot be seen. Whatever two programs
//! could resolve differently is unknown, in both directions: neither inside nor outside.

use std::fmt;

use toolgate_json::{Kind, Value};

use super::Match;
use crate::fold::{composed, folded};

/// Folders, absolute or relative to where the server runs.
#[derive(Debug)]
pub(super) struct Roots(pub(super) Vec<Root>);

#[derive(Debug)]
pub(super) struct Root {
    text: String,
    pub(super) absolute: bool,
    pub(super) parts: Vec<Part>,
}

#[derive(Debug)]
pub(super) struct Part {
    pub(super) text: String,
    folded: String,
}

/// Some program gives it a meaning beyond its own: `%2e`, `..\`, `C:`, `$HOME`, `` `cmd` ``.
fn is_magic(c: char) -> bool {
    matches!(c, '%' | '\\' | ':' | '$' | '`') || c.is_control()
}

/// A pattern may stand for a name that it does not spell; so may a short name of Windows.
fn is_wild(c: char) -> bool {
    matches!(c, '*' | '?' | '[' | ']' | '{' | '}' | '~')
}

impl Roots {
    pub(super) fn read(value: Value<'_>) -> Result<Self, String> {
        const NEEDED: &str =
            "the value must be a folder or a list of them, as in `[\"/srv/data\"]`";
        let roots = match value.kind() {
            Kind::Array => {
                value.items().map(|item| Root::read(&item.as_str().ok_or(NEEDED)?)).collect()
            }
            Kind::String => Root::read(&value.as_str().ok_or(NEEDED)?).map(|root| vec![root]),
            _ => return Err(NEEDED.to_owned()),
        };
        let roots: Vec<Root> = roots?;
        if roots.is_empty() { Err(NEEDED.to_owned()) } else { Ok(Self(roots)) }
    }

    pub(super) fn judge(&self, path: &str) -> Match {
        if !is_plain(path) {
            return Match::Unknown;
        }
        let judged = self.judge_spelled(path);
        // A fullwidth `／` or a `‥` is a plain character to one file system and not to another.
        if path.is_ascii() || judged == Match::Unknown {
            return judged;
        }
        let composed = composed(path);
        let same =
            composed == path || is_plain(&composed) && self.judge_spelled(&composed) == judged;
        if same { judged } else { Match::Unknown }
    }

    fn judge_spelled(&self, path: &str) -> Match {
        Match::any(self.0.iter().map(|root| root.judge(path)))
    }
}

impl Root {
    fn read(text: &str) -> Result<Self, String> {
        if !is_plain(text) || text.contains(is_wild) {
            return Err(format!(
                "`{text}` is no plain folder: write it as `/srv/data` or `docs`, without `..`, \
                 `~`, `\\`, patterns or variables"
            ));
        }
        let parts = parts(text)
            .map(|part| Part { text: part.to_owned(), folded: folded(part).into_owned() })
            .collect();
        Ok(Self { text: text.to_owned(), absolute: text.starts_with('/'), parts })
    }

    fn judge(&self, path: &str) -> Match {
        if path.starts_with('/') != self.absolute {
            // It depends on where the server runs.
            return Match::Unknown;
        }
        let mut inner = parts(path);
        let mut alike = true;
        for root in &self.parts {
            let Some(part) = inner.next() else { return outside(path) };
            if part == root.text {
                continue;
            }
            alike = false;
            if folded(part) != root.folded {
                return outside(path);
            }
        }
        // Only a file system that ignores case takes the one for the other.
        if alike { Match::Yes } else { Match::Unknown }
    }
}

fn outside(path: &str) -> Match {
    if path.contains(is_wild) { Match::Unknown } else { Match::No }
}

/// The names that lead to the file; `//` and `/./` lead nowhere else.
fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty() && *part != ".")
}

/// Whether every program reads the same names out of the text.
fn is_plain(path: &str) -> bool {
    !path.is_empty()
        && path.trim() == path
        && !path.starts_with('~')
        // A host's name to some (RFC 3986, Windows); implementation-defined in POSIX.
        && !path.starts_with("//")
        && !path.contains(is_magic)
        // `..` climbs out of where a link leads, not out of where it stands; Windows drops dots
        // and spaces at the end of a name.
        && path.split('/').all(|part| part == "." || !part.ends_with(['.', ' ']))
        && !leads_anywhere(path)
}

/// `/proc/self/root` and `/dev/fd/3` are links to anywhere.
fn leads_anywhere(path: &str) -> bool {
    let mut names = parts(path).map(folded);
    let first = names.next();
    path.starts_with('/')
        && match first.as_deref() {
            Some("proc") => true,
            Some("dev") => names.next().as_deref() == Some("fd"),
            _ => false,
        }
}

impl fmt::Display for Roots {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, root) in self.0.iter().enumerate() {
            let separator = if i > 0 { ", " } else { "" };
            write!(f, "{separator}{}", root.text)?;
        }
        Ok(())
    }
}

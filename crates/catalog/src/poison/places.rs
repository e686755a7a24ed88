//! Every text of a definition that a model reads, and where it stands.

use toolgate_json::{Kind, Value};

use crate::visible;

/// Deeper is not looked; the reader refuses deeper documents anyway.
const DEPTH_MAX: usize = 64;
/// A longer name is cut.
const NAME_CHARS: usize = 64;

/// The way to a value: a list from the innermost step outwards.
pub(super) struct Place<'a> {
    outer: Option<&'a Place<'a>>,
    step: Step<'a>,
}

enum Step<'a> {
    Item(usize),
    Member(&'a str),
    Root,
}

impl Place<'_> {
    /// `inputSchema.properties.path.description`.
    pub(super) fn path(&self) -> String {
        let outer = self.outer.map(Place::path).unwrap_or_default();
        match self.step {
            Step::Item(at) => format!("{outer}[{at}]"),
            Step::Member(name) if outer.is_empty() => shown(name),
            Step::Member(name) => format!("{outer}.{}", shown(name)),
            Step::Root => outer,
        }
    }
}

/// A key is foreign text too.
fn shown(name: &str) -> String {
    visible(&name.chars().take(NAME_CHARS).collect::<String>())
}

/// Every string, keys included, of one definition.
pub(super) fn texts(definition: Value<'_>, mut each: impl FnMut(&str, &Place<'_>)) {
    walk(definition, &Place { outer: None, step: Step::Root }, 0, &mut each);
}

fn walk(
    value: Value<'_>,
    place: &Place<'_>,
    depth: usize,
    each: &mut impl FnMut(&str, &Place<'_>),
) {
    if depth > DEPTH_MAX {
        return;
    }
    match value.kind() {
        Kind::Array => {
            for (at, item) in value.items().enumerate() {
                walk(item, &Place { outer: Some(place), step: Step::Item(at) }, depth + 1, each);
            }
        }
        Kind::Object => {
            for (key, member) in value.entries() {
                let Some(key) = key.as_str() else { continue };
                let here = Place { outer: Some(place), step: Step::Member(&key) };
                each(&key, &here);
                walk(member, &here, depth + 1, each);
            }
        }
        Kind::String => {
            if let Some(text) = value.as_str() {
                each(&text, place);
            }
        }
        _ => {}
    }
}

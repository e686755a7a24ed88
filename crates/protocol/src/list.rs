//! Results of lists: reading them, and taking items out of them.

use std::borrow::Cow;
use std::ops::Range;

use bytes::Bytes;
use toolgate_json::{Decimal, Document, Kind, Value};

use crate::cut::cut;
use crate::key;
use crate::splice::splice;

/// How long a client may keep a list that a policy filters, in milliseconds.
pub const TTL_MS_MAX: u32 = 60_000;

/// What is listed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    Prompts,
    Resources,
    ResourceTemplates,
    Tools,
}

impl List {
    /// The list that a request asks for.
    pub fn of(method: &str) -> Option<Self> {
        match method {
            "prompts/list" => Some(Self::Prompts),
            "resources/list" => Some(Self::Resources),
            "resources/templates/list" => Some(Self::ResourceTemplates),
            "tools/list" => Some(Self::Tools),
            _ => None,
        }
    }

    /// Where its items stand in a result.
    fn key(self) -> &'static str {
        match self {
            Self::Prompts => "prompts",
            Self::Resources => "resources",
            Self::ResourceTemplates => "resourceTemplates",
            Self::Tools => "tools",
        }
    }

    /// What tells an item from others.
    fn name(self) -> &'static str {
        match self {
            Self::Prompts | Self::Tools => "name",
            Self::Resources => "uri",
            Self::ResourceTemplates => "uriTemplate",
        }
    }
}

/// The tools of a `tools/list` answer by name.
pub fn tools(document: &Document) -> impl Iterator<Item = (Cow<'_, str>, Value<'_>)> {
    arrays(document, List::Tools)
        .flat_map(Value::items)
        .filter_map(|tool| Some((tool.get("name")?.as_str()?, tool)))
}

/// Where the next page begins.
pub fn next_cursor(document: &Document) -> Option<Cow<'_, str>> {
    document.root().get("result")?.get("nextCursor")?.as_str()
}

/// The answer with those items only whose name or URI `keep` accepts, everything else as it was;
/// nothing if nothing changes.
///
/// A modern list that depends on the caller is `private` and not kept for long, on every page:
/// MCP 2026-07-28, caching. Items without a name are taken out.
pub fn keep(document: &Document, list: List, keep: impl Fn(&str) -> bool) -> Option<Bytes> {
    keep_items(document, list, |name, _| keep(name))
}

/// The same by name and all that is said of the item.
pub fn keep_items(
    document: &Document,
    list: List,
    keep: impl Fn(&str, Value<'_>) -> bool,
) -> Option<Bytes> {
    let mut edits: Vec<(Range<usize>, &[u8])> = Vec::new();
    for array in arrays(document, list) {
        if array.kind() != Kind::Array {
            edits.push((array.span(), b"[]"));
        }
        let members: Vec<_> =
            array.items().map(|item| (item.span(), is_kept(item, list, &keep))).collect();
        edits.extend(cut(&members).into_iter().map(|range| (range, &b""[..])));
    }
    edits.extend(document.root().get("result").into_iter().flat_map(cache_edits));
    if edits.is_empty() {
        return None;
    }
    edits.sort_by_key(|(range, _)| range.start);
    Some(splice(document.bytes(), &edits))
}

/// A server that writes `tools` twice, or `Tools`, means to be read in two ways: all are filtered.
fn arrays(document: &Document, list: List) -> impl Iterator<Item = Value<'_>> {
    let result = document.root().get("result");
    let members = result.into_iter().flat_map(Value::entries);
    members.filter(move |(key, _)| folds_to(*key, list.key())).map(|(_, value)| value)
}

fn is_kept(item: Value<'_>, list: List, keep: impl Fn(&str, Value<'_>) -> bool) -> bool {
    let mut names = item.entries().filter(|(key, _)| folds_to(*key, list.name())).peekable();
    let kept = |(key, name): (Value<'_>, Value<'_>)| {
        key.is(list.name()) && name.as_str().is_some_and(|name| keep(&name, item))
    };
    names.peek().is_some() && names.all(kept)
}

fn folds_to(key: Value<'_>, known: &str) -> bool {
    key.as_str().is_some_and(|key| key::folds_to(&key, known))
}

fn cache_edits(result: Value<'_>) -> Vec<(Range<usize>, &'static [u8])> {
    let mut edits: Vec<(Range<usize>, &'static [u8])> = Vec::new();
    let mut modern = false;
    let mut scoped = false;
    for (key, value) in result.entries() {
        if key.is("cacheScope") {
            scoped = true;
            if !value.is("private") {
                edits.push((value.span(), br#""private""#));
            }
        } else if key.is("ttlMs") {
            modern = true;
            if !is_short(value) {
                edits.push((value.span(), b"60000"));
            }
        }
        modern |= key.is("resultType");
    }
    if modern && !scoped {
        let start = result.span().start + 1;
        edits.push((start..start, br#""cacheScope":"private","#));
    }
    edits
}

fn is_short(ttl: Value<'_>) -> bool {
    let limit = Decimal::parse(&TTL_MS_MAX.to_string());
    ttl.kind() == Kind::Number && ttl.as_number().and_then(Decimal::parse) <= limit
}

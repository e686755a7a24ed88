//! Entries of lists: cut out of each server's pages, put together in one.

use bytes::Bytes;
use toolgate_json::{Decimal, Document, Kind, Value};

use super::kind::ListKind;
use super::name::join;
use crate::key;
use crate::list::TTL_MS_MAX;

/// One entry of a server's list, as the gathered list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// Its name, with the server's in front, or its URI.
    pub name: String,
    pub text: Bytes,
}

/// The entries of one page. What has no name, or two, is left out: nobody could call it.
pub fn entries(kind: ListKind, server: &str, page: &Document) -> Vec<Entry> {
    let listed = page.root().get("result").and_then(|result| result.get(kind.member()));
    let items = listed.into_iter().flat_map(Value::items);
    items.filter_map(|item| entry(kind, server, item)).collect()
}

fn entry(kind: ListKind, server: &str, item: Value<'_>) -> Option<Entry> {
    let names = |(name, _): &(Value<'_>, Value<'_>)| {
        name.as_str().is_some_and(|name| key::folds_to(&name, kind.key()))
    };
    let mut found = item.entries().filter(names);
    let (written, value) = found.next()?;
    if found.next().is_some() || !written.is(kind.key()) {
        return None;
    }
    let own = value.as_str().filter(|own| !own.is_empty())?;
    if !kind.is_renamed() {
        return Some(Entry { name: own.into_owned(), text: Bytes::copy_from_slice(item.raw()) });
    }
    let name = join(server, &own);
    let text = renamed(item, value, &name);
    Some(Entry { name, text })
}

fn renamed(item: Value<'_>, value: Value<'_>, name: &str) -> Bytes {
    let (item_span, span) = (item.span(), value.span());
    let mut text = item.raw()[..span.start - item_span.start].to_vec();
    toolgate_json::quote(name, &mut text);
    text.extend_from_slice(&item.raw()[span.end - item_span.start..]);
    Bytes::from(text)
}

/// How long a page may be kept; nothing if it does not say so.
pub fn ttl_ms(page: &Document) -> Option<u32> {
    let ttl = page.root().get("result")?.get("ttlMs")?;
    let whole =
        (ttl.kind() == Kind::Number).then(|| ttl.as_number().and_then(Decimal::parse))??;
    let limit = Decimal::parse(&TTL_MS_MAX.to_string())?;
    if whole >= limit {
        return Some(TTL_MS_MAX);
    }
    u32::try_from(whole.scaled(0)?).ok()
}

/// A result that lists `entries`, on one page. To a modern client it says that nobody else may
/// have it and how long it holds (MCP 2026-07-28, caching).
pub fn list<'a>(
    kind: ListKind,
    entries: impl Iterator<Item = &'a Entry>,
    modern_ttl_ms: Option<u32>,
) -> Vec<u8> {
    let mut out = b"{".to_vec();
    if let Some(ttl) = modern_ttl_ms {
        let cache = format!(
            r#""resultType":"complete","ttlMs":{},"cacheScope":"private","#,
            ttl.min(TTL_MS_MAX)
        );
        out.extend_from_slice(cache.as_bytes());
    }
    out.extend_from_slice(format!(r#""{}":["#, kind.member()).as_bytes());
    for (i, entry) in entries.enumerate() {
        if i > 0 {
            out.push(b',');
        }
        out.extend_from_slice(&entry.text);
    }
    out.extend_from_slice(b"]}");
    out
}

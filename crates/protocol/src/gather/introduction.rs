//! What several servers say of themselves, as one says it.

use toolgate_json::{Document, Value, quote};

use crate::list::TTL_MS_MAX;
use crate::version::Version;

/// One server's answer to `initialize` or `server/discover`.
#[derive(Clone, Copy, Debug)]
pub struct Introduction<'a> {
    pub server: &'a str,
    pub answer: &'a Document,
}

/// What can be gathered. Whatever else a server can do, it can do at its own address.
const GATHERED: &[&str] =
    &["completions", "extensions", "logging", "prompts", "resources", "tasks", "tools"];

/// Deeper than any capability that is known.
const DEPTH_MAX: usize = 8;

/// The capabilities of all of them together: what any of them can do.
pub fn capabilities(introductions: &[Introduction<'_>]) -> Vec<u8> {
    let all: Vec<_> = introductions.iter().filter_map(Introduction::capabilities).collect();
    let mut out = b"{".to_vec();
    for name in GATHERED {
        let found: Vec<_> = all.iter().filter_map(|one| one.get(name)).collect();
        if !found.is_empty() {
            member(name, out.len() > 1, &mut out);
            union(&found, 0, &mut out);
        }
    }
    out.push(b'}');
    out
}

/// Whether a server says that it can do this.
pub fn has(answer: &Document, capability: &str) -> bool {
    let result = answer.root().get("result");
    result.and_then(|result| result.get("capabilities")?.get(capability)).is_some()
}

/// The result of `initialize` for all of them.
pub fn initialized(version: &str, software: &str, introductions: &[Introduction<'_>]) -> Vec<u8> {
    let mut out = br#"{"protocolVersion":"#.to_vec();
    quote(version, &mut out);
    common(introductions, &mut out);
    out.extend_from_slice(br#","serverInfo":"#);
    server_info(software, &mut out);
    out.push(b'}');
    out
}

/// The result of `server/discover` for all of them (MCP 2026-07-28).
pub fn discovery(
    versions: &[Version],
    software: &str,
    introductions: &[Introduction<'_>],
    ttl_ms: u32,
) -> Vec<u8> {
    let mut out = br#"{"resultType":"complete","supportedVersions":["#.to_vec();
    let names: Vec<_> = versions.iter().map(|version| format!(r#""{version}""#)).collect();
    out.extend_from_slice(names.join(",").as_bytes());
    out.push(b']');
    common(introductions, &mut out);
    let ttl_ms = ttl_ms.min(TTL_MS_MAX);
    let cache = format!(r#","ttlMs":{ttl_ms},"cacheScope":"private","_meta":"#);
    out.extend_from_slice(cache.as_bytes());
    out.extend_from_slice(br#"{"io.modelcontextprotocol/serverInfo":"#);
    server_info(software, &mut out);
    out.extend_from_slice(b"}}");
    out
}

/// The versions that all of them say they speak, those only that we know.
pub fn versions(introductions: &[Introduction<'_>]) -> Vec<Version> {
    let speaks = |one: &Introduction<'_>, version: Version| {
        let listed = one.answer.root().get("result").and_then(|r| r.get("supportedVersions"));
        listed.is_some_and(|listed| listed.items().any(|text| text.is(version.as_str())))
    };
    let known = Version::ALL.into_iter();
    known.filter(|version| introductions.iter().all(|one| speaks(one, *version))).collect()
}

impl<'a> Introduction<'a> {
    fn capabilities(&self) -> Option<Value<'a>> {
        self.answer.root().get("result")?.get("capabilities")
    }

    fn instructions(&self) -> Option<String> {
        let text = self.answer.root().get("result")?.get("instructions")?.as_str()?;
        (!text.trim().is_empty()).then(|| format!("{}: {text}", self.server))
    }
}

fn common(introductions: &[Introduction<'_>], out: &mut Vec<u8>) {
    out.extend_from_slice(br#","capabilities":"#);
    out.extend_from_slice(&capabilities(introductions));
    let told: Vec<_> = introductions.iter().filter_map(Introduction::instructions).collect();
    if !told.is_empty() {
        out.extend_from_slice(br#","instructions":"#);
        quote(&told.join("\n\n"), out);
    }
}

fn server_info(software: &str, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"name":"toolgate","version":"#);
    quote(software, out);
    out.push(b'}');
}

/// Objects together; of anything else what is true, or else the first.
fn union(values: &[Value<'_>], depth: usize, out: &mut Vec<u8>) {
    let Some(first) = values.first() else { return };
    let objects: Vec<_> = values.iter().filter(|v| v.raw().starts_with(b"{")).collect();
    if objects.is_empty() || depth == DEPTH_MAX {
        let yes = values.iter().find(|value| value.as_bool() == Some(true));
        out.extend_from_slice(yes.unwrap_or(first).raw());
        return;
    }
    let mut names: Vec<String> = Vec::new();
    for (key, _) in objects.iter().flat_map(|object| object.entries()) {
        let Some(name) = key.as_str() else { continue };
        if !names.iter().any(|known| *known == *name) {
            names.push(name.into_owned());
        }
    }
    out.push(b'{');
    for (i, name) in names.iter().enumerate() {
        member(name, i > 0, out);
        let found: Vec<_> = objects.iter().filter_map(|object| object.get(name)).collect();
        union(&found, depth + 1, out);
    }
    out.push(b'}');
}

fn member(name: &str, comma: bool, out: &mut Vec<u8>) {
    if comma {
        out.push(b',');
    }
    quote(name, out);
    out.push(b':');
}

//! `MCP-Protocol-Version`, `Mcp-Method` and `Mcp-Name`.

use toolgate_json::Value;

use super::{METHOD, Mismatch, NAME, PROTOCOL_VERSION, Problem, once, value};
use crate::message::{Era, Message, MessageKind};
use crate::version::Version;

/// Compares the standard headers with the body. A modern request must have them; what any other
/// message has of them must be true all the same.
pub fn check<'h>(
    message: &Message,
    headers: impl IntoIterator<Item = (&'h str, &'h [u8])>,
) -> Result<(), Mismatch> {
    let found = Found::read(headers)?;
    let modern = message.era() == Era::Modern;
    let asked = modern && message.kind() == MessageKind::Request;
    if modern || found.claims_modern() {
        let version = message.protocol_version();
        compare(PROTOCOL_VERSION, found.version, version.as_deref(), modern)?;
    }
    compare(METHOD, found.method, message.method().as_deref(), asked)?;
    match Source::of(message) {
        Some(source) => name(&found, &source, asked),
        None => Ok(()),
    }
}

/// The headers that a modern request must have, from its body. Names are in lower case.
pub fn of(message: &Message) -> Vec<(&'static str, String)> {
    let mut headers = Vec::with_capacity(3);
    if let Some(version) = message.protocol_version() {
        headers.push((PROTOCOL_VERSION, value::encode(&version)));
    }
    if let Some(method) = message.method() {
        headers.push((METHOD, value::encode(&method)));
    }
    let source = Source::of(message).and_then(|source| source.value);
    if let Some(name) = source.and_then(Value::as_str) {
        headers.push((NAME, value::encode(&name)));
    }
    headers
}

/// What the client sent.
#[derive(Default)]
struct Found<'h> {
    version: Option<&'h [u8]>,
    method: Option<&'h [u8]>,
    name: Option<&'h [u8]>,
}

impl<'h> Found<'h> {
    fn read(headers: impl IntoIterator<Item = (&'h str, &'h [u8])>) -> Result<Self, Mismatch> {
        let mut found = Self::default();
        for (name, value) in headers {
            let slot = match name {
                _ if name.eq_ignore_ascii_case(PROTOCOL_VERSION) => &mut found.version,
                _ if name.eq_ignore_ascii_case(METHOD) => &mut found.method,
                _ if name.eq_ignore_ascii_case(NAME) => &mut found.name,
                _ => continue,
            };
            once(slot, name, value)?;
        }
        Ok(found)
    }

    /// The header names a revision in which the body must name it as well.
    fn claims_modern(&self) -> bool {
        let version = self.version.and_then(|version| std::str::from_utf8(version).ok());
        version.and_then(Version::parse).is_some_and(|version| version.era() == Era::Modern)
    }
}

/// Where `Mcp-Name` comes from.
struct Source<'a> {
    value: Option<Value<'a>>,
    /// Only the tasks extension demands it, and servers without that must not miss it.
    optional: bool,
}

impl<'a> Source<'a> {
    fn of(message: &'a Message) -> Option<Self> {
        let method = message.method()?;
        let (key, optional) = match method.as_ref() {
            "prompts/get" | "tools/call" => ("name", false),
            "resources/read" => ("uri", false),
            "tasks/cancel" | "tasks/get" | "tasks/update" => ("taskId", true),
            _ => return None,
        };
        Some(Self { value: message.params().and_then(|params| params.get(key)), optional })
    }
}

fn name(found: &Found<'_>, source: &Source<'_>, asked: bool) -> Result<(), Mismatch> {
    let wrong = |problem| Err(Mismatch::new(NAME, problem));
    let Some(header) = found.name else {
        return if asked && !source.optional { wrong(Problem::Missing) } else { Ok(()) };
    };
    let Some(header) = value::decode(header) else { return wrong(Problem::Malformed) };
    let body = source.value.and_then(Value::as_str);
    let same = body.is_some_and(|body| body.as_bytes() == header.as_ref());
    if same { Ok(()) } else { wrong(Problem::Different) }
}

fn compare(
    header: &str,
    found: Option<&[u8]>,
    body: Option<&str>,
    required: bool,
) -> Result<(), Mismatch> {
    match found {
        Some(found) if body.is_some_and(|body| body.as_bytes() == found) => Ok(()),
        Some(_) => Err(Mismatch::new(header, Problem::Different)),
        None if required => Err(Mismatch::new(header, Problem::Missing)),
        None => Ok(()),
    }
}

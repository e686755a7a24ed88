//! From a JSON tree to the parts of a message, or to what is wrong with it.

use toolgate_json::{Kind, Value};

use crate::id::{self, Id};
use crate::key;
use crate::message::{Era, MessageKind, Parts, Side, ToolParts};
use crate::refusal::Fault;

/// The members of JSON-RPC 2.0.
#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<Value<'a>>,
    id: Option<Value<'a>>,
    method: Option<Value<'a>>,
    params: Option<Value<'a>>,
    result: Option<Value<'a>>,
    error: Option<Value<'a>>,
}

pub(crate) fn parts(root: Value<'_>, from: Side) -> Result<Parts, Fault> {
    let envelope = Envelope::read(root, from)?;
    if !envelope.jsonrpc.is_some_and(|version| version.is("2.0")) {
        return Err(Fault::request("`jsonrpc` must be \"2.0\""));
    }
    match envelope.method {
        Some(method) => asking(&envelope, method, from),
        None => response(&envelope, from),
    }
}

impl<'a> Envelope<'a> {
    fn read(root: Value<'a>, from: Side) -> Result<Self, Fault> {
        match root.kind() {
            Kind::Object => {}
            Kind::Array => return Err(Fault::request("a batch is not taken here")),
            _ => return Err(Fault::request("a message must be an object")),
        }
        let mut envelope = Self::default();
        for (name, value) in root.entries() {
            let Some(known) = key::ENVELOPE.iter().find(|known| name.is(known)) else {
                unknown(name, from)?;
                continue;
            };
            if envelope.slot(known).replace(value).is_some() {
                return Err(Fault::request("a key stands twice in the message"));
            }
        }
        Ok(envelope)
    }

    fn slot(&mut self, known: &str) -> &mut Option<Value<'a>> {
        match known {
            "jsonrpc" => &mut self.jsonrpc,
            "id" => &mut self.id,
            "method" => &mut self.method,
            "params" => &mut self.params,
            "result" => &mut self.result,
            _ => &mut self.error,
        }
    }
}

/// Servers may add keys to the envelope, but none that a lenient client takes for a known one.
fn unknown(name: Value<'_>, from: Side) -> Result<(), Fault> {
    let name = name.as_str().unwrap_or_default();
    refuse_twin(&name, key::ENVELOPE)?;
    match from {
        Side::Client => Err(Fault::request("unknown key in the message")),
        Side::Server => Ok(()),
    }
}

fn refuse_twin(name: &str, known: &[&str]) -> Result<(), Fault> {
    if name.chars().any(char::is_control) {
        return Err(Fault::request("a key holds a control character"));
    }
    match known.iter().find(|known| key::folds_to(name, known)) {
        Some(known) => Err(Fault::request(format!("a key is `{known}` but for its spelling"))),
        None => Ok(()),
    }
}

/// A request or a notification.
fn asking(envelope: &Envelope<'_>, method: Value<'_>, from: Side) -> Result<Parts, Fault> {
    if envelope.result.is_some() || envelope.error.is_some() {
        return Err(Fault::request("a message has either `method`, `result` or `error`"));
    }
    if method.kind() != Kind::String || method.is("") {
        return Err(Fault::request("`method` must be a string"));
    }
    if envelope.id.is_some_and(|id| !id::is_valid(id)) {
        return Err(Fault::request("`id` must be a string or a whole number"));
    }
    let kind = if envelope.id.is_some() { MessageKind::Request } else { MessageKind::Notification };
    let meta = params(envelope.params, method, from)?;
    let tool = match from {
        Side::Client if method.is("tools/call") => Some(tool(envelope, kind)?),
        Side::Client | Side::Server => None,
    };
    let version = meta.and_then(|meta| meta.get(key::PROTOCOL_VERSION)?.as_str());
    Ok(Parts {
        kind,
        era: if version.is_some() { Era::Modern } else { Era::Legacy },
        id: envelope.id.map(Value::id),
        method: Some(method.id()),
        params: envelope.params.map(Value::id),
        meta: meta.map(Value::id),
        result: None,
        error: None,
        tool,
    })
}

fn response(envelope: &Envelope<'_>, from: Side) -> Result<Parts, Fault> {
    if envelope.result.is_some() == envelope.error.is_some() {
        return Err(Fault::request("a message has either `method`, `result` or `error`"));
    }
    if envelope.params.is_some() {
        return Err(Fault::request("a response has no `params`"));
    }
    if envelope.error.is_some_and(|error| error.kind() != Kind::Object) {
        return Err(Fault::request("`error` must be an object"));
    }
    let id = response_id(envelope, from)?;
    let meta = match envelope.result {
        Some(result) if from == Side::Client => client_meta(result)?,
        Some(result) => result.get("_meta").filter(|meta| meta.kind() == Kind::Object),
        None => None,
    };
    Ok(Parts {
        kind: MessageKind::Response,
        era: Era::Legacy,
        id: id.map(Value::id),
        method: None,
        params: None,
        meta: meta.map(Value::id),
        result: envelope.result.map(Value::id),
        error: envelope.error.map(Value::id),
        tool: None,
    })
}

/// A server that could not read a request answers with an error without id.
fn response_id<'a>(envelope: &Envelope<'a>, from: Side) -> Result<Option<Value<'a>>, Fault> {
    match (from, envelope.id) {
        (Side::Client, Some(id)) if id::is_valid(id) => Ok(Some(id)),
        (Side::Server, Some(id)) if Id::read(id).is_some() => Ok(Some(id)),
        (Side::Server, id) if envelope.error.is_some() && id.is_none_or(Value::is_null) => Ok(None),
        _ => Err(Fault::request("`id` must be a string or a whole number")),
    }
}

/// Checks `params` and gives its `_meta`.
fn params<'a>(
    params: Option<Value<'a>>,
    method: Value<'_>,
    from: Side,
) -> Result<Option<Value<'a>>, Fault> {
    let Some(params) = params else { return Ok(None) };
    if params.kind() != Kind::Object {
        return Err(Fault::params("`params` must be an object"));
    }
    if from == Side::Server {
        return Ok(params.get("_meta").filter(|meta| meta.kind() == Kind::Object));
    }
    for (name, _) in params.entries() {
        refuse_doubt(name, key::PARAMS)?;
    }
    if method.is("notifications/cancelled") {
        token(params.get("requestId"), "`requestId` must be a string or a whole number")?;
    }
    client_meta(params)
}

/// The `_meta` of a client's params or result.
fn client_meta(holder: Value<'_>) -> Result<Option<Value<'_>>, Fault> {
    let Some(meta) = holder.get("_meta") else { return Ok(None) };
    if meta.kind() != Kind::Object {
        return Err(Fault::params("`_meta` must be an object"));
    }
    for (name, _) in meta.entries() {
        refuse_doubt(name, key::META)?;
        if key::folds_to_prefix(&name.as_str().unwrap_or_default(), key::RESERVED_PREFIX) {
            return Err(Fault::request("keys of the gateway must not stand in `_meta`"));
        }
    }
    if meta.get(key::PROTOCOL_VERSION).is_some_and(|version| !is_version(version)) {
        return Err(Fault::params("the protocol version in `_meta` must be a plain string"));
    }
    token(meta.get("progressToken"), "`progressToken` must be a string or a whole number")?;
    Ok(Some(meta))
}

/// A version stands in a header as it is: unlike a name it has no encoded form there.
fn is_version(version: Value<'_>) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'.' | b'_');
    version.as_str().is_some_and(|text| text.bytes().all(plain))
}

fn refuse_doubt(name: Value<'_>, known: &[&str]) -> Result<(), Fault> {
    if known.iter().any(|known| name.is(known)) {
        return Ok(());
    }
    refuse_twin(&name.as_str().unwrap_or_default(), known)
}

fn token(token: Option<Value<'_>>, text: &'static str) -> Result<(), Fault> {
    if token.is_none_or(id::is_valid) { Ok(()) } else { Err(Fault::params(text)) }
}

fn tool(envelope: &Envelope<'_>, kind: MessageKind) -> Result<ToolParts, Fault> {
    if kind != MessageKind::Request {
        return Err(Fault::request("`tools/call` must have an `id`"));
    }
    let name = envelope.params.and_then(|params| params.get("name"));
    let Some(text) = name.and_then(Value::as_str) else {
        return Err(Fault::params("`name` must be a string"));
    };
    if text.is_empty() || text.chars().any(char::is_control) {
        return Err(Fault::params("`name` must not be empty or hold control characters"));
    }
    let arguments = envelope.params.and_then(|params| params.get("arguments"));
    if arguments.is_some_and(|arguments| arguments.kind() != Kind::Object) {
        return Err(Fault::params("`arguments` must be an object"));
    }
    let Some(name) = name else { return Err(Fault::params("`name` must be a string")) };
    Ok(ToolParts { name: name.id(), arguments: arguments.map(Value::id) })
}

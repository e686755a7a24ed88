//! The demo shop: a small MCP server over stdio, both eras, harmless and in memory.

mod stock;

use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::path::Path;

use bytes::Bytes;
use toolgate_json::{Document, Kind, Reading, Value};

use crate::json::Object;
use stock::Stock;

const TOOLS: &str = include_str!("shop/tools.json");
const LEGACY: [&str; 4] = ["2024-11-05", "2025-03-26", "2025-06-18", "2025-11-25"];
const MODERN: &str = "2026-07-28";
const MODERN_KEY: &str = "io.modelcontextprotocol/protocolVersion";

const PARSE_ERROR: i32 = -32700;
const INVALID_REQUEST: i32 = -32600;
const METHOD_NOT_FOUND: i32 = -32601;
const INVALID_PARAMS: i32 = -32602;
const UNSUPPORTED_VERSION: i32 = -32022;

/// Serves until `input` ends. Every tool call that arrives is written to `ledger` as it came,
/// which is how the demo proves what did and did not get through.
pub(crate) fn serve(
    input: impl io::Read,
    mut output: impl Write,
    ledger: Option<&Path>,
) -> io::Result<()> {
    let mut ledger = ledger.map(File::create).transpose()?;
    let mut shop = Shop { stock: Stock::new() };
    for line in BufReader::new(input).split(b'\n') {
        let line = line?;
        if line.trim_ascii().is_empty() {
            continue;
        }
        let (call, answer) = shop.answer(Bytes::from(line.clone()));
        if call && let Some(ledger) = &mut ledger {
            ledger.write_all(&[line.as_slice(), b"\n"].concat())?;
        }
        if let Some(answer) = answer {
            output.write_all(answer.as_bytes())?;
            output.write_all(b"\n")?;
            output.flush()?;
        }
    }
    Ok(())
}

struct Shop {
    stock: Stock,
}

/// A JSON-RPC error.
struct Refusal {
    code: i32,
    message: String,
    data: Option<String>,
}

impl Refusal {
    fn new(code: i32, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), data: None }
    }
}

impl Shop {
    /// The answer to one line, if it wants one, and whether it was a tool call.
    fn answer(&mut self, line: Bytes) -> (bool, Option<String>) {
        let Ok(message) = Document::parse(line, Reading::Plain) else {
            let refusal = Refusal::new(PARSE_ERROR, "not JSON");
            return (false, Some(error(b"null", refusal)));
        };
        let root = message.root();
        let method = root.get("method").and_then(Value::as_str);
        let Some(id) = root.get("id") else { return (false, None) };
        let Some(method) = method else {
            let answer = (!is_response(root))
                .then(|| error(id.raw(), Refusal::new(INVALID_REQUEST, "no method")));
            return (false, answer);
        };
        let answer = match self.result(&method, root.get("params")) {
            Ok(result) => reply(id.raw(), &result),
            Err(refusal) => error(id.raw(), refusal),
        };
        (method == "tools/call", Some(answer))
    }

    fn result(&mut self, method: &str, params: Option<Value<'_>>) -> Result<String, Refusal> {
        let version = modern_version(params);
        if let Some(version) = version.as_deref().filter(|version| *version != MODERN) {
            return Err(unsupported(version));
        }
        let modern = version.is_some();
        match method {
            "initialize" if !modern => Ok(initialize(params)),
            "ping" if !modern => Ok("{}".to_owned()),
            "server/discover" if modern => Ok(discover()),
            "tools/list" => Ok(list(modern)),
            "tools/call" => self.call(params, modern),
            _ => Err(Refusal::new(METHOD_NOT_FOUND, format!("unknown method `{method}`"))),
        }
    }

    fn call(&mut self, params: Option<Value<'_>>, modern: bool) -> Result<String, Refusal> {
        let name = params.and_then(|params| params.get("name")).and_then(Value::as_str);
        let name = name.ok_or_else(|| Refusal::new(INVALID_PARAMS, "no tool name"))?;
        let arguments = params.and_then(|params| params.get("arguments"));
        let outcome = self
            .stock
            .call(&name, arguments)
            .ok_or_else(|| Refusal::new(INVALID_PARAMS, format!("Unknown tool: {name}")))?;
        let (text, failed) = match outcome {
            Ok(text) => (text, false),
            Err(text) => (text, true),
        };
        let block = Object::new().text("type", "text").text("text", &text).finish();
        let result = Object::new().raw("content", format!("[{block}]")).plain("isError", failed);
        Ok(stamped(result, modern).finish())
    }
}

/// The revision that a request of the stateless era names for itself.
fn modern_version(params: Option<Value<'_>>) -> Option<String> {
    let version = params?.get("_meta")?.get(MODERN_KEY)?;
    Some(version.as_str()?.into_owned())
}

fn is_response(root: Value<'_>) -> bool {
    root.get("result").is_some() || root.get("error").is_some()
}

fn initialize(params: Option<Value<'_>>) -> String {
    let asked = params.and_then(|params| params.get("protocolVersion")).and_then(Value::as_str);
    let known = LEGACY.into_iter().find(|version| asked.as_deref() == Some(version));
    Object::new()
        .text("protocolVersion", known.unwrap_or("2025-11-25"))
        .raw("capabilities", r#"{"tools":{}}"#)
        .raw("serverInfo", server_info())
        .text("instructions", INSTRUCTIONS)
        .finish()
}

fn discover() -> String {
    let result = Object::new()
        .raw("supportedVersions", format!("[\"{MODERN}\"]"))
        .raw("capabilities", r#"{"tools":{}}"#)
        .text("instructions", INSTRUCTIONS);
    stamped(cacheable(result), true).finish()
}

fn list(modern: bool) -> String {
    let result = Object::new().raw("tools", one_line(TOOLS));
    if modern { stamped(cacheable(result), true).finish() } else { result.finish() }
}

const INSTRUCTIONS: &str = "A demo shop. Nothing here is real and nothing is kept.";

fn cacheable(result: Object) -> Object {
    result.plain("ttlMs", 0).text("cacheScope", "private")
}

/// What every result of the stateless era carries.
fn stamped(result: Object, modern: bool) -> Object {
    if !modern {
        return result;
    }
    let meta = Object::new().raw("io.modelcontextprotocol/serverInfo", server_info()).finish();
    result.text("resultType", "complete").raw("_meta", meta)
}

fn server_info() -> String {
    let version = env!("CARGO_PKG_VERSION");
    Object::new().text("name", "toolgate-demo-shop").text("version", version).finish()
}

fn unsupported(version: &str) -> Refusal {
    let data = Object::new()
        .raw("supported", format!("[\"{MODERN}\"]"))
        .text("requested", version)
        .finish();
    let message = "Unsupported protocol version".to_owned();
    Refusal { code: UNSUPPORTED_VERSION, message, data: Some(data) }
}

fn reply(id: &[u8], result: &str) -> String {
    Object::new().text("jsonrpc", "2.0").raw("id", id).raw("result", result).finish()
}

fn error(id: &[u8], refusal: Refusal) -> String {
    let error = Object::new().plain("code", refusal.code).text("message", &refusal.message);
    let error = match refusal.data {
        Some(data) => error.raw("data", data),
        None => error,
    };
    Object::new().text("jsonrpc", "2.0").raw("id", id).raw("error", error.finish()).finish()
}

/// The embedded definitions without the white space they are kept with: a line is a message.
fn one_line(json: &'static str) -> Vec<u8> {
    let mut out = Vec::new();
    match Document::parse(Bytes::from_static(json.as_bytes()), Reading::Strict) {
        Ok(document) => compact(document.root(), &mut out),
        Err(_) => out.extend_from_slice(b"[]"),
    }
    out
}

fn compact(value: Value<'_>, out: &mut Vec<u8>) {
    match value.kind() {
        Kind::Object => {
            out.push(b'{');
            for (i, (key, value)) in value.entries().enumerate() {
                out.extend_from_slice(if i > 0 { b"," } else { b"" });
                out.extend_from_slice(key.raw());
                out.push(b':');
                compact(value, out);
            }
            out.push(b'}');
        }
        Kind::Array => {
            out.push(b'[');
            for (i, item) in value.items().enumerate() {
                out.extend_from_slice(if i > 0 { b"," } else { b"" });
                compact(item, out);
            }
            out.push(b']');
        }
        Kind::False | Kind::Null | Kind::Number | Kind::String | Kind::True => {
            out.extend_from_slice(value.raw());
        }
    }
}

#[cfg(test)]
mod tests;

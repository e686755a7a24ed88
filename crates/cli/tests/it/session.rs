//! A client that says everything at once, to a gate in front of the demo shop.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use crate::toolgate::{BINARY, Ran, Toolgate};

pub(crate) const POLICY: &str = include_str!("../../../../policies/demo.yaml");

/// Plays these calls through `toolgate run` with its state in `state`.
pub(crate) fn play(calls: &[(&str, &str)]) -> Toolgate {
    let toolgate = Toolgate::new().file("p.yaml", POLICY);
    play_on(toolgate, calls)
}

pub(crate) fn play_on(toolgate: Toolgate, calls: &[(&str, &str)]) -> Toolgate {
    let (toolgate, ran) = answers_on(toolgate, calls);
    ran.exits(0);
    toolgate
}

pub(crate) fn answers_on(toolgate: Toolgate, calls: &[(&str, &str)]) -> (Toolgate, Ran) {
    let run = ["run", "--policy", "p.yaml", "--state", "state", "--server", "shop", "--"];
    let toolgate = toolgate.args(&[&run[..], &[BINARY, "demo-shop"]].concat()).stdin(lines(calls));
    let ran = toolgate.run();
    (toolgate, ran)
}

/// The handshake, then the calls with ids from 1.
fn lines(calls: &[(&str, &str)]) -> String {
    let mut lines = format!("{INITIALIZE}\n{INITIALIZED}\n");
    for (id, (tool, arguments)) in (1..).zip(calls) {
        lines += &call(id, tool, arguments);
    }
    lines
}

pub(crate) fn call(id: u32, tool: &str, arguments: &str) -> String {
    let params = format!(r#"{{"name":"{tool}","arguments":{arguments}}}"#);
    format!(r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{params}}}"#) + "\n"
}

pub(crate) fn parse(text: &str) -> Document {
    Document::parse(Bytes::copy_from_slice(text.as_bytes()), Reading::Strict).unwrap()
}

const INITIALIZE: &str = concat!(
    r#"{"jsonrpc":"2.0","id":0,"method":"initialize","params":{"protocolVersion":"2025-11-25","#,
    r#""capabilities":{},"clientInfo":{"name":"test","version":"0"}}}"#
);
const INITIALIZED: &str = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;

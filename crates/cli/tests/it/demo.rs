//! `toolgate demo`: the whole thing, from a client to a server and back.

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::Stdio;

use rustix::process::{Pid, Signal, kill_process};

use crate::toolgate::Toolgate;

#[test]
fn the_demo_goes_as_its_policy_has_it() {
    let ran = Toolgate::new().line("demo --once").run();
    ran.exits(0);
    for part in [
        "default: deny",
        "allowed",
        "denied: default_deny",
        "ambiguous_argument",
        "limited",
        "hidden",
        "refused",
        "14 calls, 4 reached the shop: all as the policy has it.",
        "The audit log is intact: ",
    ] {
        ran.says(part);
    }
    assert!(!ran.stdout.contains("NOT EXPECTED"));
}

/// A client of one's own connects, and its call appears.
#[test]
fn the_live_demo_shows_what_a_client_does() {
    let toolgate = Toolgate::new().line("demo");
    let place = toolgate.path("temporary");
    fs::create_dir(&place).unwrap();
    let toolgate = toolgate.env("TMPDIR", &place);
    let mut demo = toolgate.command();
    let mut demo = demo.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    let mut told = BufReader::new(demo.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut after = |words: &str| {
        let line = told.find(|line| line.contains(words)).unwrap();
        let (_, rest) = line.split_once(words).unwrap();
        rest.split_whitespace().next().unwrap().to_owned()
    };
    let address = after("listening on http://").replace("/mcp", "");
    let answer = ask(&address, &after("token: "));
    assert!(answer.contains("[POLICY DENIED]"), "{answer}");
    let mut shown = BufReader::new(demo.stdout.take().unwrap()).lines().map(Result::unwrap);
    let line = shown.find(|line| line.contains("demo-shop/run_command")).unwrap();
    assert!(line.contains("deny") && line.contains("default_deny"), "{line}");
    let pid = Pid::from_raw(demo.id().cast_signed()).unwrap();
    kill_process(pid, Signal::TERM).unwrap();
    assert_eq!(demo.wait().unwrap().code(), Some(143));
    assert_eq!(fs::read_dir(&place).unwrap().count(), 0, "nothing is kept");
}

/// One call of a client without a session.
fn ask(address: &str, token: &str) -> String {
    let meta = concat!(
        r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
        r#""io.modelcontextprotocol/clientCapabilities":{}}"#
    );
    let params = format!(r#"{{"name":"run_command","arguments":{{}},"_meta":{meta}}}"#);
    let body = format!(r#"{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{params}}}"#);
    let head = [
        "POST /mcp HTTP/1.1",
        &format!("Host: {address}"),
        &format!("Authorization: Bearer {token}"),
        "Content-Type: application/json",
        "Accept: application/json, text/event-stream",
        "MCP-Protocol-Version: 2026-07-28",
        "Mcp-Method: tools/call",
        "Mcp-Name: run_command",
        "Connection: close",
        &format!("Content-Length: {}", body.len()),
    ];
    let mut stream = TcpStream::connect(address).unwrap();
    stream.write_all(format!("{}\r\n\r\n{body}", head.join("\r\n")).as_bytes()).unwrap();
    let mut answer = String::new();
    stream.read_to_string(&mut answer).unwrap();
    answer
}

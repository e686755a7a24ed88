//! The case files under `testdata/messages`: a message, and what becomes of it.
//!
//! A line `<` is what a client sends, `>` what a server sends, `=` what becomes of it; `{{0d}}`
//! stands for a byte in hex. `UPDATE=1 cargo test -p toolgate-protocol` writes down what the code
//! now says: read the difference.

use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::{env, fs};

use bytes::Bytes;
use toolgate_protocol::{Era, Id, Message, MessageKind, Refusal, Side, method};

#[test]
fn every_case_reads_as_written() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("testdata/messages");
    let mut files: Vec<PathBuf> =
        fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    let cases: usize = files.iter().map(|file| check(file)).sum();
    assert!(files.len() >= 10 && cases >= 200, "{cases} cases in {} files", files.len());
}

fn check(file: &Path) -> usize {
    let text = fs::read_to_string(file).unwrap();
    let mut actual = String::new();
    let mut cases = 0;
    for line in text.lines().filter(|line| !line.starts_with("= ")) {
        actual.push_str(line);
        actual.push('\n');
        let (from, message) = match line.split_once(' ') {
            Some(("<", message)) => (Side::Client, message),
            Some((">", message)) => (Side::Server, message),
            _ => continue,
        };
        cases += 1;
        writeln!(actual, "= {}", outcome(unescape(message), from)).unwrap();
    }
    if env::var_os("UPDATE").is_some() {
        fs::write(file, &actual).unwrap();
        return cases;
    }
    assert_eq!(text, actual, "{}", file.display());
    assert!(cases > 0, "no case in {}", file.display());
    cases
}

fn unescape(message: &str) -> Bytes {
    let mut out = Vec::new();
    let mut rest = message;
    while let Some((before, behind)) = rest.split_once("{{") {
        let (hex, behind) = behind.split_once("}}").unwrap();
        out.extend_from_slice(before.as_bytes());
        out.push(u8::from_str_radix(hex, 16).unwrap());
        rest = behind;
    }
    out.extend_from_slice(rest.as_bytes());
    Bytes::from(out)
}

fn outcome(bytes: Bytes, from: Side) -> String {
    match Message::read(bytes, from) {
        Ok(message) => accepted(&message, from),
        Err(refusal) => refused(&refusal),
    }
}

fn refused(refusal: &Refusal) -> String {
    let id = refusal.id.as_deref().map(|id| String::from_utf8(id.to_vec()).unwrap());
    let id = id.map_or_else(|| "without id".to_owned(), |id| format!("to {id}"));
    format!("refused {id}: {refusal}")
}

fn accepted(message: &Message, from: Side) -> String {
    let mut out = match message.kind() {
        MessageKind::Notification => "notification".to_owned(),
        MessageKind::Request => "request".to_owned(),
        MessageKind::Response => "response".to_owned(),
    };
    if let Some(id) = message.id_key() {
        match id {
            Id::Number(number) => write!(out, " {number}").unwrap(),
            Id::Text(text) => write!(out, " {text:?}").unwrap(),
        }
    }
    if let Some(name) = message.method() {
        let treatment = method::treatment(from, message.kind(), &name);
        write!(out, " {name:?} {treatment:?}").unwrap();
    }
    if message.era() == Era::Modern {
        write!(out, " modern {:?}", message.protocol_version().unwrap()).unwrap();
    }
    if let Some(call) = message.tool_call() {
        let arguments = call.arguments.map(|arguments| message.document().at(arguments).raw());
        let arguments = arguments.map(String::from_utf8_lossy);
        write!(out, " tool {:?} {}", call.name, arguments.as_deref().unwrap_or("-")).unwrap();
    }
    let parts = [("result", message.result()), ("error", message.error())];
    for (name, value) in parts {
        if let Some(value) = value {
            write!(out, " {name} {}", String::from_utf8_lossy(value.raw())).unwrap();
        }
    }
    out
}

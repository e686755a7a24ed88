//! Any bytes from either side: read or refused, and what is read keeps its one meaning.
#![no_main]

use bytes::Bytes;
use libfuzzer_sys::fuzz_target;
use toolgate_json::{Document, Reading, canonical};
use toolgate_protocol::{Message, Side, batch, headers, list, meta, one_line};

fuzz_target!(|data: &[u8]| {
    let bytes = Bytes::copy_from_slice(data);
    for side in [Side::Client, Side::Server] {
        match Message::read(bytes.clone(), side) {
            Ok(message) => check(&message, &bytes),
            Err(refusal) => {
                let answer = Message::read(refusal.to_bytes(), Side::Server).expect("an answer");
                assert_eq!(answer.id().map(|id| id.raw().to_vec()), refusal.id);
            }
        }
    }
    for message in batch(&bytes).ok().flatten().unwrap_or_default() {
        assert!(!message.is_empty());
    }
});

fn check(message: &Message, bytes: &Bytes) {
    assert_eq!(message.bytes(), bytes);
    let line = one_line(message.document());
    assert!(!line.iter().any(|byte| matches!(byte, b'\r' | b'\n')));
    assert_eq!(canon(&line), canon(bytes));

    if message.tool_call().is_some() {
        let written = headers::of(message);
        let pairs = written.iter().map(|(name, value)| (*name, value.as_bytes()));
        headers::check(message, pairs).expect("own headers are true");
    }

    let stripped = meta::strip_reserved(message.document());
    let stripped = stripped.unwrap_or_else(|| bytes.clone());
    assert_eq!(meta::strip_reserved(&parse(&stripped)), None);
    let kept = list::keep_tools(&parse(&stripped), |name| name == "a").unwrap_or(stripped);
    assert!(list::tools(&parse(&kept)).all(|(name, _)| name == "a"));
}

fn parse(bytes: &[u8]) -> Document {
    Document::parse(Bytes::copy_from_slice(bytes), Reading::Plain).expect("JSON stays JSON")
}

fn canon(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    canonical(parse(bytes).root(), &mut out);
    out
}

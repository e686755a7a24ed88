//! The messages of the client, and the check that each answer belongs to its call.

use serde_json::{Value, json};
use xtask::Result;

use crate::Expected;

pub(crate) const VERSION: &str = "2025-11-25";
const ID_DIGITS: usize = 7;
/// All ids have the same length, so that all messages have.
pub(crate) const ID_FIRST: u32 = 1_000_000;
pub(crate) const ID_LAST: u32 = 9_999_999;

pub(crate) fn initialize() -> String {
    json!({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": {
        "protocolVersion": VERSION,
        "capabilities": {},
        "clientInfo": {"name": "bench-load", "version": "1"},
    }})
    .to_string()
}

pub(crate) fn initialized() -> String {
    json!({"jsonrpc": "2.0", "method": "notifications/initialized"}).to_string()
}

pub(crate) fn list() -> String {
    json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}).to_string()
}

/// Whether an answer of the handshake is one.
pub(crate) fn expect_result(answer: &[u8]) -> Result {
    let read: Value = serde_json::from_slice(answer)?;
    if read["result"].is_object() { Ok(()) } else { Err(unexpected(answer)) }
}

/// One message sent again and again, with another id each time.
#[derive(Clone)]
pub(crate) struct Call {
    bytes: Vec<u8>,
    id_at: usize,
}

/// What the policies of the benchmark ask for.
fn arguments(text: &str) -> Value {
    json!({"amount": 12.5, "currency": "usd", "path": "/srv/data/report.txt", "text": text})
}

impl Call {
    /// A call whose arguments have this many bytes, between whatever a transport puts around it.
    pub(crate) fn new(
        arguments_bytes: usize,
        wrap: impl FnOnce(String) -> Vec<u8>,
    ) -> Result<Self> {
        let rest = arguments_bytes.saturating_sub(arguments("").to_string().len());
        let text: String = "A line of plain prose. ".chars().cycle().take(rest).collect();
        let message = json!({"jsonrpc": "2.0", "id": ID_FIRST, "method": "tools/call",
            "params": {"name": "echo", "arguments": arguments(&text)}});
        let bytes = wrap(message.to_string());
        let id_at = only(&bytes, ID_FIRST.to_string().as_bytes())?;
        Ok(Self { bytes, id_at })
    }

    pub(crate) fn with_id(&mut self, id: u32) -> &[u8] {
        let mut rest = id;
        for digit in self.bytes[self.id_at..self.id_at + ID_DIGITS].iter_mut().rev() {
            *digit = b'0' + u8::try_from(rest % 10).unwrap_or_default();
            rest /= 10;
        }
        &self.bytes
    }
}

/// What an answer must look like.
#[derive(Clone)]
pub(crate) enum Answer {
    Denied,
    /// The same bytes each time, but for the id between them.
    Result {
        before: Vec<u8>,
        after: Vec<u8>,
    },
}

impl Answer {
    /// Reads the first answer as a whole and learns from it.
    pub(crate) fn learn(first: &[u8], expected: Expected) -> Result<Self> {
        let answer: Value = serde_json::from_slice(first)?;
        let is_error = answer["result"]["isError"] == Value::Bool(true);
        let id_is_ours = answer["id"] == ID_FIRST;
        let wanted = expected == Expected::Denied;
        if !id_is_ours || !answer["result"].is_object() || is_error != wanted {
            return Err(unexpected(first));
        }
        if wanted {
            let answer = Self::Denied;
            return answer.id(first).map(|_| answer);
        }
        let at = only(first, ID_FIRST.to_string().as_bytes())?;
        let (before, after) = (first[..at].to_vec(), first[at + ID_DIGITS..].to_vec());
        Ok(Self::Result { before, after })
    }

    /// The id of the call that is answered here as it should be.
    pub(crate) fn id(&self, text: &[u8]) -> Result<u32> {
        let digits = match self {
            Self::Denied => denied_id(text),
            Self::Result { before, after } => {
                text.strip_prefix(before.as_slice()).and_then(|t| t.strip_suffix(after.as_slice()))
            }
        };
        let id = digits.and_then(number).filter(|id| (ID_FIRST..=ID_LAST).contains(id));
        id.ok_or_else(|| unexpected(text))
    }
}

/// Denials differ in the id of the decision: these are short, so they are searched.
fn denied_id(text: &[u8]) -> Option<&[u8]> {
    find(text, br#""isError":true"#)?;
    find(text, b"[POLICY DENIED] ")?;
    let at = find(text, br#""id":"#)? + br#""id":"#.len();
    text.get(at..at + ID_DIGITS)
}

fn number(digits: &[u8]) -> Option<u32> {
    std::str::from_utf8(digits).ok()?.parse().ok()
}

fn unexpected(text: &[u8]) -> Box<dyn std::error::Error + Send + Sync> {
    let start = String::from_utf8_lossy(&text[..text.len().min(400)]);
    format!("not the answer that was expected: {start}").into()
}

pub(crate) fn find(text: &[u8], wanted: &[u8]) -> Option<usize> {
    text.windows(wanted.len()).position(|window| window == wanted)
}

/// Where the text stands that must stand there once.
fn only(text: &[u8], wanted: &[u8]) -> Result<usize> {
    let mut places = (0..text.len()).filter(|at| text[*at..].starts_with(wanted));
    match (places.next(), places.next()) {
        (Some(at), None) => Ok(at),
        _ => Err(unexpected(text)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ANSWER: &[u8] = br#"{"jsonrpc":"2.0","id":1000000,"result":{"content":[]}}"#;
    const DENIAL: &[u8] = br#"{"jsonrpc":"2.0","id":1000000,"result":{"isError":true,"content":[
        {"type":"text","text":"[POLICY DENIED] no"}]}}"#;

    fn with(text: &[u8], from: &str, to: &str) -> Vec<u8> {
        String::from_utf8_lossy(text).replace(from, to).into_bytes()
    }

    #[test]
    fn a_call_has_the_length_that_was_asked_for() {
        let mut call = Call::new(300, String::into_bytes).unwrap();
        let message: Value = serde_json::from_slice(call.with_id(1_234_567)).unwrap();
        assert_eq!(message["id"], 1_234_567);
        assert_eq!(message["params"]["arguments"].to_string().len(), 300);
    }

    #[test]
    fn an_answer_is_the_same_but_for_its_id() {
        let answer = Answer::learn(ANSWER, Expected::Result).unwrap();
        assert_eq!(answer.id(&with(ANSWER, "1000000", "1234567")).unwrap(), 1_234_567);
        assert!(answer.id(&with(ANSWER, "content", "contemt")).is_err());
        assert!(answer.id(&with(ANSWER, "1000000", "12345678")).is_err());
    }

    #[test]
    fn a_denial_is_no_result_and_a_result_no_denial() {
        assert!(Answer::learn(ANSWER, Expected::Denied).is_err());
        assert!(Answer::learn(DENIAL, Expected::Result).is_err());
        let answer = Answer::learn(DENIAL, Expected::Denied).unwrap();
        assert_eq!(answer.id(&with(DENIAL, "1000000", "1234567")).unwrap(), 1_234_567);
        assert!(answer.id(ANSWER).is_err());
    }
}

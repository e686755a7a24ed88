//! Why a message was not read, and the answer that says so.

use std::borrow::Cow;
use std::fmt;

use bytes::Bytes;
use toolgate_json::{Document, Error, ErrorKind, Reading, Value};

use crate::{answer, id, key};

/// A message that goes nowhere.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// -32700, -32600 or -32602.
    pub code: i32,
    /// What is wrong with it. Holds nothing of the message itself.
    pub text: Cow<'static, str>,
    /// The id's raw bytes, if the message is a request and has one id that reads one way.
    pub id: Option<Vec<u8>>,
}

/// What is wrong with a message that is JSON.
#[derive(Debug)]
pub(crate) struct Fault {
    code: i32,
    text: Cow<'static, str>,
}

impl Fault {
    pub(crate) fn request(text: impl Into<Cow<'static, str>>) -> Self {
        Self { code: answer::INVALID_REQUEST, text: text.into() }
    }

    pub(crate) fn params(text: impl Into<Cow<'static, str>>) -> Self {
        Self { code: answer::INVALID_PARAMS, text: text.into() }
    }
}

impl Refusal {
    pub(crate) fn new(root: Value<'_>, fault: Fault) -> Self {
        Self { code: fault.code, text: fault.text, id: waiting_id(root) }
    }

    /// Legal JSON that two parsers may read differently is an invalid request; the rest is no
    /// JSON at all.
    pub(crate) fn unreadable(bytes: Bytes, error: &Error) -> Self {
        let code = match error.kind {
            ErrorKind::DuplicateKey
            | ErrorKind::LoneSurrogate
            | ErrorKind::TooDeep
            | ErrorKind::TooLong => answer::INVALID_REQUEST,
            ErrorKind::ControlCharacter
            | ErrorKind::Escape
            | ErrorKind::Number
            | ErrorKind::Trailing
            | ErrorKind::UnexpectedByte
            | ErrorKind::UnexpectedEnd
            | ErrorKind::Utf8 => answer::PARSE_ERROR,
        };
        let legal = Document::parse(bytes, Reading::Plain).ok();
        let id = legal.and_then(|document| waiting_id(document.root()));
        Self { code, text: Cow::Owned(error.to_string()), id }
    }

    /// The JSON-RPC error to answer with. It has no id where none could be read: a client that
    /// waits is never told `null`, which some take for no answer at all.
    pub fn to_bytes(&self) -> Bytes {
        answer::error(self.id.as_deref(), self.code, &self.text, None)
    }
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.code)
    }
}

impl std::error::Error for Refusal {}

/// The id that somebody waits for. A response's id belongs to a request of the other side:
/// answering to it could settle a request of this side that has the same id.
fn waiting_id(root: Value<'_>) -> Option<Vec<u8>> {
    let mut id = None;
    let mut request = false;
    for (name, value) in root.entries() {
        let name = name.as_str()?;
        match key::ENVELOPE.iter().find(|known| key::folds_to(&name, known)) {
            Some(&"id") if id.is_some() => return None,
            Some(&"id") => id = Some(value),
            Some(&"method") => request = true,
            Some(&("error" | "result")) => return None,
            _ => {}
        }
    }
    id.filter(|id| request && id::is_valid(*id)).map(|id| id.raw().to_vec())
}

//! Words that several tests share.

use bytes::Bytes;
use toolgate_json::{Document, Reading};
use toolgate_protocol::{Message, Side};

pub(crate) fn bytes(text: &str) -> Bytes {
    Bytes::copy_from_slice(text.as_bytes())
}

pub(crate) fn document(text: &str) -> Document {
    Document::parse(bytes(text), Reading::Plain).unwrap()
}

pub(crate) fn client(text: &str) -> Message {
    Message::read(bytes(text), Side::Client).unwrap()
}

pub(crate) fn text(bytes: &Bytes) -> &str {
    std::str::from_utf8(bytes).unwrap()
}

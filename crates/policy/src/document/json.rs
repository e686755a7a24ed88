//! JSON to the tree.

use bytes::Bytes;
use toolgate_json::{Document, ErrorKind, Kind, Reading, Value as Json};

use crate::document::findings::{Findings, quoted};
use crate::document::node::{Member, Node, Text, Value, refuse_duplicates};
use crate::document::span::Span;

/// The tree, unless the text is not JSON. Duplicate keys are in the findings, every one.
pub(crate) fn tree(text: &str, findings: &mut Findings) -> Option<Node> {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    let document = match Document::parse(bytes.clone(), Reading::Strict) {
        // Read on, to tell of all of them: they are found again in the tree.
        Err(error) if error.kind == ErrorKind::DuplicateKey => {
            Document::parse(bytes, Reading::Plain)
        }
        other => other,
    };
    match document {
        Ok(document) => Some(node(document.root(), findings)),
        Err(error) => {
            let (message, help) = explain(text, error.at, error.kind);
            findings.error(Span::at(text, error.at), message).maybe_help(help);
            None
        }
    }
}

fn node(json: Json<'_>, findings: &mut Findings) -> Node {
    let value = match json.kind() {
        Kind::Array => Value::List(json.items().map(|item| node(item, findings)).collect()),
        Kind::False => Value::Bool(false),
        Kind::Null => Value::Null,
        Kind::Number => Value::Number(json.as_number().unwrap_or_default().to_owned()),
        Kind::Object => {
            let members: Vec<_> =
                json.entries().map(|(key, value)| member(key, value, findings)).collect();
            refuse_duplicates(&members, findings);
            Value::Map(members)
        }
        Kind::String => Value::Text(Text { text: text(json), plain: false }),
        Kind::True => Value::Bool(true),
    };
    Node { span: span(json), value }
}

fn member(key: Json<'_>, value: Json<'_>, findings: &mut Findings) -> Member {
    Member { key: text(key), key_span: span(key), node: node(value, findings) }
}

fn text(json: Json<'_>) -> String {
    json.as_str().unwrap_or_default().into_owned()
}

fn span(json: Json<'_>) -> Span {
    let span = json.span();
    Span::new(span.start, span.end)
}

fn explain(text: &str, at: usize, kind: ErrorKind) -> (String, Option<&'static str>) {
    let (message, help) = match kind {
        ErrorKind::ControlCharacter => {
            ("a line break or control character in a text", "write it as an escape: `\\n`")
        }
        ErrorKind::DuplicateKey => ("duplicate key", "keep one of the two"),
        ErrorKind::Escape => (
            "unknown escape",
            "JSON knows \\\" \\\\ \\/ \\b \\f \\n \\r \\t and \\u with four digits",
        ),
        ErrorKind::LoneSurrogate => {
            ("half of a surrogate pair", "write the character itself, or both halves")
        }
        ErrorKind::Number => ("not a JSON number", "numbers look like `10`, `0.5`, `1e6`"),
        ErrorKind::TooDeep => ("nested too deeply", "a handful of levels is enough"),
        ErrorKind::TooLong => ("the document is too large", "split it"),
        ErrorKind::Trailing => ("more text behind the document", "one file holds one document"),
        ErrorKind::UnexpectedByte => return unexpected(text, at),
        ErrorKind::UnexpectedEnd => ("unexpected end", "the file may be cut off"),
        ErrorKind::Utf8 => ("not UTF-8", "save the file as UTF-8"),
    };
    (message.to_owned(), Some(help))
}

fn unexpected(text: &str, at: usize) -> (String, Option<&'static str>) {
    let before = text[..at].trim_end();
    let found = text[at..].chars().next().map(String::from).unwrap_or_default();
    let help = match found.as_str() {
        "}" | "]" if before.ends_with(',') => "JSON has no comma before a closing bracket",
        "/" | "#" => "JSON has no comments: a document with comments is written in YAML",
        "'" => "texts stand in double quotes",
        "\"" => "is a comma missing in front of it?",
        _ => {
            "a document that starts with `{` is read as JSON: keys and texts stand in double quotes"
        }
    };
    (format!("not JSON: unexpected {}", quoted(&found)), Some(help))
}

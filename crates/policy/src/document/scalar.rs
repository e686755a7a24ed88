//! YAML 1.2 core schema: what a scalar without quotes is.

use bytes::Bytes;
use toolgate_json::{Document, Reading};

use crate::document::node::{Text, Value};

/// What an unquoted scalar is. Numbers are those that JSON has too: where YAML versions
/// disagree (`0777`, `1_000`, `1:30`), and where JSON has no word for it (`0x1F`, `.inf`), it
/// is a text, and an error wherever a number is due.
pub(crate) fn resolve(text: &str) -> Value {
    match text {
        "" => Value::Empty,
        "~" | "null" | "Null" | "NULL" => Value::Null,
        "true" | "True" | "TRUE" => Value::Bool(true),
        "false" | "False" | "FALSE" => Value::Bool(false),
        _ if is_json_number(text) => Value::Number(text.to_owned()),
        _ => Value::Text(Text { text: text.to_owned(), plain: true }),
    }
}

pub(crate) fn is_json_number(text: &str) -> bool {
    let bytes = Bytes::copy_from_slice(text.as_bytes());
    text.starts_with(|c: char| c == '-' || c.is_ascii_digit())
        && Document::parse(bytes, Reading::Strict)
            .is_ok_and(|document| document.root().as_number() == Some(text))
}

/// What other readers take an unquoted text for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Lookalike {
    Number,
    Truth(bool),
}

/// Whether some YAML reader takes this unquoted text for something else.
pub(crate) fn lookalike(text: &str) -> Option<Lookalike> {
    match text.to_ascii_lowercase().as_str() {
        "y" | "yes" | "on" => Some(Lookalike::Truth(true)),
        "n" | "no" | "off" => Some(Lookalike::Truth(false)),
        ".inf" | "-.inf" | "+.inf" | ".nan" => Some(Lookalike::Number),
        other => is_odd_number(other).then_some(Lookalike::Number),
    }
}

/// A digit in front, and nothing but digits and what numbers are written with: octal, hex,
/// binary, base 60, grouped, signed, with a bare point.
fn is_odd_number(text: &str) -> bool {
    let digits = text.trim_start_matches(['+', '-']);
    let digits = digits.strip_prefix('.').unwrap_or(digits);
    let body = ["0x", "0o", "0b"].iter().find_map(|base| digits.strip_prefix(base));
    if let Some(body) = body {
        return !body.is_empty() && body.chars().all(|c| c.is_ascii_hexdigit() || c == '_');
    }
    let (mantissa, power) = digits.split_once('e').unwrap_or((digits, "0"));
    let power = power.strip_prefix(['+', '-']).unwrap_or(power);
    digits.starts_with(|c: char| c.is_ascii_digit())
        && mantissa.chars().all(|c| matches!(c, '0'..='9' | '_' | ':' | '.'))
        && mantissa.matches('.').count() <= 1
        && !power.is_empty()
        && power.chars().all(|c| c.is_ascii_digit())
}

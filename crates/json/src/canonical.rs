//! One spelling per value, for digests: sorted keys, no white space, exact decimals.

use crate::decimal::Decimal;
use crate::document::{Kind, Value};
use crate::text::quote;

/// Appends the canonical form of `value`: as RFC 8785, but numbers are exact decimals, not
/// doubles, and keys sort by code point. `1E2` and `100` are one value; 2^53 and 2^53+1 are two.
pub fn canonical(value: Value<'_>, out: &mut Vec<u8>) {
    match value.kind() {
        Kind::Object => object(value, out),
        Kind::Array => {
            out.push(b'[');
            for (i, item) in value.items().enumerate() {
                separate(i, out);
                canonical(item, out);
            }
            out.push(b']');
        }
        Kind::String => quote(&value.as_str().unwrap_or_default(), out),
        Kind::Number => match value.as_number().and_then(Decimal::parse) {
            Some(number) => out.extend_from_slice(number.to_string().as_bytes()),
            None => out.extend_from_slice(value.raw()),
        },
        Kind::False | Kind::Null | Kind::True => out.extend_from_slice(value.raw()),
    }
}

fn object(value: Value<'_>, out: &mut Vec<u8>) {
    let mut entries: Vec<_> =
        value.entries().map(|(key, value)| (key.as_str().unwrap_or_default(), value)).collect();
    entries.sort_by(|a, b| a.0.cmp(&b.0));
    out.push(b'{');
    for (i, (key, value)) in entries.into_iter().enumerate() {
        separate(i, out);
        quote(&key, out);
        out.push(b':');
        canonical(value, out);
    }
    out.push(b'}');
}

fn separate(i: usize, out: &mut Vec<u8>) {
    if i > 0 {
        out.push(b',');
    }
}

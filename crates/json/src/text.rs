//! Strings between their quotes: scanning, escapes, quoting.

use std::borrow::Cow;

use crate::read::{ErrorKind, Reading};

/// How many bytes there are before a quote, a backslash, a control character or the end.
pub(crate) fn plain_length(bytes: &[u8]) -> usize {
    let mut at = 0;
    // Eight at a time: a byte below 0x20, a quote or a backslash sets its high bit.
    while let Some(chunk) = bytes.get(at..).and_then(<[u8]>::first_chunk) {
        let word = u64::from_le_bytes(*chunk);
        let hits = below_0x20(word) | equals(word, b'"') | equals(word, b'\\');
        if hits != 0 {
            return at + (hits.trailing_zeros() / 8) as usize;
        }
        at += 8;
        if at == WIDE {
            at += plain_wide(&bytes[at..]);
        }
    }
    let stop = bytes[at..].iter().position(|byte| matches!(byte, 0..0x20 | b'"' | b'\\'));
    stop.map_or(bytes.len(), |stop| at + stop)
}

/// A long text goes by in wide steps, which the compiler makes vectors of.
fn plain_wide(bytes: &[u8]) -> usize {
    let special = |chunk: &[u8; WIDE]| {
        let bits = |b: u8| u8::from(b < 0x20) | u8::from(b == b'"') | u8::from(b == b'\\');
        chunk.iter().fold(0, |any, byte| any | bits(*byte)) != 0
    };
    let (chunks, _) = bytes.as_chunks();
    WIDE * chunks.iter().position(special).unwrap_or(chunks.len())
}

const WIDE: usize = 32;

const LOW: u64 = 0x0101_0101_0101_0101;
const HIGH: u64 = 0x8080_8080_8080_8080;

fn below_0x20(word: u64) -> u64 {
    word.wrapping_sub(LOW * 0x20) & !word & HIGH
}

fn equals(word: u64, byte: u8) -> u64 {
    let word = word ^ (LOW * u64::from(byte));
    word.wrapping_sub(LOW) & !word & HIGH
}

/// The length of the escape that starts `bytes`, a surrogate pair being one.
pub(crate) fn escape_length(bytes: &[u8], reading: Reading) -> Result<usize, ErrorKind> {
    match bytes.get(1) {
        Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => Ok(2),
        Some(b'u') => {
            let unit = code_unit(bytes).ok_or(ErrorKind::Escape)?;
            match (unit, code_unit(&bytes[6..])) {
                (0xD800..=0xDBFF, Some(0xDC00..=0xDFFF)) => Ok(12),
                (0xD800..=0xDFFF, _) if reading == Reading::Strict => Err(ErrorKind::LoneSurrogate),
                _ => Ok(6),
            }
        }
        Some(_) => Err(ErrorKind::Escape),
        None => Err(ErrorKind::UnexpectedEnd),
    }
}

/// The value of the `\uXXXX` that starts `bytes`.
fn code_unit(bytes: &[u8]) -> Option<u16> {
    let digits = bytes.strip_prefix(b"\\u")?.get(..4)?;
    digits.iter().try_fold(0, |unit, digit| {
        Some(unit << 4 | u16::try_from(char::from(*digit).to_digit(16)?).ok()?)
    })
}

/// The value of what stands between the quotes. Lone surrogates read as U+FFFD.
pub(crate) fn unquote(inner: &[u8], escaped: bool) -> Cow<'_, str> {
    if !escaped {
        // What was read is UTF-8; checking again is several times faster than mending.
        return std::str::from_utf8(inner)
            .map_or_else(|_| String::from_utf8_lossy(inner), Cow::Borrowed);
    }
    let mut out = String::with_capacity(inner.len());
    let mut rest = inner;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        out.push_str(&String::from_utf8_lossy(&rest[..at]));
        let length = escape_length(&rest[at..], Reading::Plain).unwrap_or(1);
        out.push(unescape(&rest[at..at + length]));
        rest = &rest[at + length..];
    }
    out.push_str(&String::from_utf8_lossy(rest));
    Cow::Owned(out)
}

fn unescape(escape: &[u8]) -> char {
    match escape[1..] {
        [b'b'] => '\u{8}',
        [b'f'] => '\u{c}',
        [b'n'] => '\n',
        [b'r'] => '\r',
        [b't'] => '\t',
        [byte] => char::from(byte),
        _ => {
            let units = [code_unit(escape), code_unit(&escape[6..])];
            let units = units.into_iter().flatten();
            char::decode_utf16(units).next().and_then(Result::ok).unwrap_or('\u{FFFD}')
        }
    }
}

/// Appends `text` as a JSON string, with no more escapes than JSON demands.
pub fn quote(text: &str, out: &mut Vec<u8>) {
    out.push(b'"');
    let mut rest = text.as_bytes();
    loop {
        let (plain, special) = rest.split_at(plain_length(rest));
        out.extend_from_slice(plain);
        let Some((byte, behind)) = special.split_first() else { break };
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => out.extend_from_slice(format!("\\u{byte:04x}").as_bytes()),
        }
        rest = behind;
    }
    out.push(b'"');
}

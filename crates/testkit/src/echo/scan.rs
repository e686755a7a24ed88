//! One pass over a message for its id and method, without reading anything else of it.

/// Slices of the message; the method without its quotes and as written.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Scanned<'a> {
    pub(super) id: Option<&'a [u8]>,
    pub(super) method: Option<&'a [u8]>,
}

pub(super) fn scan(text: &[u8]) -> Scanned<'_> {
    let mut found = Scanned::default();
    let mut depth = 0_usize;
    let mut at = 0;
    while at < text.len() {
        match text[at] {
            b'{' | b'[' => depth += 1,
            b'}' | b']' => depth = depth.saturating_sub(1),
            b'"' => {
                let end = string_end(text, at);
                if depth == 1 {
                    found.member(text, at, end);
                }
                at = end;
                continue;
            }
            _ => {}
        }
        at += 1;
    }
    found
}

impl<'a> Scanned<'a> {
    /// Takes the value behind a string if the string is one of our keys.
    fn member(&mut self, text: &'a [u8], start: usize, end: usize) {
        let Some(value) = value_after(text, end) else {
            return;
        };
        match &text[start..end] {
            br#""id""# => self.id = Some(scalar(text, value)),
            br#""method""# => {
                let quoted = scalar(text, value);
                self.method = quoted.get(1..quoted.len().saturating_sub(1));
            }
            _ => {}
        }
    }
}

/// The position behind the closing quote.
fn string_end(text: &[u8], open: usize) -> usize {
    let mut at = open + 1;
    while at < text.len() {
        match text[at] {
            b'\\' => at += 2,
            b'"' => return at + 1,
            _ => at += 1,
        }
    }
    text.len()
}

/// Where the value begins if a colon follows, that is, if the string was a key.
fn value_after(text: &[u8], end: usize) -> Option<usize> {
    let rest = text.get(end..)?;
    let colon = rest.iter().position(|byte| !byte.is_ascii_whitespace())?;
    if rest[colon] != b':' {
        return None;
    }
    let value = rest[colon + 1..].iter().position(|byte| !byte.is_ascii_whitespace())?;
    Some(end + colon + 1 + value)
}

/// A string or number as written.
fn scalar(text: &[u8], start: usize) -> &[u8] {
    let end = if text[start] == b'"' {
        string_end(text, start)
    } else {
        let length = text[start..].iter().position(|byte| matches!(byte, b',' | b'}' | b' '));
        length.map_or(text.len(), |length| start + length)
    };
    &text[start..end.min(text.len())]
}

#[cfg(test)]
mod tests {
    use super::{Scanned, scan};

    #[test]
    fn finds_id_and_method_at_the_top_only() {
        let text = br#"{ "jsonrpc":"2.0","params":{"id":7,"method":"x","s":"\"}"},"id" : 12 ,"method":"ping"}"#;
        assert_eq!(scan(text), Scanned { id: Some(b"12"), method: Some(b"ping") });
        let text = br#"{"method":"tools/call","id":"a-1","params":{}}"#;
        assert_eq!(scan(text), Scanned { id: Some(br#""a-1""#), method: Some(b"tools/call") });
        assert_eq!(scan(b"{\"id"), Scanned::default());
    }
}

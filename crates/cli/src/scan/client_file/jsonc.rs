//! JSON with comments and trailing commas, as clients' settings are written.

/// The same text as JSON: comments and trailing commas become spaces, so that every line and
/// column stays where it was.
pub(super) fn plain(text: &str) -> Vec<u8> {
    let text = text.strip_prefix('\u{feff}').unwrap_or(text).as_bytes();
    let mut out = text.to_vec();
    let mut at = 0;
    // Of the comma behind which nothing has come yet.
    let mut comma = None;
    while at < text.len() {
        let end = match (text[at], text.get(at + 1)) {
            (b'"', _) => string_end(text, at),
            (b'/', Some(b'/')) => blank(&mut out, at, line_end(text, at)),
            (b'/', Some(b'*')) => blank(&mut out, at, comment_end(text, at)),
            _ => at + 1,
        };
        match (text[at], comma) {
            (b',', _) => comma = Some(at),
            (b'}' | b']', Some(trailing)) => out[trailing] = b' ',
            _ => {}
        }
        if !(out[at].is_ascii_whitespace() || text[at] == b',') {
            comma = None;
        }
        at = end;
    }
    out
}

fn blank(out: &mut [u8], from: usize, to: usize) -> usize {
    for byte in &mut out[from..to] {
        if !matches!(*byte, b'\n' | b'\r') {
            *byte = b' ';
        }
    }
    to
}

fn string_end(text: &[u8], start: usize) -> usize {
    let mut at = start + 1;
    while at < text.len() && text[at] != b'"' {
        at += if text[at] == b'\\' { 2 } else { 1 };
    }
    (at + 1).min(text.len())
}

fn line_end(text: &[u8], start: usize) -> usize {
    text[start..].iter().position(|byte| *byte == b'\n').map_or(text.len(), |length| start + length)
}

fn comment_end(text: &[u8], start: usize) -> usize {
    let inside = start + 2;
    let length = text[inside..].windows(2).position(|pair| pair == b"*/");
    length.map_or(text.len(), |length| inside + length + 2)
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn comments_and_trailing_commas_become_spaces() {
        for (text, json) in [
            ("{\"a\": 1, // one\n}", "{\"a\": 1        \n}"),
            ("[1, /* , */ 2, /* ]\n*/ ]", "[1,         2      \n   ]"),
            ("{\"//\": \"/* \\\" // */\",}", "{\"//\": \"/* \\\" // */\" }"),
            ("[1,,]", "[1, ]"),
            ("[] // end", "[]       "),
            ("[] /* open", "[]        "),
            ("\"open \\", "\"open \\"),
            ("[\"a\",\"b\"]", "[\"a\",\"b\"]"),
        ] {
            assert_eq!(String::from_utf8(plain(text)).unwrap(), json, "{text}");
        }
    }
}

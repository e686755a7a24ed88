//! `application/x-www-form-urlencoded`, both ways.

/// Everything but unreserved characters becomes `%XX`.
pub(super) fn escape(text: &str) -> String {
    let one = |byte: u8| match byte {
        b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
        _ if byte.is_ascii_alphanumeric() => char::from(byte).to_string(),
        _ => format!("%{byte:02X}"),
    };
    text.bytes().map(one).collect()
}

pub(super) fn encode(pairs: &[(&str, &str)]) -> String {
    let one = |(name, value): &(&str, &str)| format!("{}={}", escape(name), escape(value));
    pairs.iter().map(one).collect::<Vec<_>>().join("&")
}

/// Nothing where an escape or the UTF-8 behind it is broken.
pub(super) fn decode(text: &str) -> Option<Vec<(String, String)>> {
    let pairs = text.split('&').filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((unescape(name)?, unescape(value)?))
        })
        .collect()
}

fn unescape(text: &str) -> Option<String> {
    let mut bytes = text.bytes();
    let mut out = Vec::with_capacity(text.len());
    while let Some(byte) = bytes.next() {
        out.push(match byte {
            b'%' => {
                let mut digit = || char::from(bytes.next()?).to_digit(16);
                u8::try_from(digit()? << 4 | digit()?).ok()?
            }
            b'+' => b' ',
            _ => byte,
        });
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_encoded_is_decoded_to_the_same() {
        let pairs = [("a", ""), ("b c", "1+2=3&4"), ("é", "\u{0}\n%25"), ("", "x/y?z#ü")];
        let text = encode(&pairs);
        assert!(text.bytes().all(|byte| byte.is_ascii_graphic()), "{text}");
        let back = decode(&text).unwrap();
        let back: Vec<_> = back.iter().map(|(a, b)| (a.as_str(), b.as_str())).collect();
        assert_eq!(back, pairs);
        assert_eq!(decode("a+b=%20&&c").unwrap().len(), 2);
        for broken in ["a=%", "a=%1", "a=%zz", "%ff=1"] {
            assert!(decode(broken).is_none(), "{broken}");
        }
    }
}

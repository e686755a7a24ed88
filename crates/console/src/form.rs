//! Posted forms (`application/x-www-form-urlencoded`) and query strings.

/// The fields in order.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Nothing if it is not UTF-8 behind its escapes.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode(key)?, decode(value)?))
        });
        pairs.collect::<Option<_>>().map(Self)
    }

    /// Every value of a field that may be there several times, as ticked boxes are.
    pub(crate) fn all(&self, name: &str) -> Vec<String> {
        let own = self.0.iter().filter(|(key, _)| key == name);
        own.map(|(_, value)| value.clone()).collect()
    }

    /// What was typed, without the spaces around it; nothing if that is nothing.
    pub(crate) fn typed(&self, name: &str) -> Option<&str> {
        self.one(name).map(str::trim).filter(|text| !text.is_empty())
    }

    /// Nothing if it is absent or there twice: two readers could take different ones.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }

    /// Of all fields, in order.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.iter().map(|(key, _)| key.as_str())
    }
}

/// A segment of a path: there, a plus sign is one.
pub(crate) fn decoded_segment(text: &str) -> Option<String> {
    unescaped(text, b'+')
}

/// A name as a segment of a path: what is not plain is escaped.
pub(crate) fn segment(name: &str) -> String {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte);
    name.bytes().fold(String::new(), |path, byte| {
        if plain(byte) {
            path + &char::from(byte).to_string()
        } else {
            path + &format!("%{byte:02X}")
        }
    })
}

fn decode(text: &str) -> Option<String> {
    unescaped(text, b' ')
}

fn unescaped(text: &str, plus: u8) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => plus,
            b'%' => {
                let digit = |byte: u8| char::from(byte).to_digit(16);
                let (high, low) = (digit(rest.next()?)?, digit(rest.next()?)?);
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_comes_back_from_its_segment() {
        for name in ["shop", "a/b c+%", "p\u{430}y", "..", "x\u{202e}"] {
            let segment = segment(name);
            assert!(!segment.contains(['/', ' ', '+']) && segment.is_ascii(), "{segment}");
            assert_eq!(decoded_segment(&segment).as_deref(), Some(name));
        }
    }

    #[test]
    fn fields_are_decoded_and_doubles_are_none() {
        let form = Form::parse("reason=a+b%26c%3D%C3%A9&csrf=1&csrf=2&empty").unwrap();
        assert_eq!(form.one("reason"), Some("a b&c=é"));
        assert_eq!(form.one("csrf"), None);
        assert_eq!(form.one("empty"), Some(""));
        assert_eq!(form.one("other"), None);
        for broken in ["a=%", "a=%2", "a=%zz", "a=%ff"] {
            assert_eq!(Form::parse(broken), None, "{broken}");
        }
    }
}

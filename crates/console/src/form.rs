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

    /// Nothing if it is absent or there twice: two readers could take different ones.
    pub(crate) fn one(&self, name: &str) -> Option<&str> {
        let mut values = self.0.iter().filter(|(key, _)| key == name).map(|(_, value)| value);
        let value = values.next()?;
        values.next().is_none().then_some(value)
    }
}

/// A segment of a path: there, a plus sign is one.
pub(crate) fn decoded_segment(text: &str) -> Option<String> {
    unescaped(text, b'+')
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

//! A signed token as text: three parts, of which two are JSON (RFC 7515, section 7.1).

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use bytes::Bytes;
use toolgate_json::{Document, Reading};

use super::Doubt;

/// Nothing in it is to be believed before its signature is verified.
#[derive(Debug)]
pub(super) struct Jws<'a> {
    pub(super) algorithm: String,
    pub(super) key_id: Option<String>,
    pub(super) claims: Document,
    /// What was signed.
    pub(super) message: &'a [u8],
    pub(super) signature: Vec<u8>,
}

const BYTES_MAX: usize = 16 << 10;

impl<'a> Jws<'a> {
    pub(super) fn read(token: &'a str) -> Result<Self, Doubt> {
        if token.len() > BYTES_MAX {
            return Err(malformed("it is longer than 16 KiB"));
        }
        let (message, signature) = token.rsplit_once('.').ok_or(malformed("it is no JWT"))?;
        let (header, claims) = message.split_once('.').ok_or(malformed("it is no JWT"))?;
        if claims.contains('.') {
            return Err(malformed("it is no signed JWT"));
        }
        let header = json(header)?;
        let header = header.root();
        // RFC 7515, section 4.1.11: what must be understood, and is not.
        if header.get("crit").is_some() {
            return Err(malformed("its header has `crit`"));
        }
        let text = |key| header.get(key).map(|value| value.as_str().map(String::from));
        let typed = match text("typ") {
            None => true,
            Some(name) => name.is_some_and(|name| is_access_token(&name)),
        };
        if !typed {
            return Err(malformed("its `typ` is neither `JWT` nor `at+jwt`"));
        }
        let key_id = match text("kid") {
            Some(None) => return Err(malformed("its `kid` is no text")),
            Some(id) => id,
            None => None,
        };
        Ok(Self {
            algorithm: text("alg").flatten().ok_or(malformed("its header has no `alg`"))?,
            key_id,
            claims: json(claims)?,
            message: message.as_bytes(),
            signature: decode(signature)?,
        })
    }
}

/// RFC 8725, section 3.11: a token that was made for something else is not taken.
fn is_access_token(name: &str) -> bool {
    let short = name.get(..12).filter(|head| head.eq_ignore_ascii_case("application/"));
    let name = short.map_or(name, |head| &name[head.len()..]);
    ["jwt", "at+jwt"].iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// One object, read as strictly as what clients send: twice the same claim is none.
fn json(part: &str) -> Result<Document, Doubt> {
    let bytes = decode(part)?;
    let document = Document::parse(Bytes::from(bytes), Reading::Strict);
    let document = document.map_err(|_| malformed("a part of it is no JSON"))?;
    match document.root().kind() {
        toolgate_json::Kind::Object => Ok(document),
        _ => Err(malformed("a part of it is no JSON object")),
    }
}

fn decode(part: &str) -> Result<Vec<u8>, Doubt> {
    URL_SAFE_NO_PAD.decode(part).map_err(|_| malformed("a part of it is no base64url"))
}

fn malformed(text: &str) -> Doubt {
    Doubt::new("malformed", text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn types_are_of_access_tokens() {
        for name in ["JWT", "jwt", "at+jwt", "application/at+jwt", "Application/AT+JWT"] {
            assert!(is_access_token(name), "{name}");
        }
        for name in ["", "dpop+jwt", "logout+jwt", "application/", "applicationatjwt", "ſ"] {
            assert!(!is_access_token(name), "{name}");
        }
    }
}

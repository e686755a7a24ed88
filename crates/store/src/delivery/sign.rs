//! Signing, and checking what somebody else has signed.

use std::fmt;

use aws_lc_rs::hmac;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use thiserror::Error;

/// A secret that two parties share.
pub struct SigningKey(hmac::Key);

/// A message whose signature was right, a moment ago. Only [`SigningKey::check`] makes one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    pub(crate) id: String,
    /// From when on its timestamp is too old for it to be shown again.
    pub(crate) until_ms: u64,
}

/// Why a message counts for nothing.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum DeliveryError {
    #[error(
        "the headers `webhook-id`, `webhook-timestamp` and `webhook-signature` are needed, once"
    )]
    Headers,
    #[error("no signature is that of the secret over `id.timestamp.body`")]
    Signature,
    #[error("`webhook-timestamp` is more than {} minutes from now", WINDOW_S / 60)]
    Stale,
}

/// A timestamp may be so far from now, either way.
const WINDOW_S: u64 = 5 * 60;
const ID_BYTES_MAX: usize = 128;
/// A sender may sign with an old secret and a new one.
const SIGNATURES_MAX: usize = 4;
const SECRET_BYTES_MIN: usize = 16;
/// What libraries write in front of a secret that is base64.
const BASE64: &str = "whsec_";
const VERSION: &str = "v1,";

impl SigningKey {
    /// From the secret as it is written down: any text, or `whsec_` and base64. Says in one line
    /// why it is none.
    pub fn of(secret: &[u8]) -> Result<Self, String> {
        let secret = secret.trim_ascii();
        let bytes = match secret.strip_prefix(BASE64.as_bytes()) {
            Some(text) => STANDARD
                .decode(text)
                .map_err(|_| format!("what stands behind `{BASE64}` is no base64"))?,
            None => secret.to_vec(),
        };
        if bytes.len() < SECRET_BYTES_MIN {
            return Err(format!(
                "it has fewer than {SECRET_BYTES_MIN} bytes: anybody could guess it"
            ));
        }
        Ok(Self(hmac::Key::new(hmac::HMAC_SHA256, &bytes)))
    }

    /// The value of `webhook-signature`.
    pub fn sign(&self, id: &str, timestamp_s: u64, body: &[u8]) -> String {
        let tag = hmac::sign(&self.0, &signed(id, &timestamp_s.to_string(), body));
        format!("{VERSION}{}", STANDARD.encode(tag))
    }

    /// Takes the headers as they came, in the order id, timestamp, signature.
    pub fn check(
        &self,
        [id, timestamp, signatures]: [&str; 3],
        body: &[u8],
        now_ms: u64,
    ) -> Result<Delivery, DeliveryError> {
        let plain = |b: u8| b.is_ascii_graphic() && b != b'.';
        if id.is_empty() || id.len() > ID_BYTES_MAX || !id.bytes().all(plain) {
            return Err(DeliveryError::Headers);
        }
        let message = signed(id, timestamp, body);
        let right = |signature: &str| {
            let tag = signature.strip_prefix(VERSION).and_then(|text| STANDARD.decode(text).ok());
            tag.is_some_and(|tag| hmac::verify(&self.0, &message, &tag).is_ok())
        };
        // Nothing is said of a time that nobody has vouched for.
        if !signatures.split(' ').take(SIGNATURES_MAX).any(right) {
            return Err(DeliveryError::Signature);
        }
        let digits = timestamp.bytes().all(|b| b.is_ascii_digit());
        let at_s =
            timestamp.parse::<u64>().ok().filter(|_| digits).ok_or(DeliveryError::Headers)?;
        if at_s.abs_diff(now_ms / 1000) > WINDOW_S {
            return Err(DeliveryError::Stale);
        }
        let until_ms = (at_s + WINDOW_S + 1).saturating_mul(1000);
        Ok(Delivery { id: id.to_owned(), until_ms })
    }
}

impl Delivery {
    pub fn id(&self) -> &str {
        &self.id
    }
}

impl fmt::Debug for SigningKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SigningKey(…)")
    }
}

/// An id has no dot, so that no other parts make the same text.
fn signed(id: &str, timestamp: &str, body: &[u8]) -> Vec<u8> {
    [id.as_bytes(), b".", timestamp.as_bytes(), b".", body].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    const NOW_MS: u64 = 1_795_258_245_000;
    const NOW_S: u64 = NOW_MS / 1000;

    fn key() -> SigningKey {
        SigningKey::of(b"0123456789abcdef0123456789abcdef").unwrap()
    }

    fn check(
        key: &SigningKey,
        id: &str,
        at_s: u64,
        signature: &str,
        body: &[u8],
    ) -> Result<Delivery, DeliveryError> {
        key.check([id, &at_s.to_string(), signature], body, NOW_MS)
    }

    /// The example that the specification's own libraries test with.
    #[test]
    fn signatures_are_those_of_standard_webhooks() {
        let key = SigningKey::of(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").unwrap();
        let body = br#"{"test": 2432232314}"#;
        let signature = key.sign("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body);
        assert_eq!(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    #[test]
    fn what_was_signed_passes_and_nothing_else() {
        let (key, body) = (key(), br#"{"id":"apr_1"}"#);
        let signature = key.sign("d1", NOW_S, body);
        assert_eq!(check(&key, "d1", NOW_S, &signature, body).unwrap().id(), "d1");
        // One of several is enough.
        let several = format!("v1,AAAA v2,x {signature}");
        assert!(check(&key, "d1", NOW_S, &several, body).is_ok());
        let wrong = Err(DeliveryError::Signature);
        assert_eq!(check(&key, "d2", NOW_S, &signature, body), wrong);
        assert_eq!(check(&key, "d1", NOW_S + 1, &signature, body), wrong);
        assert_eq!(check(&key, "d1", NOW_S, &signature, b"{}"), wrong);
        assert_eq!(check(&key, "d1", NOW_S, &signature.replace("v1", "v2"), body), wrong);
        assert_eq!(check(&key, "d1", NOW_S, "", body), wrong);
        let other = SigningKey::of(b"another secret of some length").unwrap();
        assert_eq!(check(&other, "d1", NOW_S, &signature, body), wrong);
    }

    #[test]
    fn a_timestamp_far_from_now_is_stale_even_if_signed() {
        let (key, body) = (key(), b"{}");
        for (at_s, fresh) in [
            (NOW_S - WINDOW_S, true),
            (NOW_S + WINDOW_S, true),
            (NOW_S - WINDOW_S - 1, false),
            (NOW_S + WINDOW_S + 1, false),
            (0, false),
            (u64::MAX, false),
        ] {
            let checked = check(&key, "d1", at_s, &key.sign("d1", at_s, body), body);
            assert_eq!(checked.is_ok(), fresh, "{at_s}");
        }
    }

    /// `a.1` and `1`, or `a` and `1.1`: no two messages are one text.
    #[test]
    fn an_id_with_a_dot_is_refused() {
        let key = key();
        let signature = key.sign("a.1", NOW_S, b"{}");
        assert_eq!(check(&key, "a.1", NOW_S, &signature, b"{}"), Err(DeliveryError::Headers));
        let at = format!("+{NOW_S}");
        let tag = hmac::sign(&key.0, &signed("a", &at, b"{}"));
        let signature = format!("v1,{}", STANDARD.encode(tag));
        assert_eq!(key.check(["a", &at, &signature], b"{}", NOW_MS), Err(DeliveryError::Headers));
    }

    #[test]
    fn a_secret_that_is_none_says_why() {
        for (secret, why) in
            [("short", "fewer"), ("whsec_!", "base64"), ("whsec_AAAA", "fewer"), ("", "fewer")]
        {
            let error = SigningKey::of(secret.as_bytes()).unwrap_err();
            assert!(error.contains(why), "{secret}: {error}");
        }
    }
}

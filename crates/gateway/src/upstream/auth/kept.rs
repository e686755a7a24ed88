//! What is known of one server between two requests, and between two starts: all of it secret.

use bytes::Bytes;
use hyper::header::HeaderValue;
use toolgate_json::{Document, Reading, Value, quote};

use super::client::{Client, Method};
use super::metadata::text;
use super::token::Granted;

/// Not `Debug`: it is nothing but secrets.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Kept {
    /// The server that the token is for. For no other URL it is ever used.
    pub(super) url: String,
    /// Whose tokens these are; nothing where the operator gave the token endpoint.
    pub(super) issuer: Option<String>,
    pub(super) resource: String,
    pub(super) token_endpoint: String,
    pub(super) client_id: String,
    pub(super) method: Method,
    /// Of a client that registered itself. The operator's own stays where the operator has it.
    pub(super) registered_secret: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) access: Option<String>,
    pub(super) refresh: Option<String>,
    /// Wall clock; nothing where the authorization server did not say.
    pub(super) expires_ms: Option<u64>,
    /// So long it was to live.
    pub(super) lifetime_ms: Option<u64>,
}

/// A token is renewed so long before it expires, or after nine tenths of a short life.
const MARGIN_MS: u64 = 60_000;

impl Kept {
    pub(super) fn new(
        url: String,
        resource: String,
        client_id: String,
        token_endpoint: String,
    ) -> Self {
        Self {
            url,
            issuer: None,
            resource,
            token_endpoint,
            client_id,
            method: Method::Basic,
            registered_secret: None,
            scope: None,
            access: None,
            refresh: None,
            expires_ms: None,
            lifetime_ms: None,
        }
    }

    pub(super) fn take(&mut self, granted: Granted, now_ms: u64) {
        self.access = Some(granted.access);
        // Without a new one, the old one stays good (RFC 6749, section 6).
        self.refresh = granted.refresh.or(self.refresh.take());
        self.lifetime_ms = granted.lifetime_s.map(|seconds| seconds.saturating_mul(1_000));
        self.expires_ms = self.lifetime_ms.map(|lifetime| now_ms.saturating_add(lifetime));
    }

    pub(super) fn client(&self, secret: Option<&str>) -> Client {
        let secret = secret.map(str::to_owned).or_else(|| self.registered_secret.clone());
        Client::new(self.client_id.clone(), secret, self.method)
    }

    /// To be used, and for a while yet.
    pub(super) fn is_fresh(&self, now_ms: u64) -> bool {
        let margin_ms = MARGIN_MS.min(self.lifetime_ms.unwrap_or(u64::MAX) / 10);
        self.is_alive(now_ms.saturating_add(margin_ms))
    }

    pub(super) fn is_alive(&self, now_ms: u64) -> bool {
        self.access.is_some() && self.expires_ms.is_none_or(|expires_ms| now_ms < expires_ms)
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        let access = self.access.as_deref()?;
        let mut value = HeaderValue::try_from(format!("Bearer {access}")).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    pub(super) fn write(&self) -> Vec<u8> {
        let number = |value: Option<u64>| value.map(|value| value.to_string());
        let (expires, lifetime) = (number(self.expires_ms), number(self.lifetime_ms));
        let members = [
            ("url", Some(self.url.as_str())),
            ("issuer", self.issuer.as_deref()),
            ("resource", Some(self.resource.as_str())),
            ("token_endpoint", Some(self.token_endpoint.as_str())),
            ("client_id", Some(self.client_id.as_str())),
            ("method", Some(self.method.as_str())),
            ("registered_secret", self.registered_secret.as_deref()),
            ("scope", self.scope.as_deref()),
            ("access", self.access.as_deref()),
            ("refresh", self.refresh.as_deref()),
            ("expires_ms", expires.as_deref()),
            ("lifetime_ms", lifetime.as_deref()),
        ];
        let mut text = Vec::with_capacity(1024);
        for (name, value) in members {
            let Some(value) = value else { continue };
            text.push(if text.is_empty() { b'{' } else { b',' });
            quote(name, &mut text);
            text.push(b':');
            quote(value, &mut text);
        }
        text.push(b'}');
        text
    }

    /// Nothing if this is not what [`Kept::write`] wrote.
    pub(super) fn read(bytes: Vec<u8>) -> Option<Self> {
        let document = Document::parse(Bytes::from(bytes), Reading::Strict).ok()?;
        let root: Value<'_> = document.root();
        let number = |key| text(root, key).and_then(|text| text.parse().ok());
        Some(Self {
            url: text(root, "url")?,
            issuer: text(root, "issuer"),
            resource: text(root, "resource")?,
            token_endpoint: text(root, "token_endpoint")?,
            client_id: text(root, "client_id")?,
            method: Method::parse(&text(root, "method")?)?,
            registered_secret: text(root, "registered_secret"),
            scope: text(root, "scope"),
            access: text(root, "access"),
            refresh: text(root, "refresh"),
            expires_ms: number("expires_ms"),
            lifetime_ms: number("lifetime_ms"),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn kept(lifetime_s: Option<u64>) -> Kept {
        let texts =
            ["https://a.example/\"mcp\"", "https://a.example", "é\n", "https://b.example/t"];
        let [url, resource, id, endpoint] = texts.map(str::to_owned);
        let mut kept = Kept::new(url, resource, id, endpoint);
        kept.refresh = Some("first".to_owned());
        kept.scope = Some("a b".to_owned());
        kept.take(Granted { access: "t".to_owned(), refresh: None, lifetime_s }, 1_000_000);
        kept
    }

    #[test]
    fn what_is_written_is_read_again() {
        for lifetime in [None, Some(0), Some(3_600), Some(u64::MAX)] {
            let kept = kept(lifetime);
            assert!(Kept::read(kept.write()).unwrap() == kept, "{lifetime:?}");
        }
        assert!(Kept::read(b"{}".to_vec()).is_none());
    }

    #[test]
    fn a_token_is_renewed_a_minute_early_or_after_nine_tenths_of_its_life() {
        let table = [
            (None, 1 << 60, true, true),
            (Some(3_600), 1_000_000 + 3_539_999, true, true),
            (Some(3_600), 1_000_000 + 3_540_000, false, true),
            (Some(3_600), 1_000_000 + 3_600_000, false, false),
            (Some(10), 1_000_000 + 8_999, true, true),
            (Some(10), 1_000_000 + 9_000, false, true),
            (Some(0), 1_000_000, false, false),
        ];
        for (lifetime, now_ms, fresh, alive) in table {
            let kept = kept(lifetime);
            assert_eq!(kept.is_fresh(now_ms), fresh, "{lifetime:?} {now_ms}");
            assert_eq!(kept.is_alive(now_ms), alive, "{lifetime:?} {now_ms}");
        }
    }

    #[test]
    fn a_refresh_token_stays_unless_it_is_rotated() {
        let mut kept = kept(None);
        assert_eq!(kept.refresh.as_deref(), Some("first"));
        let granted =
            Granted { access: "u".into(), refresh: Some("second".into()), lifetime_s: None };
        kept.take(granted, 0);
        assert_eq!(kept.refresh.as_deref(), Some("second"));
        assert!(kept.header().unwrap().is_sensitive());
    }
}

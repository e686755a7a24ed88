//! Who the gate is to an authorization server, and how it proves that.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};

use super::form::escape;
use super::metadata::Authority;

/// Its secret is in no `Debug` output.
#[derive(Clone)]
pub(super) struct Client {
    pub(super) id: String,
    pub(super) secret: Option<String>,
    pub(super) method: Method,
}

/// RFC 6749, section 2.3.1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Method {
    Basic,
    /// No secret: its id is all it has.
    None,
    Post,
}

impl Method {
    /// For a client with a secret; `Basic` is what every server must understand.
    pub(super) fn of(authority: &Authority) -> Self {
        let has = |name: &str| authority.client_methods.iter().any(|method| method == name);
        if has("client_secret_post") && !has("client_secret_basic") {
            Self::Post
        } else {
            Self::Basic
        }
    }

    pub(super) fn parse(text: &str) -> Option<Self> {
        [Self::Basic, Self::None, Self::Post].into_iter().find(|method| method.as_str() == text)
    }

    pub(super) fn as_str(self) -> &'static str {
        match self {
            Self::Basic => "client_secret_basic",
            Self::None => "none",
            Self::Post => "client_secret_post",
        }
    }
}

impl Client {
    pub(super) fn new(id: String, secret: Option<String>, method: Method) -> Self {
        let method = if secret.is_some() { method } else { Method::None };
        Self { id, secret, method }
    }

    /// What it adds to a token request.
    pub(super) fn prove(&self, form: &mut Vec<(&'static str, String)>, headers: &mut HeaderMap) {
        let secret = self.secret.as_deref().unwrap_or_default();
        match self.method {
            Method::Basic => {
                let pair = format!("{}:{}", escape(&self.id), escape(secret));
                let value = HeaderValue::try_from(format!("Basic {}", STANDARD.encode(pair)));
                if let Ok(mut value) = value {
                    value.set_sensitive(true);
                    headers.insert(AUTHORIZATION, value);
                }
            }
            Method::None => form.push(("client_id", self.id.clone())),
            Method::Post => {
                form.push(("client_id", self.id.clone()));
                form.push(("client_secret", secret.to_owned()));
            }
        }
    }
}

impl std::fmt::Debug for Client {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Client").field("id", &self.id).finish_non_exhaustive()
    }
}

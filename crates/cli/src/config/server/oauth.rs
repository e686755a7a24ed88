//! `auth` of a server: how the gateway gets a token for it.

use toolgate_policy::document::outline::{Manner, Node, Shape, Table, may, must};

use super::super::form::{Reads, Written};
use super::super::reading::Reading;
use super::super::secret::{Secret, Show, Source};
use super::super::url::Url;
use crate::json::Object;

#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct OAuth {
    pub(crate) kind: OAuthKind,
    /// Nothing: the gateway registers itself.
    pub(crate) client_id: Option<String>,
    pub(crate) client_secret: Option<Secret>,
    pub(crate) scope: Option<String>,
    /// Discovered from the server if absent (RFC 9728).
    pub(crate) issuer: Option<String>,
    /// Discovered from the issuer if absent (RFC 8414).
    pub(crate) token_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum OAuthKind {
    /// A person agrees once, in a browser.
    AuthorizationCode,
    /// The gateway itself is the client.
    ClientCredentials,
}

const TEXT: Shape = Shape::Text(Manner::Name);
const TOKENS_FROM: Url = Url { secure: true };
const SECRET: Source = Source { plain: false };

pub(crate) static OAUTH: Table = Table {
    name: "oauth",
    place: "in `auth` of a server",
    keys: &[
        must(
            "type",
            Shape::Choice(&["client_credentials", "authorization_code"]),
            "Whether the gateway itself is the client, or a person agrees once in a browser.",
        ),
        may("client_id", TEXT, "The gateway's name at the issuer."),
        may(
            "client_secret",
            Shape::Form(&Written(SECRET)),
            "Its secret there: `env:VARIABLE` or `file:PATH`.",
        ),
        may("scope", TEXT, "What is asked for, words with a space between them."),
        may(
            "issuer",
            Shape::Form(&Written(TOKENS_FROM)),
            "Who gives tokens; discovered from the server if absent.",
        ),
        may(
            "token_url",
            Shape::Form(&Written(TOKENS_FROM)),
            "Where tokens are; discovered if absent. Only with `client_credentials`.",
        ),
    ],
};

impl OAuth {
    pub(super) fn read(node: &Node, reading: &mut Reading<'_>) -> Option<Self> {
        let kind = match node.get("type").and_then(Node::text) {
            Some("authorization_code") => OAuthKind::AuthorizationCode,
            Some("client_credentials") => OAuthKind::ClientCredentials,
            _ => return None,
        };
        check_parts(kind, node, reading);
        let text = |key| node.get(key).and_then(Node::text).map(str::to_owned);
        Some(Self {
            kind,
            client_id: text("client_id"),
            client_secret: reading.secret(SECRET, node.get("client_secret")),
            scope: text("scope"),
            issuer: TOKENS_FROM.take(node.get("issuer")),
            token_url: TOKENS_FROM.take(node.get("token_url")),
        })
    }

    pub(super) fn json(&self) -> String {
        let kind = match self.kind {
            OAuthKind::AuthorizationCode => "authorization_code",
            OAuthKind::ClientCredentials => "client_credentials",
        };
        Object::new()
            .text("type", kind)
            .maybe_text("client_id", self.client_id.as_deref())
            .maybe_raw(
                "client_secret",
                self.client_secret.as_ref().map(|s| s.json(Show::NoSecrets)),
            )
            .maybe_text("scope", self.scope.as_deref())
            .maybe_text("issuer", self.issuer.as_deref())
            .maybe_text("token_url", self.token_url.as_deref())
            .finish()
    }
}

/// What each kind needs, and has no use for.
fn check_parts(kind: OAuthKind, node: &Node, reading: &mut Reading<'_>) {
    match kind {
        OAuthKind::AuthorizationCode => {
            if let Some(url) = node.member("token_url") {
                reading
                    .findings
                    .error(url.key_span, "`token_url` is for `type: client_credentials`")
                    .help("name the `issuer`: its metadata says where tokens are");
            }
            if let (Some(secret), None) = (node.member("client_secret"), node.get("client_id")) {
                reading
                    .findings
                    .error(secret.key_span, "a `client_secret` needs its `client_id`")
                    .help("add it, or remove the secret: then the gateway registers itself");
            }
        }
        OAuthKind::ClientCredentials => {
            for key in ["client_id", "client_secret"] {
                if node.get(key).is_none() {
                    reading
                        .findings
                        .error(node.span, format!("`{key}` is missing"))
                        .help("`client_credentials` needs `client_id` and `client_secret`");
                }
            }
        }
    }
}

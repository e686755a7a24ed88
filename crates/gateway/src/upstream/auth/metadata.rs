//! What servers say about themselves: RFC 9728 of the MCP server, RFC 8414 or OIDC
//! Discovery of the authorization server.

use bytes::Bytes;
use toolgate_json::{Document, Reading, Value};

/// The MCP server as a protected resource.
#[derive(Clone, Debug)]
pub(super) struct Resource {
    /// Its own name: a URL.
    pub(super) name: String,
    pub(super) authorization_servers: Vec<String>,
    pub(super) scopes: Vec<String>,
}

/// The authorization server.
#[derive(Clone, Debug)]
pub(super) struct Authority {
    pub(super) issuer: String,
    pub(super) token_endpoint: String,
    pub(super) authorization_endpoint: Option<String>,
    pub(super) registration_endpoint: Option<String>,
    pub(super) scopes: Vec<String>,
    /// Ways to prove who the client is; the standard's default where nothing is said.
    pub(super) client_methods: Vec<String>,
    pub(super) has_s256: bool,
    /// It says who it is when it redirects back (RFC 9207).
    pub(super) has_iss: bool,
}

impl Resource {
    pub(super) fn read(body: &Bytes) -> Option<Self> {
        let document = Document::parse(body.clone(), Reading::Strict).ok()?;
        let root = document.root();
        Some(Self {
            name: text(root, "resource")?,
            authorization_servers: texts(root, "authorization_servers").unwrap_or_default(),
            scopes: texts(root, "scopes_supported").unwrap_or_default(),
        })
    }
}

impl Authority {
    pub(super) fn read(body: &Bytes) -> Option<Self> {
        let document = Document::parse(body.clone(), Reading::Strict).ok()?;
        let root = document.root();
        let methods = texts(root, "code_challenge_methods_supported").unwrap_or_default();
        let iss = root.get("authorization_response_iss_parameter_supported");
        Some(Self {
            issuer: text(root, "issuer")?,
            token_endpoint: text(root, "token_endpoint")?,
            authorization_endpoint: text(root, "authorization_endpoint"),
            registration_endpoint: text(root, "registration_endpoint"),
            scopes: texts(root, "scopes_supported").unwrap_or_default(),
            client_methods: texts(root, "token_endpoint_auth_methods_supported")
                .unwrap_or_else(|| vec!["client_secret_basic".to_owned()]),
            has_s256: methods.iter().any(|method| method == "S256"),
            has_iss: iss.and_then(Value::as_bool).unwrap_or(false),
        })
    }
}

pub(super) fn text(root: Value<'_>, key: &str) -> Option<String> {
    Some(root.get(key)?.as_str()?.into_owned()).filter(|text| !text.is_empty())
}

fn texts(root: Value<'_>, key: &str) -> Option<Vec<String>> {
    let list = root.get(key)?;
    Some(list.items().filter_map(|item| item.as_str().map(Into::into)).collect())
}

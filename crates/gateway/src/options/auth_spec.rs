//! How the gate proves to a URL server who it is, by OAuth 2.1.

use crate::options::SecretSource;

/// As the operator wrote it. What is missing is discovered from the server.
#[derive(Clone, Debug)]
pub struct AuthSpec {
    pub flow: AuthFlow,
    /// Without it, the gate registers itself where the authorization server lets it (RFC 7591).
    pub client_id: Option<String>,
    pub client_secret: Option<SecretSource>,
    /// Scopes with spaces between; what the server asks for if missing.
    pub scope: Option<String>,
    /// The only authorization server that may see the client's secret and its tokens. If
    /// missing, the first one that the server names.
    pub issuer: Option<String>,
    /// Where tokens are asked for: no discovery at all.
    pub token_url: Option<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AuthFlow {
    /// A person logs in once (`login`); refresh tokens do the rest.
    AuthorizationCode,
    /// The gate is known to the authorization server by id and secret.
    ClientCredentials,
}

//! What the operator wrote about one server's credentials, checked and ready to use.

use crate::options::SecretSource;
use crate::options::{AuthFlow, AuthSpec};
use crate::upstream::egress::{self, Egress};

use super::AuthError;
use super::challenge::Challenge;
use super::discovery;
use super::kept::Kept;
use super::metadata::Authority;
use super::resource::canonical;
use super::words::harmless;

/// Its secret is in no `Debug` output.
pub(super) struct Settings {
    /// The server's name.
    pub(super) server: String,
    pub(super) url: String,
    pub(super) flow: AuthFlow,
    pub(super) client_id: Option<String>,
    pub(super) client_secret: Option<String>,
    pub(super) scope: Option<String>,
    pub(super) issuer: Option<String>,
    pub(super) token_url: Option<String>,
    pub(super) egress: Egress,
}

/// What a token is asked for, and of whom.
#[derive(Clone, Debug)]
pub(super) struct Found {
    pub(super) resource: String,
    pub(super) scope: Option<String>,
    pub(super) authority: Authority,
}

impl Settings {
    pub(super) fn new(server: &str, url: &str, spec: &AuthSpec) -> Result<Self, AuthError> {
        let wrong = |what: &str| AuthError::Config(format!("server `{server}`: {what}"));
        let [id, secret] = [spec.client_id.is_some(), spec.client_secret.is_some()];
        match spec.flow {
            AuthFlow::ClientCredentials if !id || !secret => {
                return Err(wrong("`client_credentials` needs `client_id` and `client_secret`"));
            }
            AuthFlow::AuthorizationCode if secret && !id => {
                return Err(wrong("`client_secret` without its `client_id`"));
            }
            AuthFlow::AuthorizationCode if spec.token_url.is_some() => {
                return Err(wrong("`token_url` is for `client_credentials`; give `issuer`"));
            }
            AuthFlow::AuthorizationCode | AuthFlow::ClientCredentials => {}
        }
        let known = [Some(url), spec.issuer.as_deref(), spec.token_url.as_deref()];
        let known: Vec<_> = known.into_iter().flatten().collect();
        let secret = spec.client_secret.as_ref().map(resolve).transpose();
        Ok(Self {
            server: server.to_owned(),
            url: url.to_owned(),
            flow: spec.flow,
            client_id: spec.client_id.clone(),
            client_secret: secret.map_err(|what| wrong(&what))?,
            scope: spec.scope.clone(),
            issuer: spec.issuer.clone(),
            token_url: spec.token_url.clone(),
            egress: Egress::new(&known).map_err(|error| wrong(&error.to_string()))?,
        })
    }

    /// Whether `kept` was granted under these very settings. A token of one server, one
    /// authorization server and one client is nobody else's.
    pub(super) fn match_kept(&self, kept: &Kept) -> bool {
        let same = |wanted: &Option<String>, there: Option<&str>| {
            wanted.as_deref().is_none_or(|wanted| Some(wanted) == there)
        };
        kept.url == self.url
            && same(&self.issuer, kept.issuer.as_deref())
            && same(&self.client_id, Some(&kept.client_id))
            && same(&self.token_url, Some(&kept.token_endpoint))
    }

    /// Discovers the authorization server. `known` is the issuer that was in use before: a
    /// server that names another all of a sudden gets neither tokens nor secrets sent there.
    pub(super) async fn discover(
        &self,
        challenge: &Challenge,
        known: Option<&str>,
    ) -> Result<Found, AuthError> {
        let resource = match discovery::resource(&self.egress, &self.url, challenge).await {
            Err(_) if self.issuer.is_some() => None,
            found => found?,
        };
        let named = match &resource {
            Some(resource) => resource.authorization_servers.clone(),
            // MCP 2025-03-26: the server's own site.
            None => egress::origin(&self.url).iter().map(ToString::to_string).collect(),
        };
        let issuer = match &self.issuer {
            Some(issuer) => issuer.clone(),
            None => self.choose(&named, known)?,
        };
        let authority = discovery::authority(&self.egress, &issuer).await?;
        let (name, scopes) = match resource {
            Some(resource) => (resource.name, resource.scopes.join(" ")),
            None => (canonical(&self.url), String::new()),
        };
        let scopes = Some(scopes).filter(|scopes| !scopes.is_empty());
        let scope = self.scope.clone().or_else(|| challenge.scope.clone()).or(scopes);
        Ok(Found { resource: name, scope, authority })
    }

    fn choose(&self, named: &[String], known: Option<&str>) -> Result<String, AuthError> {
        let server = &self.server;
        let first = named.first().ok_or_else(|| {
            AuthError::Unfit(format!("server `{server}` names no authorization server"))
        })?;
        match known {
            Some(known) if named.iter().any(|issuer| issuer == known) => Ok(known.to_owned()),
            Some(known) => Err(AuthError::Unfit(format!(
                "server `{server}` now names the authorization server `{}`, and `{}` before; if \
                 that is meant, write it as `issuer` into the server's `auth`",
                harmless(first),
                harmless(known)
            ))),
            None => Ok(first.clone()),
        }
    }
}

/// The value is never repeated.
fn resolve(source: &SecretSource) -> Result<String, String> {
    let text = match source {
        SecretSource::Env(variable) => std::env::var(variable).map_err(|_| {
            format!("`client_secret: env:{variable}`: no such environment variable; set it")
        })?,
        SecretSource::File(path) => std::fs::read_to_string(path)
            .map_err(|error| format!("`client_secret: file:{}`: {error}", path.display()))?,
        SecretSource::Plain(text) => text.clone(),
    };
    match text.trim() {
        "" => Err("`client_secret` is empty".to_owned()),
        text => Ok(text.to_owned()),
    }
}

impl std::fmt::Debug for Settings {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Settings").field("server", &self.server).finish_non_exhaustive()
    }
}

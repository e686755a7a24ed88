//! A person logs in: a browser, a redirect to this machine, tokens that are kept (OAuth 2.1
//! section 4.1, with PKCE).

use std::time::Duration;

use hyper::StatusCode;
use hyper::header::HeaderMap;

use crate::clock;
use crate::options::{AuthFlow, AuthSpec};
use crate::upstream::egress::Ask;

use super::challenge::Challenge;
use super::client::{Client, Method};
use super::kept::Kept;
use super::metadata::Authority;
use super::redirect::{Listener, Outcome};
use super::settings::{Found, Settings};
use super::vault::{self, Vault};
use super::words::harmless;
use super::{AuthError, form, pkce, registration, token};

/// Which server to log in to.
#[derive(Debug)]
pub struct Login<'a> {
    /// The server's name, under which its tokens are kept.
    pub server: &'a str,
    pub url: &'a str,
    pub auth: &'a AuthSpec,
    pub vault: Vault,
}

/// So long a person may take.
const PATIENCE: Duration = Duration::from_mins(10);

/// Calls `open` with the URL that a person opens in a browser on this machine, waits for the
/// answer, and keeps the tokens. The URL is never given to a shell.
pub async fn login(asked: Login<'_>, open: impl FnOnce(&str)) -> Result<(), AuthError> {
    let settings = Settings::new(asked.server, asked.url, asked.auth)?;
    if settings.flow != AuthFlow::AuthorizationCode {
        let what = format!(
            "server `{}` needs no login: its `auth` is `client_credentials`",
            settings.server
        );
        return Err(AuthError::Config(what));
    }
    let challenge = Challenge::read(&probe(&settings).await?);
    // A person at hand may well mean another authorization server than before.
    let found = settings.discover(&challenge, None).await?;
    let listening = |error| AuthError::Unreachable(format!("no redirect can be heard: {error}"));
    let listener = Listener::open().await.map_err(listening)?;
    let attempt = Attempt::new(&settings, found, listener.url()).await?;
    open(&attempt.authorize_url(&settings)?);
    let outcome = tokio::time::timeout(PATIENCE, listener.answer(&attempt.state)).await;
    let outcome = outcome.map_err(|_| {
        AuthError::Unreachable(format!("nobody logged in within {} s", PATIENCE.as_secs()))
    })?;
    let code = attempt.code(outcome.map_err(listening)?)?;
    let kept = attempt.redeem(&settings, &code).await?;
    asked.vault.write(vault::name(&settings.server), kept.write()).await
}

/// What the server says to somebody without a token.
async fn probe(settings: &Settings) -> Result<HeaderMap, AuthError> {
    let to = settings.egress.learned(&settings.url)?;
    let answer = settings.egress.fetch(&to, Ask::get()).await?;
    if answer.status == StatusCode::UNAUTHORIZED {
        return Ok(answer.headers);
    }
    Ok(HeaderMap::new())
}

/// One login under way. Not `Debug`: it holds secrets.
struct Attempt {
    found: Found,
    client: Client,
    redirect: String,
    verifier: String,
    state: String,
}

impl Attempt {
    async fn new(settings: &Settings, found: Found, redirect: String) -> Result<Self, AuthError> {
        let authority = &found.authority;
        if !authority.has_s256 {
            // MCP 2025-11-25: without PKCE a stolen code is a stolen login.
            return Err(unfit(authority, "does not offer PKCE with S256"));
        }
        let client = client(settings, authority, &redirect).await?;
        let [verifier, state] = [pkce::secret()?, pkce::secret()?];
        Ok(Self { found, client, redirect, verifier, state })
    }

    fn authorize_url(&self, settings: &Settings) -> Result<String, AuthError> {
        let authority = &self.found.authority;
        let endpoint = authority.authorization_endpoint.as_deref();
        let endpoint = endpoint.ok_or_else(|| unfit(authority, "lets nobody log in"))?;
        // https, or this machine: nothing else is fit to be opened (CVE-2025-6514).
        settings.egress.learned(endpoint)?;
        let challenge = pkce::challenge(&self.verifier);
        let scope = self.scope(settings);
        let mut pairs = vec![
            ("response_type", "code"),
            ("client_id", self.client.id.as_str()),
            ("redirect_uri", self.redirect.as_str()),
            ("state", self.state.as_str()),
            ("code_challenge", challenge.as_str()),
            ("code_challenge_method", "S256"),
            ("resource", self.found.resource.as_str()),
        ];
        pairs.extend(scope.as_deref().map(|scope| ("scope", scope)));
        let between = if endpoint.contains('?') { '&' } else { '?' };
        Ok(format!("{endpoint}{between}{}", form::encode(&pairs)))
    }

    /// `offline_access` is how OIDC asks for a refresh token.
    fn scope(&self, settings: &Settings) -> Option<String> {
        const OFFLINE: &str = "offline_access";
        let scope = self.found.scope.clone();
        let offered = self.found.authority.scopes.iter().any(|scope| scope == OFFLINE);
        match scope {
            Some(scope) if settings.scope.is_none() && offered => {
                let there = scope.split(' ').any(|scope| scope == OFFLINE);
                Some(if there { scope } else { format!("{scope} {OFFLINE}") })
            }
            scope => scope,
        }
    }

    fn code(&self, outcome: Outcome) -> Result<String, AuthError> {
        let authority = &self.found.authority;
        let issuer = match &outcome {
            Outcome::Code { issuer, .. } | Outcome::Refused { issuer, .. } => issuer.as_deref(),
        };
        // RFC 9207: or the code of one could be redeemed at another.
        match issuer {
            Some(issuer) if issuer != authority.issuer => {
                let what = format!("was asked, and `{}` answers", harmless(issuer));
                return Err(unfit(authority, &what));
            }
            None if authority.has_iss => {
                return Err(unfit(authority, "does not say who it is in its answer"));
            }
            Some(_) | None => {}
        }
        match outcome {
            Outcome::Code { code, .. } => Ok(code),
            Outcome::Refused { code, description, .. } => {
                Err(AuthError::refused(&authority.issuer, &code, &description))
            }
        }
    }

    async fn redeem(&self, settings: &Settings, code: &str) -> Result<Kept, AuthError> {
        let fields = [
            ("grant_type", "authorization_code"),
            ("code", code),
            ("redirect_uri", self.redirect.as_str()),
            ("code_verifier", self.verifier.as_str()),
            ("resource", self.found.resource.as_str()),
        ];
        let endpoint = &self.found.authority.token_endpoint;
        let granted = token::ask(&settings.egress, endpoint, &self.client, &fields).await?;
        let registered = settings.client_id.is_none();
        let [url, resource, id] = [&settings.url, &self.found.resource, &self.client.id];
        let mut kept = Kept {
            issuer: Some(self.found.authority.issuer.clone()),
            method: self.client.method,
            registered_secret: self.client.secret.clone().filter(|_| registered),
            scope: self.found.scope.clone(),
            ..Kept::new(url.clone(), resource.clone(), id.clone(), endpoint.clone())
        };
        kept.take(granted, clock::wall_ms());
        Ok(kept)
    }
}

/// The one that the operator has, else a new one.
async fn client(
    settings: &Settings,
    authority: &Authority,
    redirect: &str,
) -> Result<Client, AuthError> {
    if let Some(id) = &settings.client_id {
        let secret = settings.client_secret.clone();
        return Ok(Client::new(id.clone(), secret, Method::of(authority)));
    }
    let endpoint = authority.registration_endpoint.as_deref().ok_or_else(|| {
        unfit(authority, "registers no clients; give the server's `auth` a `client_id`")
    })?;
    registration::register(&settings.egress, endpoint, redirect).await
}

fn unfit(authority: &Authority, what: &str) -> AuthError {
    AuthError::Unfit(format!("`{}` {what}", harmless(&authority.issuer)))
}

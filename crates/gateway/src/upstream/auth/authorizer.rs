//! Hands out the `Authorization` of one server, and renews what it stands for.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use hyper::header::{HeaderMap, HeaderValue};
use tokio::sync::Mutex;

use crate::clock;
use crate::options::{AuthFlow, AuthSpec};
use crate::report::report;

use super::challenge::Challenge;
use super::client::Method;
use super::kept::Kept;
use super::pause::Pause;
use super::resource::canonical;
use super::settings::Settings;
use super::vault::{self, Vault};
use super::{AuthError, discovery, token};

/// One for all connections to a server, so that a token is asked for once.
#[derive(Debug)]
pub(crate) struct Authorizer {
    settings: Settings,
    vault: Vault,
    /// Locked while a token is asked for: everybody else waits for that one.
    state: Mutex<State>,
    /// The server has taken the present token at least once.
    accepted: AtomicBool,
}

#[derive(Default)]
struct State {
    kept: Option<Kept>,
    /// Could not be written: what is in memory is newer.
    unsaved: bool,
    /// The server refused the present token without ever having taken it.
    doubted: bool,
    pause: Pause,
}

/// A server's 401.
struct Refused {
    /// What the request carried.
    used: Option<HeaderValue>,
    challenge: Challenge,
}

impl Authorizer {
    pub(crate) fn new(
        server: &str,
        url: &str,
        spec: &AuthSpec,
        vault: Vault,
    ) -> Result<Arc<Self>, AuthError> {
        let settings = Settings::new(server, url, spec)?;
        let accepted = AtomicBool::new(false);
        Ok(Arc::new(Self { settings, vault, state: Mutex::default(), accepted }))
    }

    /// Nothing as long as the server has not said whose tokens it takes.
    pub(crate) async fn header(self: &Arc<Self>) -> Result<Option<HeaderValue>, AuthError> {
        let fresh = |kept: &Kept| kept.is_fresh(clock::wall_ms());
        if let Some(kept) = self.state.lock().await.kept.as_ref().filter(|kept| fresh(kept)) {
            return Ok(kept.header());
        }
        self.apart(None).await
    }

    /// After a 401: what to try once more with; nothing where that is no use.
    pub(crate) async fn refused(
        self: &Arc<Self>,
        used: Option<&HeaderValue>,
        headers: &HeaderMap,
    ) -> Result<Option<HeaderValue>, AuthError> {
        let challenge = Challenge::read(headers);
        self.apart(Some(Refused { used: used.cloned(), challenge })).await
    }

    /// The server took the token.
    pub(crate) fn note_accepted(&self) {
        self.accepted.store(true, Ordering::Relaxed);
    }

    /// In a task of its own: a client that leaves must not lose a token that is already spent.
    async fn apart(
        self: &Arc<Self>,
        refused: Option<Refused>,
    ) -> Result<Option<HeaderValue>, AuthError> {
        let this = Arc::clone(self);
        let task = tokio::spawn(async move { this.obtain(refused).await });
        let stopped = |_| AuthError::Unfit("a bug stopped the request for a token".to_owned());
        task.await.map_err(stopped)?
    }

    async fn obtain(&self, refused: Option<Refused>) -> Result<Option<HeaderValue>, AuthError> {
        let mut state = self.state.lock().await;
        self.look(&mut state).await?;
        let used = refused.as_ref().map(|refused| refused.used.clone());
        if let Some(kept) = state.kept.as_ref().filter(|kept| kept.is_fresh(clock::wall_ms())) {
            let header = kept.header();
            // Somebody else was quicker, here or in another process.
            if used.is_none_or(|used| used != header) {
                return Ok(header);
            }
        }
        match self.renew(&mut state, refused.as_ref()).await {
            Ok(true) => Ok(state.kept.as_ref().and_then(Kept::header)),
            Ok(false) => Ok(None),
            Err(error) => {
                let alive = |kept: &&Kept| kept.is_alive(clock::wall_ms());
                let alive = state.kept.as_ref().filter(alive).filter(|_| refused.is_none());
                alive.map(Kept::header).ok_or(error)
            }
        }
    }

    /// Takes over what another process has kept meanwhile.
    async fn look(&self, state: &mut State) -> Result<(), AuthError> {
        if state.unsaved {
            return Ok(());
        }
        let bytes = self.vault.read(vault::name(&self.settings.server)).await?;
        let there = bytes.and_then(Kept::read).filter(|kept| self.settings.match_kept(kept));
        if there != state.kept {
            state.kept = there;
            state.doubted = false;
            state.pause.clear();
            // Whoever kept it may well have used it.
            self.accepted.store(true, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Whether there is a new token.
    async fn renew(&self, state: &mut State, refused: Option<&Refused>) -> Result<bool, AuthError> {
        state.pause.check()?;
        if self.accepted.load(Ordering::Relaxed) {
            state.pause.clear();
        } else if refused.is_some_and(|refused| refused.used.is_some()) && !state.doubted {
            // Fresh from the authorization server: another would fare no better just now.
            state.doubted = true;
            let what = format!(
                "server `{}` refuses a token that its authorization server granted; check the \
                 scope, and that both mean the same address",
                self.settings.server
            );
            return Err(self.noted(state, AuthError::Unfit(what)));
        }
        let renewed = match self.settings.flow {
            AuthFlow::AuthorizationCode => self.refresh(state).await.map(Some),
            AuthFlow::ClientCredentials => {
                self.ask(state.kept.as_ref(), refused.map(|refused| &refused.challenge)).await
            }
        };
        match renewed {
            Ok(Some(kept)) => {
                self.accepted.store(false, Ordering::Relaxed);
                state.doubted = false;
                state.pause.end();
                self.save(state, kept).await;
                Ok(true)
            }
            Ok(None) => Ok(false),
            Err(error) => Err(self.noted(state, error)),
        }
    }

    fn noted(&self, state: &mut State, error: AuthError) -> AuthError {
        report(&format!("server `{}`: {error}", self.settings.server));
        // A login shows in what is kept, and that costs nobody anything to look at.
        if !matches!(error, AuthError::LoginNeeded { .. }) {
            state.pause.note(error.clone());
        }
        error
    }

    /// Before anybody uses it: a rotated token that is lost ends the login.
    async fn save(&self, state: &mut State, kept: Kept) {
        let written = self.vault.write(vault::name(&self.settings.server), kept.write()).await;
        state.unsaved = written.is_err();
        if let Err(error) = written {
            report(&format!("server `{}`: {error}", self.settings.server));
        }
        state.kept = Some(kept);
    }

    /// OAuth 2.1, section 4.3.
    async fn refresh(&self, state: &mut State) -> Result<Kept, AuthError> {
        let mut kept = state.kept.clone().ok_or_else(|| self.login("nobody has yet"))?;
        let Some(refresh) = kept.refresh.clone() else {
            return Err(
                self.login("the token is no longer good, and came without a way to renew it")
            );
        };
        let fields = [
            ("grant_type", "refresh_token"),
            ("refresh_token", refresh.as_str()),
            ("resource", kept.resource.as_str()),
        ];
        let client = kept.client(self.settings.client_secret.as_deref());
        let asked = token::ask(&self.settings.egress, &kept.token_endpoint, &client, &fields).await;
        match asked {
            Ok(granted) => {
                kept.take(granted, clock::wall_ms());
                Ok(kept)
            }
            Err(error) if error.is_invalid_grant() => {
                self.look(state).await?;
                if let Some(newer) = state.kept.clone().filter(|newer| *newer != kept) {
                    return Ok(newer);
                }
                kept.refresh = None;
                self.save(state, kept).await;
                Err(self.login(&error.to_string()))
            }
            Err(error) => Err(error),
        }
    }

    /// OAuth 2.1, section 4.2. Nothing where nobody has said yet of whom to ask.
    async fn ask(
        &self,
        kept: Option<&Kept>,
        challenge: Option<&Challenge>,
    ) -> Result<Option<Kept>, AuthError> {
        let settings = &self.settings;
        let Some(mut kept) = self.terms(kept, challenge).await? else { return Ok(None) };
        let mut fields =
            vec![("grant_type", "client_credentials"), ("resource", kept.resource.as_str())];
        if let Some(scope) = &kept.scope {
            fields.push(("scope", scope));
        }
        let client = kept.client(settings.client_secret.as_deref());
        let granted = token::ask(&settings.egress, &kept.token_endpoint, &client, &fields).await?;
        kept.take(granted, clock::wall_ms());
        // OAuth 2.1 section 4.2.3: none belongs here, and none would be used.
        kept.refresh = None;
        Ok(Some(kept))
    }

    /// What to ask for, and of whom.
    async fn terms(
        &self,
        kept: Option<&Kept>,
        challenge: Option<&Challenge>,
    ) -> Result<Option<Kept>, AuthError> {
        let settings = &self.settings;
        let known = kept.and_then(|kept| kept.issuer.as_deref());
        if let Some(url) = &settings.token_url {
            let asked = challenge.and_then(|challenge| challenge.scope.clone());
            let scope = settings.scope.clone().or(asked);
            let resource = canonical(&settings.url);
            return Ok(Some(self.blank(resource, scope, url.clone())));
        }
        if let (Some(kept), Some(issuer), None) = (kept, known, challenge) {
            let authority = discovery::authority(&settings.egress, issuer).await?;
            let token_endpoint = authority.token_endpoint;
            return Ok(Some(Kept { token_endpoint, ..kept.clone() }));
        }
        let challenge = match challenge {
            Some(challenge) => challenge,
            None if settings.issuer.is_some() => &Challenge::default(),
            None => return Ok(None),
        };
        let found = settings.discover(challenge, known).await?;
        let endpoint = found.authority.token_endpoint.clone();
        Ok(Some(Kept {
            issuer: Some(found.authority.issuer.clone()),
            method: Method::of(&found.authority),
            ..self.blank(found.resource, found.scope, endpoint)
        }))
    }

    fn blank(&self, resource: String, scope: Option<String>, token_endpoint: String) -> Kept {
        let settings = &self.settings;
        let id = settings.client_id.clone().unwrap_or_default();
        Kept { scope, ..Kept::new(settings.url.clone(), resource, id, token_endpoint) }
    }

    fn login(&self, why: &str) -> AuthError {
        AuthError::LoginNeeded { server: self.settings.server.clone(), why: why.to_owned() }
    }
}

impl std::fmt::Debug for State {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("State").field("pause", &self.pause).finish_non_exhaustive()
    }
}

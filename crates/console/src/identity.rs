//! Who somebody is: the one place where a token or a cookie becomes an account.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap};
use toolgate_store::{Account, Power, TokenHash, TokenKind};

use crate::cookie::Cookie;
use crate::house::House;
use crate::reply::Refusal;
use crate::session::Session;

/// An account, and the session of its browser if it came with one.
#[derive(Debug)]
pub(crate) struct Somebody {
    pub(crate) account: Account,
    pub(crate) session: Option<Session>,
}

impl House {
    /// Whose token a program shows.
    pub(crate) fn by_bearer(&self, headers: &HeaderMap) -> Result<Somebody, Refusal> {
        let token = bearer(headers).ok_or_else(|| {
            let text = "send the token of an account as `Authorization: Bearer …`";
            Refusal::new(StatusCode::UNAUTHORIZED, "no_token", text)
        })?;
        let (account, _) = self.by_token(token)?;
        Ok(Somebody { account, session: None })
    }

    pub(crate) fn by_token(&self, token: &str) -> Result<(Account, TokenHash), Refusal> {
        if TokenKind::of(token) == Some(TokenKind::Grant) {
            let text = "this is the token of a grant, which is for agents: answers come from \
                        accounts (`toolgate account add NAME --role approver`)";
            return Err(Refusal::new(StatusCode::FORBIDDEN, "grant_token", text));
        }
        let hash = TokenHash::of(token);
        let found = self.read(|readers| readers.directory.account_of(hash))?;
        if let Some(account) = found {
            return Ok((account, hash));
        }
        if let Some(wait_s) = self.slowdown.note_bad() {
            let text = format!("too many tokens that are none; wait {wait_s} s");
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many", text);
            return Err(Refusal { retry_after_s: Some(wait_s), ..refusal });
        }
        let text = "the token is not one of an account, or was revoked";
        Err(Refusal::new(StatusCode::UNAUTHORIZED, "unknown_token", text))
    }

    /// Who is signed in with this browser; nothing if nobody is.
    pub(crate) fn by_session(&self, headers: &HeaderMap) -> Result<Option<Somebody>, Refusal> {
        let Some(name) = Cookie::Session.read(headers, self.edge.secure) else { return Ok(None) };
        let Some(session) = self.sessions.find(&name) else { return Ok(None) };
        let account = self.read(|readers| readers.directory.account(&session.account))?;
        let Some(account) = account.filter(|account| session.is_of(account)) else {
            self.sessions.end(&name);
            return Ok(None);
        };
        Ok(Some(Somebody { account, session: Some(session) }))
    }
}

impl Somebody {
    pub(crate) fn may(&self, power: Power) -> bool {
        self.account.role.has(power)
    }

    pub(crate) fn check(&self, power: Power) -> Result<(), Refusal> {
        if self.may(power) {
            return Ok(());
        }
        let (own, name) = (self.account.role.as_str(), &self.account.name);
        let text =
            format!("account `{name}` has the role {own}; this needs {}", power.role().as_str());
        Err(Refusal::new(StatusCode::FORBIDDEN, "role", text))
    }
}

/// The one bearer token of a request; nothing if it has none, or more than one.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let (scheme, token) = values.next()?.to_str().ok()?.split_once(' ')?;
    let bearer = values.next().is_none() && scheme.eq_ignore_ascii_case("bearer");
    bearer.then(|| token.trim())
}

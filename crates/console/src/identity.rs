//! Who somebody is: the one place where a token or a cookie becomes an account.

use hyper::StatusCode;
use hyper::header::{AUTHORIZATION, HeaderMap};
use toolgate_store::{Account, Power, TokenHash, TokenKind};

use crate::cookie::Cookie;
use crate::house::{House, Readers};
use crate::password;
use crate::reply::Refusal;
use crate::session::Session;

const NAME_BYTES_MAX: usize = 128;
/// What is done under these asks at which servers.
const OF_SERVERS: [&str; 4] = ["approvals", "freezes", "grants", "servers"];

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

    /// Whose password it is. A wrong one of a name is looked at a few times, then not even a right
    /// one: the account's token still opens.
    pub(crate) async fn by_password(
        &self,
        name: &str,
        password: &str,
    ) -> Result<(Account, TokenHash), Refusal> {
        let wrong = || {
            let text = "the name or the password is wrong";
            Refusal::new(StatusCode::UNAUTHORIZED, "wrong_password", text)
        };
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(wrong());
        }
        if let Some(wait_s) = self.attempts.wait_s(name) {
            let text = format!(
                "too many wrong passwords for this name; wait {wait_s} s, or sign in with the token"
            );
            let refusal = Refusal::new(StatusCode::TOO_MANY_REQUESTS, "too_many", text);
            return Err(Refusal { retry_after_s: Some(wait_s), ..refusal });
        }
        self.attempts.begin(name);
        let look = |readers: &Readers| {
            Ok((readers.directory.account(name)?, readers.directory.password_of(name)?))
        };
        let (account, kept) = self.read(look)?;
        let right = password::is_right(password, kept.as_deref()).await?;
        let account = account.filter(|account| right && account.revoked_ms.is_none());
        let found = account.and_then(|account| account.token.map(|token| (account, token)));
        if found.is_some() {
            self.attempts.was_right(name);
        }
        found.ok_or_else(wrong)
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

    /// Where the role is not limited to some servers.
    pub(crate) fn may_everywhere(&self, power: Power) -> bool {
        self.may(power) && (power == Power::Look || self.account.servers.is_empty())
    }

    /// Whoever's role counts at some servers only does nothing but what is of servers: there, what
    /// is done asks which.
    pub(crate) fn check_reach(&self, power: Power, path: &str) -> Result<(), Refusal> {
        let path = path.strip_prefix("/api/v1").unwrap_or(path);
        let first = path.split('/').nth(1).unwrap_or_default();
        if self.may_everywhere(power) || OF_SERVERS.contains(&first) {
            return Ok(());
        }
        Err(self.limited())
    }

    /// All of these servers, or nothing is done.
    pub(crate) fn check_at<'a>(
        &self,
        power: Power,
        servers: impl IntoIterator<Item = &'a str>,
    ) -> Result<(), Refusal> {
        self.check(power)?;
        let mut servers = servers.into_iter().peekable();
        let any = servers.peek().is_some();
        let all = servers.all(|server| self.account.may_at(power, server));
        if self.may_everywhere(power) || (any && all) { Ok(()) } else { Err(self.limited()) }
    }

    fn limited(&self) -> Refusal {
        let (role, at) = (self.account.role.as_str(), self.account.servers.join(", "));
        let text = format!("your role, {role}, counts at {at} only");
        Refusal::new(StatusCode::FORBIDDEN, "server", text)
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

//! Who is signed in: random names for sessions, in memory only. A restart signs everybody out.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};
use toolgate_store::{Account, TokenHash};

use crate::random;
use crate::reply::Refusal;

/// One browser that is signed in.
#[derive(Clone, Debug)]
pub(crate) struct Session {
    pub(crate) account: String,
    /// The account as it was: a revoked one is another, whatever it is called.
    token: TokenHash,
    /// From which the nonces of forms are made.
    secret: String,
    begun: Instant,
    used: Instant,
}

/// One of them, for people.
#[derive(Debug)]
pub(crate) struct Listed {
    pub(crate) id: String,
    pub(crate) account: String,
    /// Since then, each.
    pub(crate) begun_ms: u64,
    pub(crate) used_ms: u64,
}

#[derive(Clone, Debug, Default)]
pub(crate) struct Sessions(Arc<Mutex<HashMap<[u8; 32], Session>>>);

pub(crate) const LIFETIME: Duration = Duration::from_hours(8);
const IDLE: Duration = Duration::from_hours(1);
const OF_ACCOUNT_MAX: usize = 16;

impl Session {
    /// Whether it is still the same account's.
    pub(crate) fn is_of(&self, account: &Account) -> bool {
        account.revoked_ms.is_none() && account.token == Some(self.token)
    }

    /// What a form that is posted to `path` must bring along.
    pub(crate) fn nonce(&self, path: &str) -> String {
        let mut hash = Sha256::new();
        hash.update(self.secret.as_bytes());
        hash.update(path.as_bytes());
        random::hex(&hash.finalize())
    }

    fn is_over(&self) -> bool {
        self.begun.elapsed() > LIFETIME || self.used.elapsed() > IDLE
    }
}

impl Sessions {
    /// Gives the value of the cookie: kept here as a hash, so that no dump of memory is a key.
    pub(crate) fn begin(&self, account: &Account, token: TokenHash) -> Result<String, Refusal> {
        let (name, secret) = (random::secret()?, random::secret()?);
        let now = Instant::now();
        let account = account.name.clone();
        let mut all = self.all();
        all.retain(|_, session| !session.is_over());
        make_room(&mut all, &account);
        let session = Session { account, token, secret, begun: now, used: now };
        all.insert(hash(&name), session);
        Ok(name)
    }

    pub(crate) fn find(&self, name: &str) -> Option<Session> {
        let mut all = self.all();
        let session = all.get_mut(&hash(name)).filter(|session| !session.is_over())?;
        session.used = Instant::now();
        Some(session.clone())
    }

    /// Whether it goes on. That somebody asks so is no use of it.
    pub(crate) fn goes_on(&self, name: &str) -> bool {
        self.all().get(&hash(name)).is_some_and(|session| !session.is_over())
    }

    /// All that are not over, the last used first.
    pub(crate) fn list(&self) -> Vec<Listed> {
        let ms = |at: Instant| u64::try_from(at.elapsed().as_millis()).unwrap_or(u64::MAX);
        let all = self.all();
        let open = all.iter().filter(|(_, session)| !session.is_over());
        let mut listed: Vec<_> = open
            .map(|(hash, session)| Listed {
                id: short(hash),
                account: session.account.clone(),
                begun_ms: ms(session.begun),
                used_ms: ms(session.used),
            })
            .collect();
        listed.sort_by(|a, b| a.used_ms.cmp(&b.used_ms).then_with(|| a.id.cmp(&b.id)));
        listed
    }

    /// Ends the one that is listed so, of this account if one is named. Whether there was one.
    pub(crate) fn end_listed(&self, id: &str, account: Option<&str>) -> bool {
        let mut all = self.all();
        let before = all.len();
        let meant = |hash: &[u8; 32], session: &Session| {
            short(hash) == id && account.is_none_or(|account| session.account == account)
        };
        all.retain(|hash, session| !meant(hash, session));
        all.len() < before
    }

    /// All of an account but the one with this name.
    pub(crate) fn end_others(&self, account: &str, keep: Option<&str>) {
        let keep = keep.map(hash);
        self.all().retain(|hash, session| session.account != account || Some(*hash) == keep);
    }

    pub(crate) fn end(&self, name: &str) {
        self.all().remove(&hash(name));
    }

    fn all(&self) -> MutexGuard<'_, HashMap<[u8; 32], Session>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An account with many browsers loses the session that was not used for longest. So there are
/// never more than accounts allow.
fn make_room(all: &mut HashMap<[u8; 32], Session>, account: &str) {
    let own = || all.iter().filter(|(_, session)| session.account == account);
    if own().count() >= OF_ACCOUNT_MAX {
        let oldest = own().min_by_key(|(_, session)| session.used).map(|(name, _)| *name);
        oldest.map(|name| all.remove(&name));
    }
}

/// As a session is listed: nothing that signs anybody in.
pub(crate) fn id(name: &str) -> String {
    short(&hash(name))
}

fn short(hash: &[u8; 32]) -> String {
    random::hex(&hash[..8])
}

fn hash(name: &str) -> [u8; 32] {
    Sha256::digest(name.as_bytes()).into()
}

#[cfg(test)]
mod tests {
    use toolgate_store::{Role, Token, TokenKind};

    use super::*;

    fn account() -> (Account, TokenHash) {
        let token = Token::random_of(TokenKind::Account).unwrap().hash();
        let name = "ann".to_owned();
        let account = Account {
            name,
            role: Role::Viewer,
            servers: Vec::new(),
            token: Some(token),
            created_ms: 0,
            revoked_ms: None,
        };
        (account, token)
    }

    #[test]
    fn a_session_ends_with_its_account_and_with_signing_out() {
        let sessions = Sessions::default();
        let (account, token) = account();
        let name = sessions.begin(&account, token).unwrap();
        let session = sessions.find(&name).unwrap();
        assert!(session.is_of(&account));
        let revoked = Account { token: None, revoked_ms: Some(1), ..account.clone() };
        assert!(!session.is_of(&revoked));
        // The same name again is somebody else.
        let (other, _) = super::tests::account();
        assert!(!session.is_of(&other));
        sessions.end(&name);
        assert!(sessions.find(&name).is_none());
    }

    #[test]
    fn a_nonce_is_for_one_path_of_one_session() {
        let sessions = Sessions::default();
        let (account, token) = account();
        let [a, b] = [(), ()].map(|()| {
            let name = sessions.begin(&account, token).unwrap();
            sessions.find(&name).unwrap()
        });
        assert_eq!(a.nonce("/x"), a.nonce("/x"));
        assert_ne!(a.nonce("/x"), a.nonce("/y"));
        assert_ne!(a.nonce("/x"), b.nonce("/x"));
    }

    #[test]
    fn an_account_has_a_bounded_number_of_sessions() {
        let sessions = Sessions::default();
        let (account, token) = account();
        let names: Vec<_> =
            (0..=OF_ACCOUNT_MAX).map(|_| sessions.begin(&account, token).unwrap()).collect();
        assert_eq!(sessions.all().len(), OF_ACCOUNT_MAX);
        assert!(sessions.find(names.last().unwrap()).is_some());
    }
}

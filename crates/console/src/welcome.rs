//! The first sign-in: a link for whoever sees the terminal, while there is no account at all.

use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use sha2::{Digest, Sha256};

use crate::random;
use crate::reply::Refusal;

#[derive(Debug, Default)]
pub(crate) struct Welcome(Mutex<Option<Open>>);

/// Kept as a hash, so that no dump of memory is a key.
#[derive(Debug)]
struct Open {
    hash: String,
    since: Instant,
}

const LIFETIME: Duration = Duration::from_hours(1);

impl Welcome {
    /// Gives what stands in the link.
    pub(crate) fn open(&self) -> Result<String, Refusal> {
        let token = random::secret()?;
        let open = Open { hash: hash(&token), since: Instant::now() };
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = Some(open);
        Ok(token)
    }

    pub(crate) fn is_open_to(&self, token: &str) -> bool {
        let open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.as_ref().is_some_and(|open| open.fits(token))
    }

    /// It opens once: of two at the same time, one.
    pub(crate) fn take(&self, token: &str) -> bool {
        let mut open = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        open.take_if(|open| open.fits(token)).is_some()
    }
}

impl Open {
    fn fits(&self, token: &str) -> bool {
        self.since.elapsed() < LIFETIME && random::same(&hash(token), &self.hash)
    }
}

fn hash(token: &str) -> String {
    random::hex(&Sha256::digest(token.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_link_opens_once_and_to_nobody_who_guesses() {
        let welcome = Welcome::default();
        assert!(!welcome.is_open_to("") && !welcome.take(""));
        let token = welcome.open().unwrap();
        assert!(!welcome.take(&random::secret().unwrap()));
        assert!(welcome.is_open_to(&token) && welcome.take(&token));
        assert!(!welcome.is_open_to(&token) && !welcome.take(&token));
    }
}

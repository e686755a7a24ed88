//! Passwords: kept as Argon2id hashes, compared in a time that says nothing, tried rarely.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use argon2::{Algorithm, Argon2, Params, Version};

use crate::random;
use crate::reply::Refusal;

/// RFC 9106 and OWASP's minimum: 19 MiB, two passes, one lane.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const HASH_BYTES: usize = 32;
/// What is kept begins so; another one is another way of hashing.
const PREFIX: &str = "argon2id,v=19,m=19456,t=2,p=1";

pub(crate) const CHARS_MIN: usize = 12;
const BYTES_MAX: usize = 1024;

/// Wrong passwords of one name.
#[derive(Debug, Default)]
pub(crate) struct Attempts(Mutex<HashMap<String, (u32, Instant)>>);

/// So many wrong ones, then none is looked at until the window is over: guesses must be few, and
/// the account's token still opens.
const WRONG_MAX: u32 = 5;
const WINDOW: Duration = Duration::from_mins(5);
/// Names are free to type.
const NAMES_MAX: usize = 1_000;

/// What to keep of a new password.
pub(crate) async fn hash(password: &str) -> Result<String, Refusal> {
    check(password)?;
    let salt = random::secret()?;
    let hash = derived(password.to_owned(), salt.clone()).await?;
    Ok(format!("{PREFIX},{salt},{hash}"))
}

/// Whether it is the one that is kept. Where none is, that takes as long.
pub(crate) async fn is_right(password: &str, kept: Option<&str>) -> Result<bool, Refusal> {
    let parts = kept.and_then(|kept| kept.strip_prefix(PREFIX)?.strip_prefix(',')?.split_once(','));
    let (salt, hash) = parts.unwrap_or(("none", ""));
    if password.len() > BYTES_MAX {
        return Ok(false);
    }
    let derived = derived(password.to_owned(), salt.to_owned()).await?;
    Ok(random::same(&derived, hash))
}

fn check(password: &str) -> Result<(), Refusal> {
    if password.chars().count() < CHARS_MIN || password.len() > BYTES_MAX {
        let text =
            format!("a password has at least {CHARS_MIN} characters and at most {BYTES_MAX} bytes");
        return Err(Refusal::bad_request(text));
    }
    Ok(())
}

/// One at a time: each takes 19 MiB and tens of milliseconds, and strangers may ask for it.
async fn derived(password: String, salt: String) -> Result<String, Refusal> {
    static ONE: tokio::sync::Semaphore = tokio::sync::Semaphore::const_new(1);
    let failed = || Refusal::unavailable("passwords cannot be looked at here");
    let _turn = ONE.acquire().await.map_err(|_| failed())?;
    let derive = move || {
        let params = Params::new(MEMORY_KIB, PASSES, 1, Some(HASH_BYTES)).ok()?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let mut out = [0_u8; HASH_BYTES];
        let salt = if salt.len() < 8 { "none none" } else { &salt };
        argon2.hash_password_into(password.as_bytes(), salt.as_bytes(), &mut out).ok()?;
        Some(random::hex(&out))
    };
    tokio::task::spawn_blocking(derive).await.ok().flatten().ok_or_else(failed)
}

impl Attempts {
    /// The seconds to wait before a password of this name is looked at again.
    pub(crate) fn wait_s(&self, name: &str) -> Option<u64> {
        let all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (wrong, since) = all.get(name)?;
        let left = WINDOW.checked_sub(since.elapsed())?;
        (*wrong >= WRONG_MAX).then(|| left.as_secs().max(1))
    }

    /// Counted before it is looked at, so that guesses at the same time count too.
    pub(crate) fn begin(&self, name: &str) {
        let mut all = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if all.len() >= NAMES_MAX {
            all.retain(|_, (_, since)| since.elapsed() < WINDOW);
        }
        if all.len() >= NAMES_MAX && !all.contains_key(name) {
            return;
        }
        let (wrong, since) = all.entry(name.to_owned()).or_insert((0, Instant::now()));
        if since.elapsed() >= WINDOW {
            (*wrong, *since) = (0, Instant::now());
        }
        *wrong += 1;
    }

    pub(crate) fn was_right(&self, name: &str) {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).remove(name);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn the_right_password_is_right_and_nothing_else_is() {
        let kept = hash("correct horse battery").await.unwrap();
        assert!(kept.starts_with(PREFIX) && !kept.contains("horse"), "{kept}");
        assert_ne!(kept, hash("correct horse battery").await.unwrap());
        assert!(is_right("correct horse battery", Some(&kept)).await.unwrap());
        for (password, kept) in [
            ("correct horse batterz", Some(kept.as_str())),
            ("", Some(kept.as_str())),
            ("correct horse battery", None),
            ("", None),
            ("", Some("")),
            ("", Some(PREFIX)),
            ("correct horse battery", Some("argon2id,v=19,m=8,t=1,p=1,none,")),
        ] {
            assert!(!is_right(password, kept).await.unwrap(), "{password} {kept:?}");
        }
        for bad in ["short", &"x".repeat(BYTES_MAX + 1)] {
            assert!(hash(bad).await.is_err());
        }
    }

    #[test]
    fn guesses_are_few_and_of_one_name() {
        let attempts = Attempts::default();
        for _ in 0..WRONG_MAX {
            assert_eq!(attempts.wait_s("ann"), None);
            attempts.begin("ann");
        }
        assert!(attempts.wait_s("ann").is_some_and(|wait_s| wait_s <= WINDOW.as_secs()));
        assert_eq!(attempts.wait_s("bob"), None);
        attempts.was_right("ann");
        assert_eq!(attempts.wait_s("ann"), None);
    }
}

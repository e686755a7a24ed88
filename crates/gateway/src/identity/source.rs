//! One issuer: its keys, fetched when they are needed and kept for a while.

use std::collections::VecDeque;
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;

use crate::options::{RunError, RunErrorKind};
use crate::serve::JwtIssuer;

use super::Doubt;
use super::algorithm::Algorithm;
use super::fetch::{self, Fetch};
use super::jws::Jws;
use super::keys::Keys;

#[derive(Debug)]
pub(super) struct Source {
    pub(super) settings: JwtIssuer,
    algorithms: Vec<(String, Algorithm)>,
    fetch: Fetch,
    kept: RwLock<Option<Kept>>,
    /// When keys were asked for on behalf of tokens. Held while they are.
    asked: Mutex<VecDeque<Instant>>,
}

#[derive(Clone, Debug)]
struct Kept {
    keys: Arc<Keys>,
    at: Instant,
}

/// After this long new keys are asked for, while the old ones serve.
const RENEW: Duration = Duration::from_mins(10);
/// After this long without new keys none are known: a key that was withdrawn must not serve on
/// because its issuer cannot be reached.
const KEPT: Duration = Duration::from_hours(1);
/// Tokens that name unknown keys make us ask so many times in a minute.
const ASKED_MAX: usize = 6;
const ASKED_IN: Duration = Duration::from_mins(1);

impl Source {
    pub(super) fn new(settings: &JwtIssuer) -> Result<Self, RunError> {
        let known = |name: &String| Some((name.clone(), Algorithm::parse(name)?));
        let algorithms: Option<Vec<_>> = settings.algorithms.iter().map(known).collect();
        let issuer = &settings.issuer;
        let usage = |text: String| RunError::new(RunErrorKind::Usage, text);
        let algorithms = algorithms.filter(|known| !known.is_empty()).ok_or_else(|| {
            usage(format!("`algorithms` of `{issuer}` has none, or one that is not known"))
        })?;
        if settings.audience.is_empty() || issuer.is_empty() {
            return Err(usage(format!("`{issuer}` needs an `issuer` and an `audience`")));
        }
        let fetch = Fetch::new()?;
        let (kept, asked) = (RwLock::default(), Mutex::default());
        Ok(Self { settings: settings.clone(), algorithms, fetch, kept, asked })
    }

    pub(super) fn name(&self) -> &str {
        &self.settings.issuer
    }

    /// Whether one of the issuer's keys has signed it, by an algorithm that is configured.
    pub(super) async fn verify(self: &Arc<Self>, jws: &Jws<'_>) -> Result<(), Doubt> {
        let algorithm = self.algorithms.iter().find(|(name, _)| *name == jws.algorithm);
        let (name, algorithm) = algorithm.ok_or_else(|| {
            Doubt::new("wrong_algorithm", format!("its `alg` is not one of `{}`", self.name()))
        })?;
        let id = jws.key_id.as_deref();
        let keys = self.keys(|keys| keys.find(id, (name, *algorithm)).is_some()).await?;
        let key = keys.find(id, (name, *algorithm)).ok_or_else(|| {
            Doubt::new("unknown_key", format!("`{}` has no such key", self.name()))
        })?;
        if !algorithm.verifies(key.material(), jws.message, &jws.signature) {
            let text = format!("its signature is not that of `{}`", self.name());
            return Err(Doubt::new("wrong_signature", text));
        }
        Ok(())
    }

    /// Keys that will do, fetched if need be. Whoever can do with the kept ones waits for nobody.
    async fn keys(self: &Arc<Self>, will_do: impl Fn(&Keys) -> bool) -> Result<Arc<Keys>, Doubt> {
        if let Some(kept) = self.kept().filter(|kept| will_do(&kept.keys)) {
            if kept.at.elapsed() > RENEW {
                self.renew_beside();
            }
            return Ok(kept.keys);
        }
        let mut asked = self.asked.lock().await;
        let before = self.kept();
        if let Some(kept) = before.clone().filter(|kept| will_do(&kept.keys)) {
            return Ok(kept.keys);
        }
        while asked.front().is_some_and(|at| at.elapsed() > ASKED_IN) {
            asked.pop_front();
        }
        if asked.len() < ASKED_MAX {
            asked.push_back(Instant::now());
            return self.renew().await;
        }
        let text = || format!("the keys of `{}` were asked for too often", self.name());
        before.map(|kept| kept.keys).ok_or_else(|| Doubt::new("keys_unavailable", text()))
    }

    /// Gets the first keys. Tokens that come meanwhile wait for these.
    pub(super) async fn warm_up(&self) -> Result<(), Doubt> {
        let _asked = self.asked.lock().await;
        match self.kept() {
            Some(_) => Ok(()),
            None => self.renew().await.map(drop),
        }
    }

    /// Asks the issuer for its keys.
    async fn renew(&self) -> Result<Arc<Keys>, Doubt> {
        let unavailable = |why| Doubt::new("keys_unavailable", why);
        let keys = Arc::new(self.ask().await.map_err(unavailable)?);
        let kept = Kept { keys: Arc::clone(&keys), at: Instant::now() };
        *self.kept.write().unwrap_or_else(PoisonError::into_inner) = Some(kept);
        Ok(keys)
    }

    fn renew_beside(self: &Arc<Self>) {
        let source = Arc::clone(self);
        tokio::spawn(async move {
            // Somebody asks already.
            let Ok(asked) = source.asked.try_lock() else { return };
            if source.kept().is_some_and(|kept| kept.at.elapsed() > RENEW) {
                let _ = source.renew().await;
            }
            drop(asked);
        });
    }

    async fn ask(&self) -> Result<Keys, String> {
        let url = match &self.settings.jwks_url {
            Some(url) => url.clone(),
            None => fetch::discover(&self.fetch, self.name()).await?,
        };
        let keys = Keys::read(self.fetch.get(&url).await?)?;
        match keys.count() {
            0 => Err(format!("`{url}` has no key that can be used")),
            _ => Ok(keys),
        }
    }

    fn kept(&self) -> Option<Kept> {
        let kept = self.kept.read().unwrap_or_else(PoisonError::into_inner);
        kept.clone().filter(|kept| kept.at.elapsed() < KEPT)
    }
}

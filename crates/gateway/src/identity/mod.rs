//! Principals that an issuer vouches for: bearer tokens that are JWTs (RFC 7519), checked as
//! RFC 8725 wants it.
//!
//! text → parts → the issuer it names → an algorithm that is configured → a key of that issuer →
//! signature → claims → grant. Each step only makes the token worth less.

mod algorithm;
mod claims;
mod fetch;
mod jws;
mod keys;
mod source;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use toolgate_policy::Principal;

use crate::clock;
use crate::metrics::Text;
use crate::options::RunError;
use crate::report::report;
use crate::serve::JwtIssuer;

use jws::Jws;
use source::Source;

/// Every issuer whose tokens are taken.
#[derive(Debug, Default)]
pub(crate) struct Issuers {
    sources: Vec<Arc<Source>>,
    refused: Mutex<BTreeMap<&'static str, Refused>>,
}

/// Who a token speaks for, and what it gives.
#[derive(Debug)]
pub(crate) struct Identity {
    pub(crate) principal: Principal,
    pub(crate) grant: String,
    /// When the token is taken no more.
    pub(crate) ends_ms: u64,
}

/// Why a token is of no use.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Doubt {
    /// For counting: one of the program's own words.
    pub(crate) code: &'static str,
    /// For the operator. Nothing of the token is in it but names that are configured.
    pub(crate) text: String,
}

/// Of valid tokens, this one gives nothing here.
pub(crate) const NO_GRANT: &str = "no_grant";

#[derive(Debug)]
struct Refused {
    count: u64,
    told: Instant,
}

/// Whoever sends bad tokens could fill the operator's disk: of each kind so many are told.
const TELL_EVERY: Duration = Duration::from_secs(1);

impl Issuers {
    pub(crate) fn new(settings: &[JwtIssuer]) -> Result<Self, RunError> {
        let sources = settings.iter().map(|one| Source::new(one).map(Arc::new));
        Ok(Self { sources: sources.collect::<Result<_, _>>()?, refused: Mutex::default() })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.sources.is_empty()
    }

    /// `iss` of each.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.settings.issuer.as_str())
    }

    /// `aud` of each.
    pub(crate) fn audiences(&self) -> impl Iterator<Item = &str> {
        self.sources.iter().map(|source| source.settings.audience.as_str())
    }

    /// Gets every issuer's keys, so that the first client need not wait, and the operator hears at
    /// once of what cannot be reached.
    pub(crate) async fn warm_up(&self) {
        for source in &self.sources {
            if let Err(doubt) = source.warm_up().await {
                report(&format!("tokens of `{}` are refused: {}", source.name(), doubt.text));
            }
        }
    }

    pub(crate) async fn identify(&self, token: &str) -> Result<Identity, Doubt> {
        let known = self.check(token).await;
        if let Err(doubt) = &known {
            self.note(doubt.code, &doubt.text);
        }
        known
    }

    /// Counts a token that was refused, and tells the operator.
    pub(crate) fn note(&self, code: &'static str, text: &str) {
        let mut refused = self.refused();
        let now = Instant::now();
        match refused.get_mut(code) {
            Some(kind) => {
                kind.count += 1;
                if now.duration_since(kind.told) < TELL_EVERY {
                    return;
                }
                kind.told = now;
            }
            None => drop(refused.insert(code, Refused { count: 1, told: now })),
        }
        report(&format!("refused a token: {text}"));
    }

    pub(crate) fn write_metrics(&self, text: &mut Text) {
        text.family("toolgate_tokens_refused_total", "counter", "Tokens refused, by reason.");
        for (reason, refused) in self.refused().iter() {
            text.sample("", &[("reason", reason)], refused.count);
        }
    }

    async fn check(&self, token: &str) -> Result<Identity, Doubt> {
        let jws = Jws::read(token)?;
        let issuer = claims::issuer(&jws)?;
        let source = self.sources.iter().find(|source| source.settings.issuer == issuer);
        let source = source.ok_or(Doubt::new("unknown_issuer", "its `iss` is not configured"))?;
        source.verify(&jws).await?;
        claims::check(&jws, &source.settings, clock::wall_ms() / 1000)
    }

    fn refused(&self) -> MutexGuard<'_, BTreeMap<&'static str, Refused>> {
        self.refused.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Doubt {
    fn new(code: &'static str, text: impl Into<String>) -> Self {
        Self { code, text: text.into() }
    }
}

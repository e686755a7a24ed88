//! Who may come in: the one place where somebody becomes somebody.

use hyper::header::HeaderValue;
use hyper::{HeaderMap, Method, Response, StatusCode};

use crate::downstream::http::{
    Admitted, Asked, Body, Bounds, Door, Edge, Entered, Rejection, bearer,
};
use crate::identity::{self, Identity};

use super::house::House;
use super::registry::Wanted;
use super::{pages, resource};

const NO_GRANT: Rejection =
    Rejection(StatusCode::FORBIDDEN, "the token is valid, but gives no grant here");

impl Door for House {
    fn edge(&self) -> &Edge {
        &self.edge
    }

    fn bounds(&self) -> &Bounds {
        &self.bounds
    }

    async fn health(&self, method: &Method, path: &str) -> Option<Response<Body>> {
        pages::health(self, method, path).await
    }

    fn page(&self, asked: Asked<'_>) -> Option<Response<Body>> {
        if asked.path == "/metrics" && self.options.telemetry.metrics {
            return Some(pages::metrics(self, asked.method));
        }
        asked.path.starts_with("/.well-known/").then(|| resource::page(self, asked))
    }

    fn challenge(&self, asked: Asked<'_>) -> HeaderValue {
        resource::challenge(self, asked)
    }

    fn note_rejected(&self, status: StatusCode) {
        self.metrics.rejected(status);
    }

    async fn enter(&self, path: &str, headers: &HeaderMap) -> Result<Admitted, Rejection> {
        let token = bearer(headers).ok_or(Rejection::UNAUTHORIZED)?;
        let identity = self.identity(token).await?;
        let holder = |house: &Self| match &identity {
            Some(identity) => house.read().registry.vouched(identity).ok_or(NO_GRANT),
            None => house.read().registry.holder(token),
        };
        let wanted = |house: &Self| {
            let holder = holder(house)?;
            house.read().registry.wanted(path, holder)
        };
        let mut found = wanted(self);
        // Whoever was let in a moment ago is not turned away.
        if found.is_err() && self.look().is_ok() {
            found = wanted(self);
        }
        let place = match found? {
            Wanted::Hall(holder) => Entered::Hall(self.hall(&holder)?),
            Wanted::Room(caller) => Entered::Room(self.room(caller).await?),
        };
        Ok(Admitted { place, ends_ms: identity.map(|identity| identity.ends_ms) })
    }
}

impl House {
    /// Whom an issuer says the token is; nothing where it is for our own tokens to say.
    async fn identity(&self, token: &str) -> Result<Option<Identity>, Rejection> {
        if self.issuers.is_empty() || !token.contains('.') {
            return Ok(None);
        }
        match self.issuers.identify(token).await {
            Ok(identity) => Ok(Some(identity)),
            Err(doubt) if doubt.code == identity::NO_GRANT => Err(NO_GRANT),
            Err(_) => Err(Rejection::INVALID_TOKEN),
        }
    }
}

//! Requests with the gate's own credential, and once more where the server wants another.

use bytes::Bytes;
use hyper::body::Incoming;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};

use crate::upstream::Failure;
use crate::upstream::auth::AuthError;
use crate::upstream::departure::Departure;

use super::answer;
use super::target::Target;

/// What a request carries beside the operator's headers; nothing where no credential is used.
type Credential = Option<HeaderValue>;

/// Why there is no response.
#[derive(Debug)]
pub(in crate::upstream) enum SendError {
    Http(hyper_util::client::legacy::Error),
    /// Nothing was sent: there is no credential.
    NoCredential(AuthError),
    /// The server answered 401, and no better credential can be had.
    Unauthorized(AuthError),
}

pub(in crate::upstream) type Sent = Result<Response<Incoming>, SendError>;

impl Target {
    /// Sends one request, twice at most.
    pub(in crate::upstream) async fn send(
        &self,
        method: Method,
        extra: HeaderMap,
        body: Bytes,
    ) -> Sent {
        let first = self.credential().await?;
        let sent = self.attempt(&method, extra.clone(), body.clone(), &first).await?;
        match self.renewed(&first, &sent).await? {
            Some(second) => self.attempt(&method, extra, body, &Some(second)).await,
            None => Ok(sent),
        }
    }

    /// The same for what may only go while it is permitted, each time anew.
    pub(in crate::upstream) async fn post(
        &self,
        extra: HeaderMap,
        body: Bytes,
        mut leaving: Departure<'_>,
    ) -> Result<Response<Incoming>, Failure> {
        if self.authorizer.is_none() {
            // Nothing to try again with, so nothing is copied for that.
            leaving.start()?;
            return self.attempt(&Method::POST, extra, body, &None).await.map_err(failed);
        }
        let first = self.credential().await.map_err(failed)?;
        leaving.start()?;
        let sent = self.attempt(&Method::POST, extra.clone(), body.clone(), &first).await;
        let sent = sent.map_err(failed)?;
        let Some(second) = self.renewed(&first, &sent).await.map_err(failed)? else {
            return Ok(sent);
        };
        leaving.came_back();
        leaving.start()?;
        self.attempt(&Method::POST, extra, body, &Some(second)).await.map_err(failed)
    }

    /// May take as long as an authorization server takes.
    async fn credential(&self) -> Result<Credential, SendError> {
        match &self.authorizer {
            Some(authorizer) => authorizer.header().await.map_err(SendError::NoCredential),
            None => Ok(None),
        }
    }

    /// What to send the same request with once more. Only after a 401, which executes nothing.
    async fn renewed(
        &self,
        used: &Credential,
        response: &Response<Incoming>,
    ) -> Result<Credential, SendError> {
        let Some(authorizer) = &self.authorizer else { return Ok(None) };
        if response.status() != StatusCode::UNAUTHORIZED {
            return Ok(None);
        }
        let renewed = authorizer.refused(used.as_ref(), response.headers()).await;
        renewed.map_err(SendError::Unauthorized)
    }

    async fn attempt(
        &self,
        method: &Method,
        mut headers: HeaderMap,
        body: Bytes,
        credential: &Credential,
    ) -> Sent {
        if let Some(credential) = credential {
            headers.insert(AUTHORIZATION, credential.clone());
        }
        let sent = self.once(method.clone(), headers, body).await.map_err(SendError::Http)?;
        if credential.is_some()
            && sent.status() != StatusCode::UNAUTHORIZED
            && let Some(authorizer) = &self.authorizer
        {
            authorizer.note_accepted();
        }
        Ok(sent)
    }
}

impl SendError {
    /// Whether the server has heard nothing of it.
    pub(super) fn is_unsent(&self) -> bool {
        match self {
            Self::Http(error) => error.is_connect(),
            Self::NoCredential(_) => true,
            Self::Unauthorized(_) => false,
        }
    }

    /// What the client hears.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Http(error) => {
                format!("the server cannot be reached: {}", answer::causes(error))
            }
            Self::NoCredential(error) | Self::Unauthorized(error) => error.for_client(),
        }
    }
}

/// A connection that never came about has carried nothing.
pub(in crate::upstream) fn received(sent: Sent) -> Result<Response<Incoming>, Failure> {
    sent.map_err(failed)
}

#[expect(clippy::needless_pass_by_value, reason = "it maps errors")]
fn failed(error: SendError) -> Failure {
    let text = error.text();
    if error.is_unsent() { Failure::Unsent(text) } else { Failure::Lost(text) }
}

//! Requests with the gate's own credential, and once more where the server wants another.

use bytes::Bytes;
use hyper::header::{AUTHORIZATION, HeaderMap, HeaderValue};
use hyper::{Method, Response, StatusCode};

use crate::upstream::Failure;
use crate::upstream::auth::AuthError;
use crate::upstream::departure::Departure;

use super::answer;
use super::pool::{Body, Unanswered};
use super::target::Target;

/// What a request carries beside the operator's headers; nothing where no credential is used.
type Credential = Option<HeaderValue>;

/// Why there is no response.
#[derive(Debug)]
pub(in crate::upstream) enum SendError {
    Http(Unanswered),
    /// It may not go, or not any more.
    Kept(Failure),
    /// Nothing was sent: there is no credential.
    NoCredential(AuthError),
    /// The server answered 401, and no better credential can be had.
    Unauthorized(AuthError),
}

pub(in crate::upstream) type Sent = Result<Response<Body>, SendError>;

impl Target {
    /// Sends one request, twice at most.
    pub(in crate::upstream) async fn send(
        &self,
        method: Method,
        extra: HeaderMap,
        body: Bytes,
    ) -> Sent {
        let first = self.credential().await?;
        let sent = self.attempt(&method, (extra.clone(), body.clone()), &first, None).await?;
        match self.renewed(&first, &sent).await? {
            Some(second) => self.attempt(&method, (extra, body), &Some(second), None).await,
            None => Ok(sent),
        }
    }

    /// The same for what may only go while it is permitted, each time anew.
    pub(in crate::upstream) async fn post(
        &self,
        extra: HeaderMap,
        body: Bytes,
        mut leaving: Departure<'_>,
    ) -> Result<Response<Body>, Failure> {
        let (method, leaving) = (Method::POST, &mut leaving);
        if self.authorizer.is_none() {
            // Nothing to try again with, so nothing is copied for that.
            return self.once(method, extra, body, Some(leaving)).await.map_err(failed);
        }
        let first = self.credential().await.map_err(failed)?;
        let copy = (extra.clone(), body.clone());
        let sent = self.attempt(&method, copy, &first, Some(leaving)).await.map_err(failed)?;
        let Some(second) = self.renewed(&first, &sent).await.map_err(failed)? else {
            return Ok(sent);
        };
        leaving.came_back();
        let sent = self.attempt(&method, (extra, body), &Some(second), Some(leaving)).await;
        sent.map_err(failed)
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
        response: &Response<Body>,
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
        (mut headers, body): (HeaderMap, Bytes),
        credential: &Credential,
        leaving: Option<&mut Departure<'_>>,
    ) -> Sent {
        if let Some(credential) = credential {
            headers.insert(AUTHORIZATION, credential.clone());
        }
        let sent = self.once(method.clone(), headers, body, leaving).await?;
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
            Self::Http(Unanswered::Unsent(_)) | Self::Kept(_) | Self::NoCredential(_) => true,
            Self::Http(Unanswered::Lost(_)) | Self::Unauthorized(_) => false,
        }
    }

    /// What the client hears.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Http(error) => {
                format!("the server cannot be reached: {}", answer::causes(error))
            }
            Self::Kept(_) => "the request was not sent".to_owned(),
            Self::NoCredential(error) | Self::Unauthorized(error) => error.for_client(),
        }
    }
}

/// A connection that never came about has carried nothing.
pub(in crate::upstream) fn received(sent: Sent) -> Result<Response<Body>, Failure> {
    sent.map_err(failed)
}

fn failed(error: SendError) -> Failure {
    let error = match error {
        SendError::Kept(failure) => return failure,
        error => error,
    };
    let text = error.text();
    if error.is_unsent() { Failure::Unsent(text) } else { Failure::Lost(text) }
}

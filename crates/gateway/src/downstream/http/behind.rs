//! What a client's messages go to.

use std::sync::Arc;

use bytes::Bytes;
use toolgate_protocol::{Message, Refusal};

use crate::outbox::Outbox;
use crate::request::Request;
use crate::request::Work;
use crate::session::Session;

use super::gathered::Gathered;

#[derive(Clone, Debug)]
pub(super) enum Behind {
    /// All servers of a grant.
    All(Arc<Gathered>),
    /// One server.
    One(Arc<Session>),
}

impl Behind {
    /// What is left to be done for a request goes on by itself if it is dropped.
    pub(super) async fn take(
        &self,
        message: Message,
        replies: Outbox,
    ) -> Option<(Arc<Request>, Work)> {
        match self {
            Self::All(gathered) => {
                gathered.take(message, replies).await.map(|request| (request, Work::default()))
            }
            Self::One(session) => session.begin(message, replies, None).await,
        }
    }

    pub(super) fn split(&self, text: &Bytes) -> Result<Vec<Bytes>, Refusal> {
        match self {
            Self::All(gathered) => gathered.split(text),
            Self::One(session) => session.split(text),
        }
    }

    /// Some request that the client waits for.
    pub(super) fn any_open(&self) -> Option<Arc<Request>> {
        match self {
            Self::All(gathered) => gathered.any_open(),
            Self::One(session) => session.any_open(),
        }
    }

    /// The client left without waiting.
    pub(super) fn abandon(&self, request: &Request) {
        match self {
            Self::All(gathered) => gathered.abandon(request),
            Self::One(session) => session.abandon(request),
        }
    }

    /// Nothing more will come from the client.
    pub(super) async fn close(&self) {
        match self {
            Self::All(gathered) => gathered.close(),
            Self::One(session) => session.close().await,
        }
    }

    /// The one server.
    pub(super) fn one(&self) -> Option<Arc<Session>> {
        match self {
            Self::All(_) => None,
            Self::One(session) => Some(Arc::clone(session)),
        }
    }
}

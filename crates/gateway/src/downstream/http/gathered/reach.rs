//! One server, as one client has it.

use std::sync::Arc;

use toolgate_protocol::gather::has;

use crate::outbox::Outbox;
use crate::session::Session;

use super::inner::Inner;
use super::{Gathered, Kind, own};

/// A way to one server.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) server: String,
    pub(super) session: Arc<Session>,
    /// Of a legacy client; held, so that it is not closed in between.
    inner: Option<Arc<Inner>>,
}

impl Target {
    fn legacy(server: &str, inner: Arc<Inner>) -> Self {
        let session = Arc::clone(&inner.session);
        Self { server: server.to_owned(), session, inner: Some(inner) }
    }

    /// Where the server's own words go while it is asked something.
    pub(super) fn asides(&self) -> Option<&Outbox> {
        self.inner.as_deref().map(Inner::asides)
    }

    /// Whether the server says that it can do this. A modern server need not say.
    pub(super) fn can(&self, what: &str) -> bool {
        let introduction = self.inner.as_ref().map(|inner| inner.introduction.document());
        introduction.is_none_or(|introduction| has(introduction, what))
    }
}

impl Gathered {
    /// The way to a server if it is there at once.
    pub(super) fn ready(&self, server: &str) -> Option<Target> {
        let inner = self.as_legacy()?.open_now(server)?;
        Some(Target::legacy(server, inner))
    }

    /// The way to a server, for a question of our own. Whoever waits sets a bound.
    pub(super) async fn reach(&self, server: &str) -> Result<Target, String> {
        match &self.kind {
            Kind::Legacy(legacy) => Ok(Target::legacy(server, legacy.reach(server).await?)),
            Kind::Modern(_) => {
                let session = self.modern_session(server).await?;
                Ok(Target { server: server.to_owned(), session: Arc::new(session), inner: None })
            }
        }
    }

    /// The same for the client's own request, waiting a bounded time.
    pub(super) async fn reach_for_client(&self, server: &str) -> Result<Target, String> {
        let reach = async {
            match &self.kind {
                Kind::Legacy(_) => self.reach(server).await,
                Kind::Modern(mirrored) => {
                    let session = self.modern_session(server).await?;
                    let session = Arc::new(session.with_mirrored(mirrored.clone()));
                    Ok(Target { server: server.to_owned(), session, inner: None })
                }
            }
        };
        let reached = tokio::time::timeout(own::WAIT, reach).await;
        let reached = reached.unwrap_or_else(|_| Err("it does not come up".to_owned()));
        if let Err(why) = &reached {
            self.hall.left_out(server, why);
        }
        reached
    }

    async fn modern_session(&self, server: &str) -> Result<Session, String> {
        let room = self.hall.rooms.room(server).await?;
        room.modern.session(&room).await.map_err(|error| error.text)
    }
}

//! A server that does not answer in time is not waited for any longer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, sleep_until};

use crate::relay::Outbound;
use crate::request::{Request, Sending};
use crate::session::Session;
use crate::upstream::{Failure, Pending, Reply};

/// When an answer must be there; nothing for what may take as long as it likes.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deadline(Option<(Instant, Duration)>);

impl Deadline {
    pub(crate) const NONE: Self = Self(None);

    pub(crate) fn after(patience: Option<Duration>) -> Self {
        // A time that no clock can tell never comes.
        let until = |patience| Some((Instant::now().checked_add(patience)?, patience));
        Self(patience.and_then(until))
    }

    /// Puts a request in the server's queue.
    pub(crate) async fn start(
        self,
        session: &Session,
        outbound: Outbound,
        request: &Arc<Request>,
        sending: Sending,
    ) -> Result<Pending, Failure> {
        let starting = session.upstream.start(outbound, Arc::clone(request), sending);
        self.bound(session, request, starting).await
    }

    /// Waits for the answer to what was started.
    pub(crate) async fn reply(
        self,
        session: &Session,
        request: &Arc<Request>,
        pending: Pending,
    ) -> Result<Reply, Failure> {
        self.bound(session, request, pending).await
    }

    async fn passes(self) -> Duration {
        match self.0 {
            Some((until, patience)) => {
                sleep_until(until).await;
                patience
            }
            None => std::future::pending().await,
        }
    }

    async fn bound<T>(
        self,
        session: &Session,
        request: &Arc<Request>,
        doing: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let failure = tokio::select! {
            done = doing => return done,
            patience = self.passes() => Failure::TimedOut(patience),
            // The right to be here has ended, and with it the right to hear the answer.
            () = session.gate.closed() => Failure::Left,
            // What has no deadline is nothing that a gateway which stops would wait for.
            () = session.gate.stopped(), if self.0.is_none() => Failure::Left,
        };
        // The server hears of it, and what has not been sent is not sent any more.
        session.abandon(request);
        Err(failure)
    }
}

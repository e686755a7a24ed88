//! A server that does not answer in time is not waited for any longer.

use std::sync::Arc;
use std::time::Duration;

use tokio::time::{Instant, timeout_at};

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

    async fn bound<T>(
        self,
        session: &Session,
        request: &Arc<Request>,
        doing: impl Future<Output = Result<T, Failure>>,
    ) -> Result<T, Failure> {
        let Some((until, patience)) = self.0 else { return doing.await };
        let failure = tokio::select! {
            done = timeout_at(until, doing) => match done {
                Ok(done) => return done,
                Err(_) => Failure::TimedOut(patience),
            },
            // The right to be here has ended, and with it the right to hear the answer.
            () = session.gate.closed() => Failure::Left,
        };
        // The server hears of it, and what has not been sent is not sent any more.
        session.abandon(request);
        Err(failure)
    }
}

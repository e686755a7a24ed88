//! Requests that were handed to a server and wait for its answer.

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use hashbrown::HashMap;
use tokio::sync::oneshot;
use tokio::time::{Instant, sleep};
use toolgate_protocol::{Id, Message};

use crate::request::Request;

use super::{Failure, Pending, Reply};

/// Keyed by the id on the wire.
#[derive(Debug, Default)]
pub(crate) struct Waiters(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    waiting: HashMap<Id, Waiter>,
    /// Set once no answer can come any more.
    ended: Option<String>,
}

/// One request and the way back to whoever waits for its answer.
#[derive(Debug)]
pub(crate) struct Waiter {
    reply: oneshot::Sender<Result<Reply, Failure>>,
    pub(crate) request: Arc<Request>,
    /// The `progressToken` on the wire, as it was written.
    progress: Option<Vec<u8>>,
}

const LOOK: Duration = Duration::from_millis(10);

impl Waiter {
    /// Whoever waited may be gone: then nobody needs the answer.
    pub(crate) fn settle(self, reply: Result<Reply, Failure>) {
        let _ = self.reply.send(reply);
    }
}

impl Waiters {
    /// Registers a request before any byte of it is sent.
    pub(crate) fn expect(
        &self,
        id: Id,
        request: Arc<Request>,
        progress: Option<Vec<u8>>,
    ) -> Result<Pending, Failure> {
        let mut state = self.state();
        if let Some(why) = &state.ended {
            return Err(Failure::Unsent(why.clone()));
        }
        if state.waiting.contains_key(&id) {
            return Err(Failure::Unsent("the id is already in flight".to_owned()));
        }
        let (reply, pending) = oneshot::channel();
        state.waiting.insert(id, Waiter { reply, request, progress });
        Ok(Pending { exchange: None, reply: pending })
    }

    pub(crate) fn remove(&self, id: &Id) -> Option<Waiter> {
        self.state().waiting.remove(id)
    }

    /// The request with this id on the wire, and the progress token its client gave it.
    pub(crate) fn about(&self, id: &Id) -> Option<(Arc<Request>, Option<Vec<u8>>)> {
        let state = self.state();
        let waiter = state.waiting.get(id)?;
        Some((Arc::clone(&waiter.request), waiter.progress.clone()))
    }

    /// Takes a request out, whatever its id on the wire.
    pub(crate) fn withdraw(&self, request: &Request) -> Option<(Id, Waiter)> {
        let mut state = self.state();
        let same = |waiter: &Waiter| std::ptr::eq(Arc::as_ptr(&waiter.request), request);
        let id = state.waiting.iter().find(|(_, waiter)| same(waiter))?.0.clone();
        let waiter = state.waiting.remove(&id)?;
        Some((id, waiter))
    }

    /// The request whose progress this notification tells.
    pub(crate) fn in_progress(&self, notification: &Message) -> Option<Arc<Request>> {
        if !notification.is_method("notifications/progress") {
            return None;
        }
        let token = notification.params()?.get("progressToken")?.raw();
        let state = self.state();
        let waiter = state.waiting.values().find(|w| w.progress.as_deref() == Some(token))?;
        Some(Arc::clone(&waiter.request))
    }

    /// The request that waits, if there is just one: the only one that an unreadable answer can
    /// have been meant for.
    pub(crate) fn only(&self) -> Option<Waiter> {
        let mut state = self.state();
        let id = (state.waiting.len() == 1).then(|| state.waiting.keys().next().cloned())??;
        state.waiting.remove(&id)
    }

    pub(crate) fn is_idle(&self) -> bool {
        self.state().waiting.is_empty()
    }

    /// Waits until nobody waits any more, or the time is up.
    pub(crate) async fn drained(&self, patience: Duration) {
        self.becomes(patience, |state| state.waiting.is_empty()).await;
    }

    /// Waits until no answer can come any more, or the time is up.
    pub(crate) async fn ended(&self, patience: Duration) {
        self.becomes(patience, |state| state.ended.is_some()).await;
    }

    async fn becomes(&self, patience: Duration, test: impl Fn(&State) -> bool) {
        let until = Instant::now() + patience;
        while !test(&self.state()) && Instant::now() < until {
            sleep(LOOK).await;
        }
    }

    /// Nothing more will be answered.
    pub(crate) fn end(&self, why: &str) {
        let waiting = {
            let mut state = self.state();
            state.ended.get_or_insert_with(|| why.to_owned());
            std::mem::take(&mut state.waiting)
        };
        for waiter in waiting.into_values() {
            let failure = if waiter.request.is_sent() { Failure::Lost } else { Failure::Unsent };
            waiter.settle(Err(failure(why.to_owned())));
        }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

//! Requests that one client waits for, and where they went.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use tokio::task::AbortHandle;
use toolgate_json::Value;
use toolgate_protocol::{Id, Message};

use crate::request::Request;
use crate::session::Session;

#[derive(Debug, Default)]
pub(super) struct Table(Mutex<HashMap<Id, Open>>);

#[derive(Debug)]
struct Open {
    request: Arc<Request>,
    /// Its `progressToken` as the client wrote it.
    progress: Option<Vec<u8>>,
    /// Whoever works on it. Ended, it takes back what it has sent.
    task: Option<AbortHandle>,
    /// The one server it went to.
    at: Option<Weak<Session>>,
}

/// Requests of one client that may be in flight at the same time.
const OPEN_MAX: usize = 1024;

impl Table {
    pub(super) fn open(
        &self,
        request: &Arc<Request>,
        message: &Message,
    ) -> Result<(), &'static str> {
        let mut open = self.all();
        if open.contains_key(&request.id) {
            return Err("a request with this id is already in flight");
        }
        if open.len() >= OPEN_MAX {
            return Err("too many requests in flight");
        }
        let token = message.meta().and_then(|meta| meta.get("progressToken"));
        let progress = token.map(|token| token.raw().to_vec());
        let one = Open { request: Arc::clone(request), progress, task: None, at: None };
        open.insert(request.id.clone(), one);
        Ok(())
    }

    pub(super) fn set_task(&self, request: &Arc<Request>, task: AbortHandle) {
        if let Some(one) = self.all().get_mut(&request.id).filter(|one| one.is(request)) {
            one.task = Some(task);
        }
    }

    pub(super) fn set_server(&self, request: &Arc<Request>, session: &Arc<Session>) {
        if let Some(one) = self.all().get_mut(&request.id).filter(|one| one.is(request)) {
            one.at = Some(Arc::downgrade(session));
        }
    }

    pub(super) fn remove(&self, request: &Arc<Request>) {
        let mut open = self.all();
        if open.get(&request.id).is_some_and(|one| one.is(request)) {
            open.remove(&request.id);
        }
    }

    pub(super) fn any(&self) -> Option<Arc<Request>> {
        self.all().values().next().map(|one| Arc::clone(&one.request))
    }

    /// Nobody waits for the request any more.
    pub(super) fn abort(&self, id: &Id) {
        let Some(one) = self.all().remove(id) else { return };
        one.request.settle();
        one.request.note_unanswered();
        if let Some(task) = one.task {
            task.abort();
        }
    }

    /// The client took a request back: the server that has it, or none where several have it or
    /// it was not sent yet; then it ends here.
    pub(super) fn cancel(&self, notification: &Message) -> Option<Arc<Session>> {
        let id = notification.params()?.get("requestId").and_then(Id::read)?;
        let at = self.all().get(&id)?.at.clone();
        if let Some(session) = at.and_then(|session| session.upgrade()) {
            return Some(session);
        }
        self.abort(&id);
        None
    }

    /// Whether a server speaks of the progress of a request that another one has.
    pub(super) fn is_foreign(&self, from: &Arc<Session>, token: Value<'_>) -> bool {
        let open = self.all();
        let same = |one: &&Open| one.progress.as_deref() == Some(token.raw());
        let there = |one: &Open| one.at.as_ref().map(Weak::as_ptr) == Some(Arc::as_ptr(from));
        open.values().find(same).is_some_and(|one| !there(one))
    }

    pub(super) fn end(&self) {
        for task in self.all().drain().filter_map(|(_, one)| one.task) {
            task.abort();
        }
    }

    fn all(&self) -> MutexGuard<'_, HashMap<Id, Open>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Open {
    fn is(&self, request: &Arc<Request>) -> bool {
        Arc::ptr_eq(&self.request, request)
    }
}

//! What happens to a message, whatever transport it came by.

use std::collections::HashMap;
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use super::answer::{
    Answer, Fault, Gather, INVALID_REQUEST, Outcome, Outlet, UNSUPPORTED_VERSION, notification,
};
use super::call::{self, Call};
use super::flags::{EraFlag, Flags};
use super::legacy;
use super::modern;
use super::recorder::Recorder;
use super::session::{Era, Session};
use super::shelf::Shelf;
use crate::guard::lock;

pub(crate) struct Core {
    pub(crate) flags: Flags,
    pub(crate) shelf: Shelf,
    pub(crate) recorder: Recorder,
    /// Rounds left of each `requestState` given out; each is good for one retry.
    pub(crate) states: Mutex<HashMap<String, u64>>,
    listeners: Mutex<Vec<Listener>>,
    counter: AtomicU64,
}

/// Who hears that the list of tools changed, and resources with it.
pub(crate) struct Listener {
    pub(crate) outlet: Arc<dyn Outlet>,
    /// The id of the `subscriptions/listen`; none for a legacy session.
    pub(crate) subscription: Option<Value>,
    pub(crate) tools: bool,
    /// Of the resources.
    pub(crate) uris: Vec<Value>,
}

impl Listener {
    fn hears(&self, method: &str, mut params: Value) -> bool {
        if let Some(id) = &self.subscription {
            params["_meta"] = json!({modern::SUBSCRIPTION: id});
        }
        let params = Some(params).filter(|params| params != &json!({}));
        self.outlet.send(notification(method, params))
    }
}

/// One request, with everything that its answer depends on.
#[derive(Clone)]
pub(crate) struct Context {
    pub(crate) core: Arc<Core>,
    pub(crate) session: Arc<Session>,
    pub(crate) outlet: Arc<dyn Outlet>,
    pub(crate) era: Era,
    pub(crate) id: Value,
}

/// An outcome now, or one that comes through the outlet later.
pub(crate) enum Reply {
    Later,
    Now(Outcome),
}

impl Core {
    pub(crate) fn new(flags: Flags) -> io::Result<Arc<Core>> {
        let recorder = Recorder::open(flags.ledger.as_deref())?;
        Ok(Arc::new(Core {
            flags,
            shelf: Shelf::new(),
            recorder,
            states: Mutex::new(HashMap::new()),
            listeners: Mutex::new(Vec::new()),
            counter: AtomicU64::new(1),
        }))
    }

    /// A number that this process gives out once.
    pub(crate) fn number(&self) -> u64 {
        self.counter.fetch_add(1, Ordering::Relaxed)
    }

    /// Handles one message. The answer comes back at once, or through `outlet` later, or never.
    pub(crate) fn receive(
        self: &Arc<Core>,
        session: &Arc<Session>,
        outlet: &Arc<dyn Outlet>,
        message: &Value,
    ) -> Option<Answer> {
        if let Value::Array(items) = message {
            self.batch(session, outlet, items);
            return None;
        }
        let Some(method) = message["method"].as_str() else {
            session.hear(message);
            return None;
        };
        let id = message.get("id").cloned().unwrap_or(Value::Null);
        let context = Context {
            core: Arc::clone(self),
            session: Arc::clone(session),
            outlet: Arc::clone(outlet),
            era: self.era(method, &message["params"]),
            id,
        };
        if context.id.is_null() {
            context.notice(method, &message["params"]);
            return None;
        }
        match context.request(method, &message["params"]) {
            Reply::Later => None,
            Reply::Now(outcome) => Some(context.answer(outcome)),
        }
    }

    /// Batches are executed in every version: a lenient server is the dangerous one.
    fn batch(self: &Arc<Core>, session: &Arc<Session>, outlet: &Arc<dyn Outlet>, items: &[Value]) {
        let expected = items.iter().filter(|item| is_request(item)).count();
        let gather = Arc::new(Gather::new(Arc::clone(outlet), expected));
        let inner: Arc<dyn Outlet> = gather.clone();
        for item in items {
            if let Some(answer) = self.receive(session, &inner, item) {
                gather.finish(answer);
            }
        }
    }

    fn era(&self, method: &str, params: &Value) -> Era {
        let modern = match self.flags.era {
            EraFlag::Dual => method != "initialize" && modern::claims(params),
            EraFlag::Legacy => false,
            EraFlag::Modern => true,
        };
        if modern { Era::Modern } else { Era::Legacy }
    }

    pub(crate) fn listen(&self, listener: Listener) {
        lock(&self.listeners).push(listener);
    }

    pub(crate) fn stop_listening(&self, subscription: &Value) {
        lock(&self.listeners)
            .retain(|listener| listener.subscription.as_ref() != Some(subscription));
    }

    /// Tells all listeners that what they listen to changed, and forgets those who are gone.
    pub(crate) fn list_changed(&self) {
        lock(&self.listeners).retain(|listener| {
            let told = listener
                .uris
                .iter()
                .all(|uri| listener.hears("notifications/resources/updated", json!({"uri": uri})));
            let list = "notifications/tools/list_changed";
            told && (!listener.tools || listener.hears(list, json!({})))
        });
    }
}

/// Whether a message is owed an answer.
pub(crate) fn is_request(message: &Value) -> bool {
    message["method"].is_string() && message.get("id").is_some_and(|id| !id.is_null())
}

impl Context {
    fn request(&self, method: &str, params: &Value) -> Reply {
        if let Some(fault) = self.wrong_era(method, params) {
            return Reply::Now(Err(fault));
        }
        match (self.era, method) {
            (_, "tools/call") => call::run(self, &Call::read(params)),
            (_, "tools/list") => self.list(params),
            (Era::Legacy, _) => legacy::request(self, method, params),
            (Era::Modern, _) => modern::request(self, method, params),
        }
    }

    /// A notification. A `tools/call` without id is executed too: some servers do.
    fn notice(&self, method: &str, params: &Value) {
        match method {
            "notifications/cancelled" => {
                self.session.cancel(&params["requestId"]);
                self.core.stop_listening(&params["requestId"]);
            }
            "tools/call" => drop(call::run(self, &Call::read(params))),
            _ => {}
        }
    }

    fn wrong_era(&self, method: &str, params: &Value) -> Option<Fault> {
        let locked = if self.core.flags.strict_era_lock {
            self.session.lock_era(self.era)
        } else {
            self.era
        };
        match (locked, self.era) {
            (Era::Modern, _) if method == "initialize" => Some(Fault::with(
                UNSUPPORTED_VERSION,
                "the initialize handshake is not accepted here",
                json!({"supported": [crate::MODERN_VERSION],
                       "requested": params["protocolVersion"].as_str().unwrap_or_default()}),
            )),
            (Era::Legacy, Era::Modern) => {
                Some(Fault::new(INVALID_REQUEST, "this connection serves the handshake era"))
            }
            (Era::Modern, _) => modern::envelope_fault(params),
            (Era::Legacy, Era::Legacy) => None,
        }
    }

    fn list(&self, params: &Value) -> Reply {
        let page = self.core.shelf.page(&self.core.flags, params["cursor"].as_str());
        let page = page.map(|result| self.cacheable(result));
        let delay_ms = self.core.flags.delay_list_ms;
        if delay_ms == 0 {
            return Reply::Now(page);
        }
        self.later(async move {
            tokio::time::sleep(std::time::Duration::from_millis(delay_ms)).await;
            page
        })
    }

    /// Modern lists say how long they may be kept and by whom.
    pub(crate) fn cacheable(&self, mut result: Value) -> Value {
        if self.era == Era::Modern {
            result["ttlMs"] = json!(self.core.flags.ttl_ms);
            result["cacheScope"] = json!("public");
        }
        result
    }

    /// Runs the rest in the background; it can be cancelled by the request's id.
    pub(crate) fn later(&self, rest: impl Future<Output = Outcome> + Send + 'static) -> Reply {
        let context = self.clone();
        let task = tokio::spawn(async move {
            let outcome = rest.await;
            if !context.id.is_null() {
                context.outlet.finish(context.answer(outcome));
            }
        });
        self.session.started(&self.id, task.abort_handle(), self.outlet.clone());
        Reply::Later
    }

    pub(crate) fn answer(&self, outcome: Outcome) -> Answer {
        let outcome = match self.era {
            Era::Legacy => outcome,
            Era::Modern => outcome.map(modern::complete),
        };
        call::respell(Answer::new(&self.id, outcome))
    }
}

//! One connection or HTTP session: its era, its version, and what is under way in it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{SystemTime, UNIX_EPOCH};

use serde_json::{Value, json};
use tokio::sync::oneshot;
use tokio::task::AbortHandle;

use super::answer::Outlet;
use crate::guard::lock;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Era {
    Legacy,
    Modern,
}

pub(crate) struct Session {
    pub(crate) id: String,
    /// Fixed by the first request where the era is locked.
    pub(crate) era: Mutex<Option<Era>>,
    /// The legacy version agreed on.
    pub(crate) version: Mutex<Option<String>>,
    /// What the legacy client declared.
    pub(crate) capabilities: Mutex<Value>,
    /// Where messages go that belong to no request.
    pub(crate) general: Arc<dyn Outlet>,
    /// Our requests to a legacy client, by the text of their id.
    asked: Mutex<HashMap<String, oneshot::Sender<Value>>>,
    running: Mutex<HashMap<String, Running>>,
}

struct Running {
    task: AbortHandle,
    outlet: Arc<dyn Outlet>,
}

static SESSIONS: AtomicU64 = AtomicU64::new(1);

impl Session {
    pub(crate) fn new(general: Arc<dyn Outlet>) -> Session {
        let n = SESSIONS.fetch_add(1, Ordering::Relaxed);
        let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Session {
            id: format!("session-{}-{n}-{}", std::process::id(), time.as_nanos()),
            era: Mutex::new(None),
            version: Mutex::new(None),
            capabilities: Mutex::new(json!({})),
            general,
            asked: Mutex::new(HashMap::new()),
            running: Mutex::new(HashMap::new()),
        }
    }

    /// Fixes the era at the first request; later ones hear what was fixed.
    pub(crate) fn lock_era(&self, era: Era) -> Era {
        *lock(&self.era).get_or_insert(era)
    }

    /// Sends a request to the client and waits for its answer, however long that takes.
    pub(crate) async fn ask(&self, outlet: &dyn Outlet, method: &str, params: Value) -> Value {
        static ASKED: AtomicU64 = AtomicU64::new(1);
        let id = format!("sentinel-{}", ASKED.fetch_add(1, Ordering::Relaxed));
        let (sender, answer) = oneshot::channel();
        lock(&self.asked).insert(json!(id).to_string(), sender);
        let request = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        if !outlet.send(request.to_string()) {
            return json!({"error": "the client is gone"});
        }
        answer.await.unwrap_or_else(|_| json!({"error": "the session ended"}))
    }

    /// A response of the client; an unknown one is dropped.
    pub(crate) fn hear(&self, response: &Value) {
        let waiting = lock(&self.asked).remove(&response["id"].to_string());
        if let Some(sender) = waiting {
            // The call that asked may have been cancelled meanwhile.
            drop(sender.send(response.clone()));
        }
    }

    pub(crate) fn started(&self, id: &Value, task: AbortHandle, outlet: Arc<dyn Outlet>) {
        let mut running = lock(&self.running);
        running.retain(|_, running| !running.task.is_finished());
        running.insert(id.to_string(), Running { task, outlet });
    }

    /// Stops what a cancelled or abandoned request began; nobody answers it any more.
    pub(crate) fn cancel(&self, id: &Value) {
        if let Some(running) = lock(&self.running).remove(&id.to_string()) {
            running.task.abort();
            running.outlet.abandon();
        }
    }
}

//! Whether the gateway can do its work.

use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use tokio::sync::Mutex;
use toolgate_store::Store;

#[derive(Debug, Default)]
pub(super) struct Health {
    directory_lost: AtomicBool,
    /// Whoever may connect may ask: the store is not asked each time.
    last: Mutex<Option<(Instant, Result<(), String>)>>,
}

/// So long an answer of the store holds.
const KEPT: Duration = Duration::from_secs(1);

impl Health {
    pub(super) fn note_directory(&self, readable: bool) {
        self.directory_lost.store(!readable, Ordering::Release);
    }

    /// Why no request should come here.
    pub(super) async fn ready(&self, store: &Store) -> Result<(), String> {
        if self.directory_lost.load(Ordering::Acquire) {
            return Err("servers, policies and grants cannot be read".to_owned());
        }
        let mut last = self.last.lock().await;
        if let Some((at, answer)) = &*last
            && at.elapsed() < KEPT
        {
            return answer.clone();
        }
        let answer = store.flush().await.map_err(|error| error.to_string());
        *last = Some((Instant::now(), answer.clone()));
        answer
    }
}

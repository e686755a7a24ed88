//! The order of one client's calls.

use std::sync::{Mutex, PoisonError};

use tokio::sync::oneshot;

/// Hands out turns: a call goes into its server's queue once the call before it is queued, or
/// denied. A client that writes a file and then reads it may send both at once.
#[derive(Debug, Default)]
pub(crate) struct Turns(Mutex<Option<oneshot::Receiver<()>>>);

/// One call's place; the next one's begins when this is dropped.
#[derive(Debug)]
pub(crate) struct Turn {
    before: Option<oneshot::Receiver<()>>,
    _done: oneshot::Sender<()>,
}

impl Turns {
    pub(crate) fn take(&self) -> Turn {
        let (done, behind) = oneshot::channel();
        let mut last = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        Turn { before: last.replace(behind), _done: done }
    }
}

impl Turn {
    /// Waits for the call before.
    pub(crate) async fn come(&mut self) {
        if let Some(before) = self.before.take() {
            // It ends by being dropped: nobody sends.
            let _ = before.await;
        }
    }
}

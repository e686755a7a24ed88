//! Waiting with a limit that no honest wait reaches.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tokio::time::timeout;

/// How long a client waits before it calls the rig deadlocked. It never decides an outcome:
/// whoever runs into it has a broken test.
pub const GUARD: Duration = Duration::from_mins(1);

pub(crate) async fn guard<T>(waiting: impl Future<Output = T>, what: &str) -> T {
    let outcome = timeout(GUARD, waiting).await;
    assert!(outcome.is_ok(), "waited {GUARD:?} for {what}");
    #[expect(clippy::unwrap_used, reason = "asserted in the line above")]
    outcome.unwrap()
}

/// A panic while holding a lock has already failed the test; go on with what is there.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

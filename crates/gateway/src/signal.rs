//! Signals that end a gate.

use tokio::signal::unix::{SignalKind, signal};

/// Waits for a signal to stop; gives the exit code that goes with it.
pub(crate) async fn stop() -> i32 {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => 130,
        _ = terminate.recv() => 143,
    }
}

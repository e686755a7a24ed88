//! Signals.

use tokio::signal::unix::{Signal, SignalKind, signal};

use crate::options::{RunError, RunErrorKind};

const INTERRUPTED: i32 = 130;
const TERMINATED: i32 = 143;

/// What a serving gateway is told by signals.
#[derive(Debug)]
pub(crate) struct Signals {
    interrupt: Signal,
    terminate: Signal,
    hangup: Signal,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Told {
    /// Read the settings again.
    Renew,
    /// With the exit code of one who does not wait.
    Stop(i32),
}

impl Signals {
    pub(crate) fn new() -> Result<Self, RunError> {
        let listen = |kind| {
            signal(kind).map_err(|error| {
                let text = format!("cannot listen to signals: {error}");
                RunError::new(RunErrorKind::Unexpected, text)
            })
        };
        Ok(Self {
            interrupt: listen(SignalKind::interrupt())?,
            terminate: listen(SignalKind::terminate())?,
            hangup: listen(SignalKind::hangup())?,
        })
    }

    pub(crate) async fn next(&mut self) -> Told {
        tokio::select! {
            Some(()) = self.interrupt.recv() => Told::Stop(INTERRUPTED),
            Some(()) = self.terminate.recv() => Told::Stop(TERMINATED),
            Some(()) = self.hangup.recv() => Told::Renew,
            else => std::future::pending().await,
        }
    }

    pub(crate) async fn stop(&mut self) -> i32 {
        loop {
            if let Told::Stop(code) = self.next().await {
                return code;
            }
        }
    }
}

/// Waits for a signal to stop; gives the exit code that goes with it. A hangup is left as it is: a
/// gate on a terminal ends with it.
pub(crate) async fn stop() -> i32 {
    let (Ok(mut interrupt), Ok(mut terminate)) =
        (signal(SignalKind::interrupt()), signal(SignalKind::terminate()))
    else {
        return std::future::pending().await;
    };
    tokio::select! {
        _ = interrupt.recv() => INTERRUPTED,
        _ = terminate.recv() => TERMINATED,
    }
}

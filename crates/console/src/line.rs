//! One connection, as those know it whose answers take long.

use tokio::sync::watch;

#[derive(Clone, Debug)]
pub(crate) struct Line(watch::Receiver<bool>);

impl Line {
    /// With what is told once the connection is about to be closed.
    pub(crate) fn new() -> (Self, watch::Sender<bool>) {
        let (end, leaving) = watch::channel(false);
        (Self(leaving), end)
    }

    /// Becomes true once it is about to be closed.
    pub(crate) fn leaving(&self) -> watch::Receiver<bool> {
        self.0.clone()
    }
}

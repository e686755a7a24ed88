//! A right that ends at a time: streams that were opened by it end with it.

use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::time::{Sleep, sleep};

use crate::clock;

/// Ready once the time has come. A machine that slept in between is noticed at the next look.
#[derive(Debug)]
pub(crate) struct Ends {
    at_ms: u64,
    sleep: Pin<Box<Sleep>>,
}

impl Ends {
    /// At a time since the Unix epoch.
    pub(super) fn at(at_ms: u64) -> Self {
        let left = Duration::from_millis(at_ms.saturating_sub(clock::wall_ms()));
        Self { at_ms, sleep: Box::pin(sleep(left)) }
    }

    pub(super) fn poll(&mut self, context: &mut Context<'_>) -> Poll<()> {
        while self.sleep.as_mut().poll(context).is_ready() {
            if clock::wall_ms() >= self.at_ms {
                return Poll::Ready(());
            }
            // The clock was set back.
            *self = Self::at(self.at_ms);
        }
        if clock::wall_ms() >= self.at_ms { Poll::Ready(()) } else { Poll::Pending }
    }
}

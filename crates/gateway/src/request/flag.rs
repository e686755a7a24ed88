//! Something that happens once, and can be waited for.

use std::sync::atomic::{AtomicBool, Ordering};

use tokio::sync::Notify;

#[derive(Debug, Default)]
pub(crate) struct Flag {
    raised: AtomicBool,
    told: Notify,
}

impl Flag {
    pub(crate) fn raise(&self) {
        self.raised.store(true, Ordering::Release);
        self.told.notify_waiters();
    }

    pub(crate) fn is_raised(&self) -> bool {
        self.raised.load(Ordering::Acquire)
    }

    /// Resolves once it is raised.
    pub(crate) async fn raised(&self) {
        let mut told = std::pin::pin!(self.told.notified());
        told.as_mut().enable();
        if !self.is_raised() {
            told.await;
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use super::*;

    #[tokio::test]
    async fn whoever_comes_before_or_after_hears_of_it() {
        let flag = Arc::new(Flag::default());
        let early = Arc::clone(&flag);
        let waiting = tokio::spawn(async move { early.raised().await });
        tokio::task::yield_now().await;
        assert!(!flag.is_raised() && !waiting.is_finished());
        flag.raise();
        waiting.await.unwrap();
        flag.raised().await;
    }
}

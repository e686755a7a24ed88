//! Messages that nobody asked for, in the order of their arrival.

use std::collections::VecDeque;
use std::sync::Mutex;

use tokio::sync::Notify;

use crate::guard::{guard, lock};

#[derive(Debug)]
pub(crate) struct Inbox<T> {
    messages: Mutex<(VecDeque<T>, bool)>,
    arrived: Notify,
}

impl<T> Inbox<T> {
    pub(crate) fn new() -> Inbox<T> {
        Inbox { messages: Mutex::new((VecDeque::new(), false)), arrived: Notify::new() }
    }

    pub(crate) fn push(&self, message: T) {
        lock(&self.messages).0.push_back(message);
        self.arrived.notify_waiters();
    }

    /// Nothing more will come.
    pub(crate) fn close(&self) {
        lock(&self.messages).1 = true;
        self.arrived.notify_waiters();
    }

    /// Waits for the next message; none when no more can come.
    pub(crate) async fn next(&self) -> Option<T> {
        loop {
            let arrived = self.arrived.notified();
            tokio::pin!(arrived);
            arrived.as_mut().enable();
            match self.take() {
                (None, false) => guard(arrived, "a message").await,
                (next, _) => return next,
            }
        }
    }

    /// The next message, and whether no more can come.
    fn take(&self) -> (Option<T>, bool) {
        let mut messages = lock(&self.messages);
        (messages.0.pop_front(), messages.1)
    }

    pub(crate) fn drain(&self) -> Vec<T> {
        lock(&self.messages).0.drain(..).collect()
    }
}

//! What a server says over a connection with one stream for everything.

use std::sync::Arc;

use toolgate_protocol::{Id, Message, MessageKind};

use crate::inbox::Inbox;
use crate::relay::Relay;
use crate::report::report;

use super::life::{Life, Stage};
use super::waiters::Waiters;
use super::{Failure, Reply, Sharing, ids};

/// Brings each message to whoever it is for.
#[derive(Debug)]
pub(super) struct Incoming {
    pub(super) inbox: Arc<Inbox>,
    pub(super) waiters: Arc<Waiters>,
    pub(super) life: Arc<Life>,
    pub(super) sharing: Sharing,
}

impl Incoming {
    /// Gives what the server is to be told right away.
    pub(super) async fn message(&self, message: Message) -> Option<Relay> {
        self.life.touch();
        match (message.kind(), self.sharing) {
            (MessageKind::Response, _) => self.answer(message),
            (_, Sharing::Own) => {
                let about = self.waiters.in_progress(&message);
                let about = about.as_ref().map(|request| &request.replies);
                return self.inbox.take(message, about).await;
            }
            // MCP 2026-07-28: a server asks nothing outside an answer. A legacy one was told that
            // nobody here can be asked.
            (MessageKind::Request, Sharing::Shared) => {
                return Relay::pong(&message).or_else(|| Relay::refusal(&message));
            }
            (MessageKind::Notification, Sharing::Shared) => self.tell(message).await,
        }
        None
    }

    fn answer(&self, message: Message) {
        self.life.note(Stage::Answered);
        let Some(waiter) = message.id_key().and_then(|id| self.waiters.remove(&id)) else {
            report("dropped an answer of the server that nobody waits for");
            return;
        };
        let message = match self.sharing {
            Sharing::Own => Some(message),
            Sharing::Shared => ids::incoming(&message, &waiter.request.id_raw),
        };
        let lost = || Failure::Lost("the server's answer is unreadable".to_owned());
        waiter.settle(message.map(|message| Reply { message, status: None }).ok_or_else(lost));
    }

    /// Brings a notification to the one request it is about, in that client's own words.
    async fn tell(&self, message: Message) {
        let subject = ids::subject(&message).and_then(Id::read);
        let Some((request, progress)) = subject.and_then(|id| self.waiters.about(&id)) else {
            // It belongs to no request; the inbox notes what it must know.
            self.inbox.take(message, None).await;
            return;
        };
        // Others wait for this stream: whoever does not read ends what it asked for.
        if request.replies.is_full() {
            let slow = || Failure::Lost("the client reads too slowly".to_owned());
            if let Some((_, waiter)) = self.waiters.withdraw(&request) {
                waiter.settle(Err(slow()));
            }
            return;
        }
        if let Some(message) = ids::told(&message, &request.id_raw, progress.as_deref()) {
            self.inbox.take(message, Some(&request.replies)).await;
        }
    }

    /// Servers print all sorts of things; but an answer that cannot be read will not come twice.
    pub(super) fn unreadable(&self, what: &str, why: &str, answer: bool) {
        let server = self.inbox.server();
        report(&format!("dropped {what} of server `{server}` that is no message: {why}"));
        if let Some(waiter) = answer.then(|| self.waiters.only()).flatten() {
            waiter.settle(Err(Failure::Lost(format!("the server's answer is unreadable: {why}"))));
        }
    }
}

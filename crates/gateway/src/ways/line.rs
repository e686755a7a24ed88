//! Our own questions to a legacy client, while a call of it is open (elicitation).
//!
//! They have ids of ours, in a session where servers ask too: what answers one of ours ends here,
//! and no server hears of it.

use std::collections::HashMap;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use tokio::sync::oneshot;
use toolgate_protocol::elicitation::{self, Abilities, Question, Said};
use toolgate_protocol::version::Version;
use toolgate_protocol::{Id, Message, answer};

use crate::gate::Gate;
use crate::request::Request;

/// The way to whoever sits in front of one legacy client.
#[derive(Debug, Default)]
pub(crate) struct Line(Mutex<State>, AtomicU64);

#[derive(Debug, Default)]
struct State {
    declared: Abilities,
    version: Option<Version>,
    /// Questions that wait, by their ids, and the request that each is about.
    open: HashMap<String, (Id, oneshot::Sender<Message>)>,
}

/// How a question ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Heard {
    /// It cannot ask anybody, whatever it says of itself.
    Cannot,
    /// The client does not wait for its call any more.
    Left,
    /// An error, or what is no answer.
    Nothing,
    Said(Said),
}

impl Line {
    /// What the client declared in its handshake.
    pub(crate) fn declare(&self, abilities: Abilities) {
        self.state().declared = abilities;
    }

    /// What both sides speak.
    pub(crate) fn settle(&self, version: Option<Version>) {
        self.state().version = version;
    }

    pub(super) fn abilities(&self) -> Abilities {
        let state = self.state();
        state.version.map(|version| state.declared.within(version)).unwrap_or_default()
    }

    /// Takes the client's response if it answers one of our questions; else gives it back.
    pub(crate) fn take(&self, response: Message) -> Option<Message> {
        let Some(Id::Text(id)) = response.id_key() else { return Some(response) };
        match self.state().open.remove(&id) {
            Some((_, waiting)) => {
                // Nobody waits for a late one.
                let _ = waiting.send(response);
                None
            }
            None => Some(response),
        }
    }

    /// The client took this request back.
    pub(crate) fn forget(&self, request: &Id) {
        self.state().open.retain(|_, (about, _)| about != request);
    }

    /// Nothing more comes from the client.
    pub(crate) fn close(&self) {
        let mut state = self.state();
        state.open.clear();
        state.version = None;
    }

    /// Asks, and waits for the answer. Dropped before that, the question is taken back.
    pub(super) async fn ask(
        &self,
        gate: &Gate,
        request: &Request,
        question: &Question<'_>,
    ) -> Heard {
        let (waiting, answer) = oneshot::channel();
        let asked = self.open(gate, request, waiting);
        request.replies.aside(question.request(&asked.id)).await;
        let Ok(response) = answer.await else { return Heard::Left };
        let code = response.error().and_then(|error| error.get("code")?.as_number());
        if code.is_some_and(|code| code.parse() == Ok(answer::METHOD_NOT_FOUND)) {
            self.state().declared = Abilities::default();
            return Heard::Cannot;
        }
        response.result().and_then(Said::read).map_or(Heard::Nothing, Heard::Said)
    }

    fn open<'a>(
        &'a self,
        gate: &Gate,
        request: &'a Request,
        waiting: oneshot::Sender<Message>,
    ) -> Asked<'a> {
        let number = self.1.fetch_add(1, Ordering::Relaxed);
        let id = gate.own_id(number);
        self.state().open.insert(id.clone(), (request.id.clone(), waiting));
        Asked { line: self, request, id }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// An open question: nobody is left with one that needs no answer any more.
struct Asked<'a> {
    line: &'a Line,
    request: &'a Request,
    id: String,
}

impl Drop for Asked<'_> {
    fn drop(&mut self) {
        if self.line.state().open.remove(&self.id).is_some() {
            self.request.replies.weak().aside(elicitation::withdraw(&self.id));
        }
    }
}

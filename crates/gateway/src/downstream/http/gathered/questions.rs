//! Requests of servers to the client. Each gets a number of ours, so that two servers' equal ids
//! never meet.

use std::collections::BTreeMap;
use std::ops::Range;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, Weak};

use bytes::Bytes;
use toolgate_protocol::{Id, Message, Side, splice};

use crate::session::Session;

#[derive(Debug, Default)]
pub(super) struct Questions(Mutex<State>);

#[derive(Debug, Default)]
struct State {
    last: i64,
    open: BTreeMap<i64, Question>,
}

#[derive(Debug)]
struct Question {
    from: Weak<Session>,
    /// The id and the progress token as the server wrote them.
    id: Vec<u8>,
    progress: Option<Vec<u8>>,
}

/// Past that, the oldest are not answered any more.
const OPEN_MAX: usize = 4096;

impl Questions {
    /// The request as the client gets it.
    pub(super) fn ask(&self, from: &Arc<Session>, request: &Message) -> Option<Bytes> {
        let id = request.id()?;
        let token = request.meta().and_then(|meta| meta.get("progressToken"));
        let question = Question {
            from: Arc::downgrade(from),
            id: id.raw().to_vec(),
            progress: token.map(|token| token.raw().to_vec()),
        };
        let number = self.keep(question).to_string();
        let mut edits: Vec<(Range<usize>, &[u8])> = vec![(id.span(), number.as_bytes())];
        edits.extend(token.map(|token| (token.span(), number.as_bytes())));
        edits.sort_by_key(|(range, _)| range.start);
        Some(splice(request.bytes(), &edits))
    }

    /// The server that asked, and the client's answer as that server knows it; once.
    pub(super) fn answer(&self, response: &Message) -> Option<(Arc<Session>, Message)> {
        let Id::Number(number) = response.id_key()? else { return None };
        let question = self.state().open.remove(&number)?;
        let text = splice(response.bytes(), &[(response.id()?.span(), &question.id)]);
        Some((question.from.upgrade()?, Message::read(text, Side::Client).ok()?))
    }

    /// The client's progress with a question, for the server that asked.
    pub(super) fn progress(&self, notification: &Message) -> Option<(Arc<Session>, Message)> {
        let token = notification.params()?.get("progressToken")?;
        let Id::Number(number) = Id::read(token)? else { return None };
        let state = self.state();
        let question = state.open.get(&number)?;
        let text = splice(notification.bytes(), &[(token.span(), question.progress.as_ref()?)]);
        Some((question.from.upgrade()?, Message::read(text, Side::Client).ok()?))
    }

    /// A server's word that it takes its question back, under our number.
    pub(super) fn cancelled(&self, from: &Arc<Session>, notification: &Message) -> Option<Bytes> {
        let id = notification.params()?.get("requestId")?;
        let state = self.state();
        let same = |question: &Question| {
            question.id == id.raw() && std::ptr::eq(question.from.as_ptr(), Arc::as_ptr(from))
        };
        let (number, _) = state.open.iter().find(|(_, question)| same(question))?;
        Some(splice(notification.bytes(), &[(id.span(), number.to_string().as_bytes())]))
    }

    fn keep(&self, question: Question) -> i64 {
        let mut state = self.state();
        if state.open.len() >= OPEN_MAX {
            state.open.pop_first();
        }
        state.last += 1;
        let number = state.last;
        state.open.insert(number, question);
        number
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

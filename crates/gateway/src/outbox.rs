//! The way back to a client.

use std::sync::Arc;

use bytes::Bytes;
use tokio::sync::mpsc;
use toolgate_protocol::trace::TraceContext;

use crate::gate::Gate;
use crate::quota::Places;

/// Messages on their way to a client, in order, with a bound.
#[derive(Clone, Debug)]
pub(crate) struct Outbox {
    mail: mpsc::Sender<Mail>,
    /// Requests count as in flight as long as somebody could still answer.
    _places: Option<Arc<Places>>,
    /// The trace that the HTTP request says it is part of, which brought what is answered here.
    heard: Option<Arc<TraceContext>>,
    /// Whose policies say what may be told; those of the connection's opener if it is not said.
    gate: Option<Arc<Gate>>,
}

/// A way to a client that does not keep it waiting for more.
#[derive(Debug)]
pub(crate) struct WeakOutbox(mpsc::WeakSender<Mail>);

pub(crate) type Inward = mpsc::Receiver<Mail>;

/// One message for a client.
#[derive(Debug)]
pub(crate) enum Mail {
    /// What the server says on its own account, about a request perhaps.
    Aside(Bytes),
    /// The answer to a request, and the HTTP status that goes with it where there is a choice.
    Answer(Answer),
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) bytes: Bytes,
    pub(crate) status: Option<u16>,
}

/// Messages that may wait for a client which reads slowly; past that, whoever sends waits.
const WAITING_MAX: usize = 256;

impl Outbox {
    pub(crate) fn new() -> (Self, Inward) {
        let (sender, receiver) = mpsc::channel(WAITING_MAX);
        (Self { mail: sender, _places: None, heard: None, gate: None }, receiver)
    }

    pub(crate) fn holding(self, places: Places) -> Self {
        Self { _places: Some(Arc::new(places)), ..self }
    }

    pub(crate) fn hearing(self, trace: Option<TraceContext>) -> Self {
        Self { heard: trace.map(Arc::new), ..self }
    }

    pub(crate) fn heard(&self) -> Option<&TraceContext> {
        self.heard.as_deref()
    }

    /// For what lasts longer than policies do.
    pub(crate) fn under(self, gate: &Arc<Gate>) -> Self {
        Self { gate: Some(Arc::clone(gate)), ..self }
    }

    pub(crate) fn gate(&self) -> Option<&Arc<Gate>> {
        self.gate.as_ref()
    }

    pub(crate) fn weak(&self) -> WeakOutbox {
        WeakOutbox(self.mail.downgrade())
    }

    /// Waits for room. A client that is gone needs no message.
    pub(crate) async fn aside(&self, message: Bytes) {
        let _ = self.mail.send(Mail::Aside(message)).await;
    }

    /// Whether somebody still takes the mail.
    pub(crate) fn is_open(&self) -> bool {
        !self.mail.is_closed()
    }

    /// Whether a client reads so slowly that whoever tells it more would wait; one place is the
    /// answer's.
    pub(crate) fn is_full(&self) -> bool {
        self.mail.capacity() <= 1
    }

    pub(crate) async fn answer(&self, answer: Answer) {
        let _ = self.mail.send(Mail::Answer(answer)).await;
    }
}

impl WeakOutbox {
    pub(crate) fn is_there(&self) -> bool {
        self.0.strong_count() > 0
    }

    /// Without waiting: a client that does not read misses it.
    pub(crate) fn aside(&self, message: Bytes) {
        if let Some(mail) = self.0.upgrade() {
            let _ = mail.try_send(Mail::Aside(message));
        }
    }
}

impl Mail {
    pub(crate) fn bytes(&self) -> &Bytes {
        match self {
            Self::Answer(Answer { bytes, .. }) | Self::Aside(bytes) => bytes,
        }
    }
}

impl Answer {
    /// With whatever status the transport gives an answer.
    pub(crate) fn plain(bytes: Bytes) -> Self {
        Self { bytes, status: None }
    }
}

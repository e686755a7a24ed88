//! A server as a child process: one message per line on its standard input and output.

use std::sync::Arc;
use std::time::Duration;

use bytes::BytesMut;
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::ChildStdout;
use tokio::sync::{mpsc, watch};
use toolgate_protocol::frame::{Line, Lines};
use toolgate_protocol::{Message, Side, one_line};

use crate::inbox::Inbox;
use crate::relay::{Outbound, Relay};
use crate::request::{Request, Sending};

use super::incoming::Incoming;
use super::life::{Life, Stage};
use super::queue::{Item, Queued, Writer};
use super::stderr::Words;
use super::supervisor::Watched;
use super::waiters::Waiters;
use super::wire::{self, Wire};
use super::{Failure, Pending, Sharing};

/// The pipes of a running server.
#[derive(Debug)]
pub(crate) struct Child {
    queue: mpsc::Sender<Item>,
    waiters: Arc<Waiters>,
    life: Arc<Life>,
    ended: watch::Receiver<bool>,
    words: Option<Words>,
    wire: Wire,
}

/// Messages that wait for the server to read; past that, callers wait before they are queued.
const QUEUED_MAX: usize = 256;
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

impl Child {
    pub(super) fn new(
        line_bytes_max: usize,
        (stdin, stdout): (pipe::Sender, ChildStdout),
        words: Option<Words>,
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Self {
        let (queue, queued) = mpsc::channel(QUEUED_MAX);
        let waiters = Arc::new(Waiters::default());
        let life = Arc::new(Life::new());
        let (end, ended) = watch::channel(false);
        tokio::spawn(Writer::new(queued, stdin, Arc::clone(&waiters)).run());
        let lines = Lines::new(line_bytes_max);
        let incoming =
            Incoming { inbox, waiters: Arc::clone(&waiters), life: Arc::clone(&life), sharing };
        let reader = Reader { lines, incoming, words: words.clone(), back: queue.clone() };
        tokio::spawn(async move {
            reader.run(stdout).await;
            end.send_replace(true);
        });
        Self { queue, waiters, life, ended, words, wire: Wire::new(sharing) }
    }

    pub(super) fn watched(&self) -> Watched {
        let (life, waiters) = (Arc::clone(&self.life), Arc::clone(&self.waiters));
        Watched { life, waiters, ended: self.ended.clone() }
    }

    pub(crate) async fn start(
        &self,
        outbound: Outbound,
        request: Arc<Request>,
        sending: Sending,
    ) -> Result<Pending, Failure> {
        let progress = wire::progress_token(outbound.document());
        let (id, document) = self.wire.request(outbound.document(), &request)?;
        let line = one_line(&document);
        let pending = self.waiters.expect(id.clone(), Arc::clone(&request), progress)?;
        self.life.note(Stage::Asked);
        let request = Some((id.clone(), request));
        let queued = Queued { outbound, line, request, _sending: sending };
        if self.queue.send(Item::Send(Box::new(queued))).await.is_err() {
            self.waiters.remove(&id);
            return Err(Failure::Unsent("the server does not read any more".to_owned()));
        }
        Ok(pending)
    }

    /// No answer is expected any more. What is still queued is given back by the queue.
    pub(crate) fn withdraw(&self, request: &Request) {
        if request.is_sent()
            && let Some((_, waiter)) = self.waiters.withdraw(request)
        {
            waiter.settle(Err(Failure::Left));
        }
    }

    /// Takes a request back that may have been sent, and tells the server.
    pub(crate) fn abandon(&self, request: &Request) {
        let Some((id, waiter)) = self.waiters.withdraw(request) else { return };
        waiter.settle(Err(Failure::Left));
        if let Some(relay) = wire::cancelled(&id, request) {
            let _ = self.queue.try_send(Item::Send(Box::new(Queued::told(relay))));
        }
    }

    pub(crate) async fn tell(&self, relay: Relay) {
        self.life.touch();
        let _ = self.queue.send(Item::Send(Box::new(Queued::told(relay)))).await;
    }

    /// Closes the server's standard input once everything queued is written.
    pub(crate) async fn close(&self, patience: Duration) {
        self.life.close();
        // A server that reads nothing any more is not waited for.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.queue.send(Item::Close)).await;
        self.waiters.drained(patience).await;
    }

    pub(crate) async fn last_words(&self) -> Option<String> {
        self.words.as_ref()?.last().await
    }

    /// Resolves once the server has said its last word.
    pub(crate) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
}

struct Reader {
    lines: Lines,
    incoming: Incoming,
    words: Option<Words>,
    back: mpsc::Sender<Item>,
}

const READ_BYTES: usize = 64 << 10;

impl Reader {
    async fn run(mut self, mut stdout: ChildStdout) {
        let mut buffer = BytesMut::with_capacity(READ_BYTES);
        while stdout.read_buf(&mut buffer).await.is_ok_and(|count| count > 0) {
            self.lines.push(&buffer);
            buffer.clear();
            self.take_lines().await;
        }
        // Its last words, should it have ended without a line end.
        self.lines.push(b"\n");
        self.take_lines().await;
        let why = self.why_ended().await;
        self.incoming.waiters.end(&why);
    }

    /// A server that never answered mostly says why on its standard error.
    async fn why_ended(&self) -> String {
        let ended = "the server ended";
        match &self.words {
            Some(words) if !self.incoming.life.has_come_to(Stage::Answered) => {
                let said = words.last().await;
                said.map_or(ended.to_owned(), |said| format!("{ended}; it said: {said}"))
            }
            _ => ended.to_owned(),
        }
    }

    async fn take_lines(&mut self) {
        while let Some(line) = self.lines.next_line() {
            self.line(line).await;
        }
    }

    async fn line(&mut self, line: Line) {
        match line {
            Line::Text(text) => match Message::read(text.clone(), Side::Server) {
                Ok(message) => {
                    if let Some(relay) = self.incoming.message(message).await {
                        self.say_back(relay);
                    }
                }
                Err(refusal) => {
                    self.incoming.unreadable("a line", &refusal.text, resembles_answer(&text));
                }
            },
            Line::TooLong => self.incoming.unreadable("a line", "longer than the limit", true),
        }
    }

    /// Without waiting for room: a server that floods and does not read hears nothing.
    fn say_back(&self, relay: Relay) {
        let _ = self.back.try_send(Item::Send(Box::new(Queued::told(relay))));
    }
}

/// Whether a line that is no message was meant for an answer: a banner or a log line was not.
fn resembles_answer(line: &[u8]) -> bool {
    let holds = |key: &[u8]| line.windows(key.len()).any(|window| window == key);
    holds(br#""jsonrpc""#) && (holds(br#""result""#) || holds(br#""error""#))
}

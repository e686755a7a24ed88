//! A server as a child process: one message per line on its standard input and output.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use bytes::{Bytes, BytesMut};
use tokio::io::AsyncReadExt;
use tokio::net::unix::pipe;
use tokio::process::ChildStdout;
use tokio::sync::{mpsc, watch};
use toolgate_json::{Document, Reading};
use toolgate_protocol::frame::{Line, Lines};
use toolgate_protocol::{Id, Message, MessageKind, Side, one_line};

use crate::gate::Gate;
use crate::inbox::Inbox;
use crate::relay::{Outbound, Relay};
use crate::report::report;
use crate::request::{Request, Sending};

use super::queue::{Item, Queued, Writer};
use super::waiters::Waiters;
use super::{Failure, Pending, RESULT_FACTOR, Reply, Sharing, ids};

/// The pipes of a running server.
#[derive(Debug)]
pub(crate) struct Child {
    queue: mpsc::Sender<Item>,
    waiters: Arc<Waiters>,
    ended: watch::Receiver<bool>,
    sharing: Sharing,
    /// Numbers the requests of a shared server.
    next: AtomicI64,
}

/// Messages that wait for the server to read; past that, callers wait before they are queued.
const QUEUED_MAX: usize = 256;
const CLOSE_TIMEOUT: Duration = Duration::from_secs(1);

impl Child {
    pub(crate) fn new(
        gate: &Arc<Gate>,
        (stdin, stdout): (pipe::Sender, ChildStdout),
        inbox: Arc<Inbox>,
        sharing: Sharing,
    ) -> Self {
        let (queue, queued) = mpsc::channel(QUEUED_MAX);
        let waiters = Arc::new(Waiters::default());
        let (end, ended) = watch::channel(false);
        tokio::spawn(Writer::new(queued, stdin, Arc::clone(gate), Arc::clone(&waiters)).run());
        let lines = Lines::new(gate.message_bytes_max.saturating_mul(RESULT_FACTOR));
        let reader =
            Reader { lines, inbox, waiters: Arc::clone(&waiters), back: queue.clone(), sharing };
        tokio::spawn(async move {
            reader.run(stdout).await;
            end.send_replace(true);
        });
        Self { queue, waiters, ended, sharing, next: AtomicI64::new(1) }
    }

    pub(crate) async fn start(
        &self,
        outbound: Outbound,
        request: Arc<Request>,
        sending: Sending,
    ) -> Result<Pending, Failure> {
        let progress = progress_token(outbound.document());
        let (id, line) = self.wire(outbound.document(), &request)?;
        let pending = self.waiters.expect(id.clone(), Arc::clone(&request), progress)?;
        let request = Some((id.clone(), request));
        let queued = Queued { outbound, line, request, _sending: sending };
        if self.queue.send(Item::Send(Box::new(queued))).await.is_err() {
            self.waiters.remove(&id);
            return Err(Failure::Unsent("the server does not read any more".to_owned()));
        }
        Ok(pending)
    }

    /// The id and the line on the wire.
    fn wire(&self, document: &Document, request: &Request) -> Result<(Id, Bytes), Failure> {
        if self.sharing == Sharing::Own {
            return Ok((request.id.clone(), one_line(document)));
        }
        let number = self.next.fetch_add(1, Ordering::Relaxed);
        let text = ids::outgoing(document, &number.to_string());
        let document = Document::parse(text, Reading::Strict)
            .map_err(|error| Failure::Unsent(error.to_string()))?;
        Ok((Id::Number(number), one_line(&document)))
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
        let id = match id {
            Id::Number(number) => number.to_string().into_bytes(),
            Id::Text(_) => request.id_raw.clone(),
        };
        let mut text = br#"{"jsonrpc":"2.0","method":"notifications/cancelled","#.to_vec();
        text.extend_from_slice(br#""params":{"requestId":"#);
        text.extend_from_slice(&id);
        text.extend_from_slice(b"}}");
        let told = Message::read(Bytes::from(text), Side::Client).ok().map(Relay::of);
        if let Some(Ok(relay)) = told {
            let _ = self.queue.try_send(Item::Send(Box::new(Queued::told(relay))));
        }
    }

    pub(crate) async fn tell(&self, relay: Relay) {
        let _ = self.queue.send(Item::Send(Box::new(Queued::told(relay)))).await;
    }

    /// Closes the server's standard input once everything queued is written.
    pub(crate) async fn close(&self, patience: Duration) {
        // A server that reads nothing any more is not waited for.
        let _ = tokio::time::timeout(CLOSE_TIMEOUT, self.queue.send(Item::Close)).await;
        self.waiters.drained(patience).await;
    }

    /// Resolves once the server has said its last word.
    pub(crate) fn ended(&self) -> watch::Receiver<bool> {
        self.ended.clone()
    }
}

fn progress_token(document: &toolgate_json::Document) -> Option<Vec<u8>> {
    let meta = document.root().get("params")?.get("_meta")?;
    Some(meta.get("progressToken")?.raw().to_vec())
}

struct Reader {
    lines: Lines,
    inbox: Arc<Inbox>,
    waiters: Arc<Waiters>,
    back: mpsc::Sender<Item>,
    sharing: Sharing,
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
        self.waiters.end("the server ended");
    }

    async fn take_lines(&mut self) {
        while let Some(line) = self.lines.next_line() {
            self.line(line).await;
        }
    }

    async fn line(&mut self, line: Line) {
        match line {
            Line::Text(text) => match Message::read(text.clone(), Side::Server) {
                Ok(message) => self.message(message).await,
                Err(refusal) => self.unreadable(&refusal.text, resembles_answer(&text)),
            },
            Line::TooLong => self.unreadable("longer than the limit", true),
        }
    }

    async fn message(&mut self, message: Message) {
        match (message.kind(), self.sharing) {
            (MessageKind::Response, _) => self.answer(message),
            (_, Sharing::Own) => {
                let about = self.waiters.in_progress(&message);
                let about = about.as_ref().map(|request| &request.replies);
                if let Some(refusal) = self.inbox.take(message, about).await {
                    self.say_back(refusal);
                }
            }
            // MCP 2026-07-28: a server asks nothing outside an answer.
            (MessageKind::Request, Sharing::Shared) => {
                if let Some(refusal) = Relay::refusal(&message) {
                    self.say_back(refusal);
                }
            }
            (MessageKind::Notification, Sharing::Shared) => self.tell(message).await,
        }
    }

    fn answer(&self, message: Message) {
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
        if let Some(message) = ids::told(&message, &request.id_raw, progress.as_deref()) {
            self.inbox.take(message, Some(&request.replies)).await;
        }
    }

    /// Without waiting for room: a server that floods and does not read hears nothing.
    fn say_back(&self, relay: Relay) {
        let _ = self.back.try_send(Item::Send(Box::new(Queued::told(relay))));
    }

    /// Servers print all sorts of things; but an answer that cannot be read will not come twice.
    fn unreadable(&self, why: &str, answer: bool) {
        report(&format!("dropped a line of the server that is no message: {why}"));
        if let Some(waiter) = answer.then(|| self.waiters.only()).flatten() {
            waiter.settle(Err(Failure::Lost(format!("the server's answer is unreadable: {why}"))));
        }
    }
}

/// Whether a line that is no message was meant for an answer: a banner or a log line was not.
fn resembles_answer(line: &[u8]) -> bool {
    let holds = |key: &[u8]| line.windows(key.len()).any(|window| window == key);
    holds(br#""jsonrpc""#) && (holds(br#""result""#) || holds(br#""error""#))
}

//! The queue in front of a server's standard input.
//!
//! A permit may wait here while the server does not read. Whether it still holds is asked right
//! before its first byte is written, never earlier.

use std::collections::VecDeque;
use std::io::{self, IoSlice};
use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use tokio::net::unix::pipe;
use tokio::sync::mpsc;
use toolgate_protocol::{Id, one_line};

use crate::relay::{Outbound, Relay};
use crate::request::{Request, Sending};

use super::Failure;
use super::waiters::Waiters;

#[derive(Debug)]
pub(crate) enum Item {
    /// Nothing more will be sent: the server's standard input is closed behind what is queued.
    Close,
    Send(Box<Queued>),
}

#[derive(Debug)]
pub(crate) struct Queued {
    pub(crate) outbound: Outbound,
    /// The line to write, without its end.
    pub(crate) line: Bytes,
    /// Of a request: its id on the wire, and the request.
    pub(crate) request: Option<(Id, Arc<Request>)>,
    /// Dropped with the rest once the line is written.
    pub(crate) _sending: Sending,
}

impl Queued {
    /// What has no answer.
    pub(crate) fn told(relay: Relay) -> Self {
        let line = one_line(relay.message().document());
        Self { outbound: Outbound::Relay(relay), line, request: None, _sending: None }
    }
}

/// How long a server whose pipe broke may take to have said its last word.
const ENDING: Duration = Duration::from_millis(500);
/// Lines written with one system call, at most.
const BATCH_MAX: usize = 32;

pub(crate) struct Writer {
    pub(crate) queue: mpsc::Receiver<Item>,
    pub(crate) pipe: pipe::Sender,
    pub(crate) waiters: Arc<Waiters>,
    batch: VecDeque<Box<Queued>>,
    /// How many bytes of the first line, its end included, are written.
    written: usize,
    closing: bool,
}

impl Writer {
    pub(crate) fn new(
        queue: mpsc::Receiver<Item>,
        pipe: pipe::Sender,
        waiters: Arc<Waiters>,
    ) -> Self {
        Self { queue, pipe, waiters, batch: VecDeque::new(), written: 0, closing: false }
    }

    /// Writes until the queue is closed or the server no longer reads.
    pub(crate) async fn run(mut self) {
        while self.fill().await {
            if let Err(error) = self.write().await {
                // A server that has ended says more of why than its pipe.
                self.waiters.ended(ENDING).await;
                self.fail(&error);
                return;
            }
        }
    }

    /// Takes what is queued; false once everything is written and nothing more will come.
    async fn fill(&mut self) -> bool {
        if self.batch.is_empty() {
            if self.closing {
                return false;
            }
            let Some(item) = self.queue.recv().await else { return false };
            self.accept(item);
        }
        while self.batch.len() < BATCH_MAX && !self.closing {
            let Ok(item) = self.queue.try_recv() else { break };
            self.accept(item);
        }
        true
    }

    fn accept(&mut self, item: Item) {
        match item {
            Item::Close => self.closing = true,
            Item::Send(queued) => self.batch.push_back(queued),
        }
    }

    async fn write(&mut self) -> io::Result<()> {
        self.pipe.writable().await?;
        self.give_back();
        let mut slices = Vec::with_capacity(2 * self.batch.len());
        let mut skip = self.written;
        for queued in &self.batch {
            slices.push(IoSlice::new(&queued.line[skip.min(queued.line.len())..]));
            slices.push(IoSlice::new(b"\n"));
            skip = 0;
        }
        if slices.is_empty() {
            return Ok(());
        }
        // Said before, taken back after: in between, nobody may take it for unsent.
        self.note_sent(true);
        let wrote = self.pipe.try_write_vectored(&slices);
        drop(slices);
        if let Ok(count) = wrote {
            self.advance(count);
        }
        self.note_sent(false);
        match wrote {
            Err(error) if error.kind() != io::ErrorKind::WouldBlock => Err(error),
            Ok(_) | Err(_) => Ok(()),
        }
    }

    /// Of every line that is not begun.
    fn note_sent(&self, sent: bool) {
        let begun = usize::from(self.written > 0);
        for (_, request) in self.batch.iter().skip(begun).filter_map(|q| q.request.as_ref()) {
            request.note_sent(sent);
        }
    }

    /// Takes out what may not be sent any more, the line already begun excepted.
    fn give_back(&mut self) {
        let mut kept = VecDeque::with_capacity(self.batch.len());
        for (i, queued) in self.batch.drain(..).enumerate() {
            let begun = i == 0 && self.written > 0;
            let cancelled =
                queued.request.as_ref().is_some_and(|(_, request)| request.is_cancelled());
            if begun || (queued.outbound.is_fresh() && !cancelled) {
                kept.push_back(queued);
            } else if cancelled {
                settle(&self.waiters, *queued, |_| Failure::Cancelled);
            } else {
                settle(&self.waiters, *queued, Outbound::into_failure);
            }
        }
        self.batch = kept;
    }

    fn advance(&mut self, count: usize) {
        self.written += count;
        while let Some(first) = self.batch.front() {
            let length = first.line.len() + 1;
            if self.written < length {
                return;
            }
            self.written -= length;
            self.batch.pop_front();
        }
    }

    /// The server closed its standard input. What was begun may have been read.
    fn fail(&mut self, error: &io::Error) {
        let why = format!("the server does not read any more: {error}");
        let begun = self.written > 0;
        for (i, queued) in std::mem::take(&mut self.batch).into_iter().enumerate() {
            settle(&self.waiters, *queued, |_| match (i, begun) {
                (0, true) => Failure::Lost(why.clone()),
                _ => Failure::Unsent(why.clone()),
            });
        }
        self.queue.close();
        while let Ok(item) = self.queue.try_recv() {
            if let Item::Send(queued) = item {
                settle(&self.waiters, *queued, |_| Failure::Unsent(why.clone()));
            }
        }
    }
}

fn settle(waiters: &Waiters, queued: Queued, failure: impl FnOnce(Outbound) -> Failure) {
    let waiter = queued.request.and_then(|(id, _)| waiters.remove(&id));
    if let Some(waiter) = waiter {
        waiter.settle(Err(failure(queued.outbound)));
    }
}

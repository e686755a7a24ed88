//! Many calls under way on one pair of pipes. One thread reads and gives the orders, a second one
//! writes: with a full pipe both ways, a single thread would wait for itself.

use std::io::{BufReader, Write};
use std::process::{ChildStdin, ChildStdout};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;
use std::time::{Duration, Instant};

use xtask::Result;

use crate::call::{Answer, Call, ID_LAST};
use crate::stdio::{Client, read};

/// Keeps `size` calls under way until the time is over, then waits for the last answers.
pub(crate) fn calls(
    client: &mut Client,
    answer: &Answer,
    size: u32,
    until: Instant,
) -> Result<Vec<Duration>> {
    let sent = Sent::new();
    let (order, orders) = sync_channel(size as usize);
    let Client { child, stdin, stdout, line, call, next } = client;
    let reader =
        Reader { stdout, line, answer, sent: &sent, order, next, under_way: 0, latencies: vec![] };
    thread::scope(|scope| {
        let writer = scope.spawn(|| write(stdin, call, orders, &sent));
        let latencies = reader.run(size, until);
        if latencies.is_err() {
            // Frees a writer that waits at a full pipe.
            child.kill()?;
        }
        writer.join().map_err(|_| "the writer panicked")??;
        latencies
    })
}

struct Reader<'a> {
    stdout: &'a mut BufReader<ChildStdout>,
    line: &'a mut Vec<u8>,
    answer: &'a Answer,
    sent: &'a Sent,
    order: SyncSender<u32>,
    next: &'a mut u32,
    under_way: u32,
    latencies: Vec<Duration>,
}

impl Reader<'_> {
    fn run(mut self, size: u32, until: Instant) -> Result<Vec<Duration>> {
        for _ in 0..size {
            self.give_order()?;
        }
        while self.under_way > 0 {
            let id = self.answer.id(read(self.stdout, self.line)?)?;
            let now = Instant::now();
            self.latencies.push(self.sent.end(id, now)?);
            self.under_way -= 1;
            if now < until {
                self.give_order()?;
            }
        }
        Ok(self.latencies)
    }

    fn give_order(&mut self) -> Result {
        if *self.next > ID_LAST {
            return Err("all ids are used up: measure for a shorter time".into());
        }
        self.order.send(*self.next)?;
        *self.next += 1;
        self.under_way += 1;
        Ok(())
    }
}

fn write(stdin: &mut ChildStdin, call: &mut Call, orders: Receiver<u32>, sent: &Sent) -> Result {
    for id in orders {
        sent.start(id);
        stdin.write_all(call.with_id(id))?;
    }
    Ok(())
}

/// When each call that is under way was sent.
struct Sent {
    began: Instant,
    /// Nanoseconds since then; 0 where nothing is under way. By the last digits of the id.
    slots: Vec<AtomicU64>,
}

impl Sent {
    /// Far more than a window has, for a call that is answered long after its neighbours.
    const SLOTS: usize = 1 << 16;

    fn new() -> Self {
        let slots = std::iter::repeat_with(AtomicU64::default).take(Self::SLOTS).collect();
        Self { began: Instant::now(), slots }
    }

    fn start(&self, id: u32) {
        let ns = u64::try_from(self.began.elapsed().as_nanos()).unwrap_or(u64::MAX);
        self.slot(id).store(ns.max(1), Ordering::Release);
    }

    fn end(&self, id: u32, now: Instant) -> Result<Duration> {
        match self.slot(id).swap(0, Ordering::AcqRel) {
            0 => Err(format!("call {id} was answered twice, or never sent").into()),
            ns => Ok((now - self.began).saturating_sub(Duration::from_nanos(ns))),
        }
    }

    fn slot(&self, id: u32) -> &AtomicU64 {
        &self.slots[id as usize % Self::SLOTS]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_counts_once() {
        let sent = Sent::new();
        sent.start(7);
        assert!(sent.end(7, Instant::now()).is_ok());
        assert!(sent.end(7, Instant::now()).is_err());
        assert!(sent.end(8, Instant::now()).is_err());
    }
}

//! The client on stdio.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use xtask::Result;
use xtask::bench::sample::Sample;

use crate::Load;
use crate::call::{self, Answer, Call, ID_FIRST};
use crate::process::{Spent, rss_kib};
use crate::tally::{self, Facts};
use crate::window;

const READ_BYTES: usize = 128 * 1024;

pub(crate) struct Client {
    pub(crate) child: Child,
    pub(crate) stdin: ChildStdin,
    pub(crate) stdout: BufReader<ChildStdout>,
    pub(crate) line: Vec<u8>,
    pub(crate) call: Call,
    /// The id of the next call.
    pub(crate) next: u32,
}

pub(crate) fn run(load: &Load) -> Result<Sample> {
    let started = Instant::now();
    let mut client = Client::start(load)?;
    client.ask(&call::initialize())?;
    let first_answer = started.elapsed();
    client.tell(&call::initialized())?;
    client.ask(&call::list())?;
    let pid = client.child.id();
    let rss_idle_kib = rss_kib(pid)?;

    let answer = client.learn(load)?;
    client.calls(&answer, load, load.warm_up())?;
    let before = Spent::by(pid)?;
    let measured = Instant::now();
    let latencies = client.calls(&answer, load, load.measured())?;
    let took = measured.elapsed();
    let cpu = before.since()?;
    let rss_end_kib = rss_kib(pid)?;
    let sent = client.next - ID_FIRST;
    client.end()?;
    tally::sample(latencies, &Facts { sent, first_answer, took, cpu, rss_idle_kib, rss_end_kib })
}

impl Client {
    fn start(load: &Load) -> Result<Self> {
        let mut child = Command::new(&load.command[0])
            .args(&load.command[1..])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", load.command[0]))?;
        let (Some(stdin), Some(stdout)) = (child.stdin.take(), child.stdout.take()) else {
            return Err("the command has no pipes".into());
        };
        Ok(Self {
            child,
            stdin,
            stdout: BufReader::with_capacity(READ_BYTES, stdout),
            line: Vec::new(),
            call: Call::new(load.bytes, |message| format!("{message}\n").into_bytes())?,
            next: ID_FIRST,
        })
    }

    fn tell(&mut self, message: &str) -> Result {
        Ok(self.stdin.write_all(format!("{message}\n").as_bytes())?)
    }

    fn ask(&mut self, message: &str) -> Result {
        self.tell(message)?;
        call::expect_result(read(&mut self.stdout, &mut self.line)?)
    }

    fn learn(&mut self, load: &Load) -> Result<Answer> {
        self.stdin.write_all(self.call.with_id(self.next))?;
        self.next += 1;
        Answer::learn(read(&mut self.stdout, &mut self.line)?, load.answer)
    }

    fn calls(&mut self, answer: &Answer, load: &Load, time: Duration) -> Result<Vec<Duration>> {
        let until = Instant::now() + time;
        match load.in_flight {
            1 => self.one_by_one(answer, until),
            size => window::calls(self, answer, size, until),
        }
    }

    fn one_by_one(&mut self, answer: &Answer, until: Instant) -> Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        let mut sent = Instant::now();
        while sent < until {
            self.stdin.write_all(self.call.with_id(self.next))?;
            let id = answer.id(read(&mut self.stdout, &mut self.line)?)?;
            let now = Instant::now();
            if id != self.next {
                return Err(format!("call {} was answered as {id}", self.next).into());
            }
            latencies.push(now - sent);
            self.next += 1;
            sent = now;
        }
        Ok(latencies)
    }

    /// Closes stdin and expects the process to end well.
    fn end(mut self) -> Result {
        drop(self.stdin);
        let status = self.child.wait()?;
        if status.success() { Ok(()) } else { Err(format!("it ended with {status}").into()) }
    }
}

/// The next line, without its end.
pub(crate) fn read<'a>(from: &mut impl BufRead, line: &'a mut Vec<u8>) -> Result<&'a [u8]> {
    line.clear();
    from.read_until(b'\n', line)?;
    line.strip_suffix(b"\n").ok_or_else(|| "it closed its output".into())
}

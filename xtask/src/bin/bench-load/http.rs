//! The client on streamable HTTP: one thread and one kept connection per call under way.

use std::thread;
use std::time::{Duration, Instant};

use xtask::Result;
use xtask::bench::sample::Sample;

use crate::call::{self, Answer, Call, ID_FIRST};
use crate::connection::{Connection, Place};
use crate::grant;
use crate::process::{Spent, rss_kib};
use crate::server::Server;
use crate::tally::{self, Facts};
use crate::{Expected, Load};

/// Ids of one connection; the next connection's follow.
const IDS: u32 = 200_000;

pub(crate) fn run(load: &Load) -> Result<Sample> {
    let upstream = load.upstream.as_deref().map(Server::upstream).transpose()?;
    let url = upstream.as_ref().map(|server| server.place.url()).unwrap_or_default();
    let command: Vec<_> = load.command.iter().map(|word| word.replace("{url}", &url)).collect();
    let granted = load.grant.as_deref().map(|policy| grant::prepare(&command, &url, policy));
    let granted = granted.transpose()?;
    let started = Instant::now();
    let mut server = match granted {
        Some(token) => Server::serving(&command, token)?,
        None => Server::start(&command, load.token)?,
    };
    let mut connection = Connection::open(&server.place)?;
    let answer = connection.exchange(&server.place.request(&call::initialize()))?;
    call::expect_result(answer.body)?;
    let first_answer = started.elapsed();
    server.place.session = answer.header("mcp-session-id").map(str::to_owned);
    connection.exchange(&server.place.request(&call::initialized()))?;
    call::expect_result(connection.exchange(&server.place.request(&call::list()))?.body)?;
    let rss_idle_kib = rss_kib(server.pid())?;

    let mut lanes = Lanes::open(&server.place, load)?;
    lanes.calls(load.warm_up())?;
    let before = Spent::by(server.pid())?;
    let measured = Instant::now();
    let latencies = lanes.calls(load.measured())?;
    let took = measured.elapsed();
    let cpu = before.since()?;
    let rss_end_kib = rss_kib(server.pid())?;
    let sent = lanes.lanes.iter().map(Lane::sent).sum();
    server.end()?;
    tally::sample(latencies, &Facts { sent, first_answer, took, cpu, rss_idle_kib, rss_end_kib })
}

struct Lanes {
    lanes: Vec<Lane>,
    answer: Answer,
}

struct Lane {
    connection: Connection,
    call: Call,
    first: u32,
    next: u32,
}

impl Lanes {
    fn open(place: &Place, load: &Load) -> Result<Self> {
        let call = Call::new(load.bytes, |message| place.request(&message))?;
        let mut lanes = Vec::new();
        for index in 0..load.in_flight {
            let (connection, first) = (Connection::open(place)?, ID_FIRST + index * IDS);
            lanes.push(Lane { connection, call: call.clone(), first, next: first });
        }
        let answer = lanes.first_mut().ok_or("nothing in flight")?.learn(load.answer)?;
        Ok(Self { lanes, answer })
    }

    fn calls(&mut self, time: Duration) -> Result<Vec<Duration>> {
        let until = Instant::now() + time;
        let answer = &self.answer;
        if let [lane] = self.lanes.as_mut_slice() {
            return lane.calls(answer, until);
        }
        let lanes = self.lanes.iter_mut();
        let all = thread::scope(|scope| {
            let running: Vec<_> =
                lanes.map(|lane| scope.spawn(move || lane.calls(answer, until))).collect();
            let ended =
                running.into_iter().map(|lane| lane.join().map_err(|_| "a lane panicked")?);
            ended.collect::<Result<Vec<_>>>()
        })?;
        Ok(all.concat())
    }
}

impl Lane {
    fn sent(&self) -> u32 {
        self.next - self.first
    }

    fn learn(&mut self, expected: Expected) -> Result<Answer> {
        let answer = self.connection.exchange(self.call.with_id(self.next))?;
        self.next += 1;
        Answer::learn(answer.body, expected)
    }

    fn calls(&mut self, answer: &Answer, until: Instant) -> Result<Vec<Duration>> {
        let mut latencies = Vec::new();
        let mut sent = Instant::now();
        while sent < until {
            let id = answer.id(self.connection.exchange(self.call.with_id(self.next))?.body)?;
            let now = Instant::now();
            if id != self.next || self.sent() == IDS {
                return Err(format!("call {} was answered as {id}", self.next).into());
            }
            latencies.push(now - sent);
            self.next += 1;
            sent = now;
        }
        Ok(latencies)
    }
}

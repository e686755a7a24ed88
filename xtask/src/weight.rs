//! `cargo xtask weight`: what a serving gateway holds while nothing happens, and what it leaves.
//!
//! Idle sessions over a server that is elsewhere: how much memory. Sessions with a process each,
//! one after the other: no descriptor, no process, no thread is left of them.

use std::fs;
use std::time::{Duration, Instant};

use clap::Args;
use serde_json::{Value, json};
use tokio::task::JoinSet;
use toolgate_testkit::{Daemon, Web};

use crate::Result;
use crate::clients::house::House;
use crate::clients::install;
use crate::clients::place::Place;

#[derive(Args)]
pub struct Options {
    /// A few hundred sessions instead of 10,000: in the test command
    #[arg(long)]
    short: bool,
    /// The binary that is released: what the documentation promises is of it
    #[arg(long)]
    release: bool,
}

struct Counts {
    idle: usize,
    started: usize,
}

const POLICY: &str = "version: \"1\"\ndefault: deny\ntools: {echo: {}}\n";
const AT_ONCE: usize = 50;
/// Each of these is a process.
const STARTED_AT_ONCE: usize = 10;
/// Of issue and documentation: for 10,000 sessions, the gateway itself included.
const RSS_KIB_MAX: u64 = 400 << 10;
/// Of one idle session, should there be fewer; a debug build takes more than what is released.
const SESSION_KIB_MAX: u64 = 50;
const SETTLE_WAIT: Duration = Duration::from_secs(20);

/// Measures, prints, and fails where a bound is exceeded.
pub fn run(options: &Options) -> Result {
    let place = if options.release { Place::released()? } else { Place::find()? };
    install::gate(&place)?;
    let counts = if options.short {
        Counts { idle: 1000, started: 200 }
    } else {
        Counts { idle: 10_000, started: 10_000 }
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(weigh(&place, &counts))
}

/// A gateway for each: what one leaves is not the other's.
async fn weigh(place: &Place, counts: &Counts) -> Result {
    let far = Daemon::sentinel(&[]).await;
    let command = [place.binary("sentinel").display().to_string()];
    let house = house(place, "weight-idle", &json!({"far": {"url": far.url}}))?;
    let weighed = idle(&house, &Gateway::of(house.pid()), counts.idle).await;
    drop(house);
    let house = self::house(place, "weight-left", &json!({"near": {"command": command}}))?;
    let left = started(&house, &Gateway::of(house.pid()), counts.started).await;
    house.close()?;
    weighed.and(left)
}

fn house(place: &Place, name: &str, servers: &Value) -> Result<House> {
    let folder = place.work(name)?;
    let policy = folder.join("policy.yaml");
    fs::write(&policy, POLICY)?;
    let servers = servers.as_object().cloned().unwrap_or_default();
    House::open(place, &folder, &servers, &policy)
}

async fn idle(house: &House, gateway: &Gateway, count: usize) -> Result {
    // The first of everything is not the sessions'.
    open(house, "far", AT_ONCE, AT_ONCE, End::Stay).await?;
    let before = gateway.rss_kib()?;
    let begun = Instant::now();
    open(house, "far", count - AT_ONCE, AT_ONCE, End::Stay).await?;
    let (after, took) = (gateway.rss_kib()?, begun.elapsed());
    let each = after.saturating_sub(before) / u64::try_from(count - AT_ONCE)?;
    println!(
        "{count} idle sessions: {after} KiB in all, {before} KiB with the first {AT_ONCE}, {each} \
         KiB each; opened in {:.1} s",
        took.as_secs_f64()
    );
    if after > RSS_KIB_MAX || each > SESSION_KIB_MAX {
        return Err(format!("{count} idle sessions take {after} KiB, {each} KiB each").into());
    }
    Ok(())
}

async fn started(house: &House, gateway: &Gateway, count: usize) -> Result {
    open(house, "near", STARTED_AT_ONCE, STARTED_AT_ONCE, End::Delete).await?;
    let before = gateway.settled(None).await?;
    let begun = Instant::now();
    open(house, "near", count, STARTED_AT_ONCE, End::Delete).await?;
    let took = begun.elapsed();
    let after = gateway.settled(Some(before)).await?;
    println!(
        "{count} sessions with a process each: {before} before, {after} after; {:.1} ms each",
        took.as_secs_f64() * 1000.0 / f64::from(u32::try_from(count)?)
    );
    if after.exceeds(before) {
        return Err(
            format!("{count} sessions left something: {before} before, {after} after").into()
        );
    }
    Ok(())
}

#[derive(Clone, Copy)]
enum End {
    Delete,
    Stay,
}

/// Opens sessions, some at the same time; each makes a call.
async fn open(house: &House, server: &str, count: usize, at_once: usize, end: End) -> Result {
    let (url, bearer) = (house.url_of(server), format!("Bearer {}", house.token));
    let mut left = count;
    while left > 0 {
        let now = left.min(at_once);
        left -= now;
        let mut opening = JoinSet::new();
        for _ in 0..now {
            let web = Web::new(url.clone()).with_header("authorization", &bearer);
            opening.spawn(one(web, end));
        }
        for done in opening.join_all().await {
            done?;
        }
    }
    Ok(())
}

async fn one(web: Web, end: End) -> Result {
    web.open().await;
    let answer = web.call("echo", json!({"message": "x"})).await;
    if answer["result"]["content"][0]["text"] != "x" {
        return Err(format!("a session does not work: {answer}").into());
    }
    if matches!(end, End::Delete) {
        web.delete().await;
    }
    Ok(())
}

/// What the system knows of the process (Linux).
struct Gateway {
    pid: u32,
}

#[derive(Clone, Copy, PartialEq, Eq)]
struct Held {
    descriptors: usize,
    processes: usize,
    threads: usize,
}

impl Gateway {
    fn of(pid: u32) -> Self {
        Self { pid }
    }

    fn rss_kib(&self) -> Result<u64> {
        let status = fs::read_to_string(format!("/proc/{}/status", self.pid))?;
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
        Ok(line.ok_or("no VmRSS")?.trim().trim_end_matches(" kB").parse()?)
    }

    fn held(&self) -> Result<Held> {
        let count = |path: String| fs::read_dir(path).map(Iterator::count);
        let tasks = format!("/proc/{}/task", self.pid);
        let mut processes = 0;
        for task in fs::read_dir(&tasks)? {
            let children = fs::read_to_string(task?.path().join("children")).unwrap_or_default();
            processes += children.split_whitespace().count();
        }
        let descriptors = count(format!("/proc/{}/fd", self.pid))?;
        Ok(Held { descriptors, processes, threads: count(tasks)? })
    }

    /// Once it is no more than it was, or has had time enough: what ends, ends in the background.
    async fn settled(&self, before: Option<Held>) -> Result<Held> {
        let until = Instant::now() + SETTLE_WAIT;
        loop {
            let held = self.held()?;
            let done = match before {
                Some(before) => !held.exceeds(before),
                None => held.processes == 0,
            };
            if done || Instant::now() > until {
                return Ok(held);
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
    }
}

impl Held {
    /// Threads come and go as work does; more than before, and more than a pool's, is a leak.
    fn exceeds(self, before: Self) -> bool {
        self.descriptors > before.descriptors + AT_ONCE
            || self.processes > before.processes
            || self.threads > before.threads + AT_ONCE
    }
}

impl std::fmt::Display for Held {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { descriptors, processes, threads } = self;
        write!(f, "{descriptors} descriptors, {processes} processes, {threads} threads")
    }
}

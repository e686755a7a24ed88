//! `cargo xtask clients`: real MCP clients, through the gate, to real MCP servers.
//!
//! Each client runs a plan of steps and prints one line of JSON per step (`tests/clients`); what
//! the lines must say is judged here.

pub(crate) mod answer;
mod approval;
mod audit;
mod case;
pub(crate) mod client;
pub(crate) mod gate;
pub(crate) mod house;
pub(crate) mod install;
pub(crate) mod judge;
pub(crate) mod place;
pub(crate) mod process;
pub(crate) mod scenario;
pub(crate) mod server;

use std::collections::BTreeMap;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use clap::Args;

use crate::Result;
use case::Case;
use place::Place;
use server::{Served, Server};

#[derive(Args)]
pub struct Options {
    /// Run only the cases whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Leave the gate out: the scripts, the SDKs and the servers, as they are without it
    #[arg(long)]
    direct: bool,
    /// Name the cases and run none
    #[arg(long)]
    list: bool,
}

/// Installs what is missing, runs every case and prints what went wrong.
pub fn run(options: &Options) -> Result {
    let cases = all(options.direct);
    let wanted = |name: &str| options.only.as_deref().is_none_or(|text| name.contains(text));
    let chosen: Vec<&Job> = cases.iter().filter(|job| wanted(&job.name())).collect();
    if options.list {
        for job in chosen {
            println!("{}", job.name());
        }
        return Ok(());
    }
    let place = Place::find()?;
    install::run(&place)?;
    install::build(&place, !options.direct)?;
    let start = Instant::now();
    let servers = start_servers(&place, &chosen)?;
    let failures = run_all(&place, &servers, &chosen);
    println!(
        "\nclients: {} cases passed, {} failed, in {} s",
        chosen.len() - failures,
        failures,
        start.elapsed().as_secs()
    );
    if failures == 0 { Ok(()) } else { Err(format!("clients: {failures} cases failed").into()) }
}

/// One thing to be done, in whatever order.
enum Job {
    Approval(approval::Case),
    Usual(Case),
}

fn all(direct: bool) -> Vec<Job> {
    let usual = case::all(direct).into_iter().map(Job::Usual);
    let approvals = if direct { Vec::new() } else { approval::all() };
    usual.chain(approvals.into_iter().map(Job::Approval)).collect()
}

impl Job {
    fn name(&self) -> String {
        match self {
            Self::Approval(case) => case.name(),
            Self::Usual(case) => case.name(),
        }
    }

    /// What is wrong, a line each.
    fn run(&self, place: &Place, servers: &Servers) -> Vec<String> {
        match self {
            Self::Approval(case) => approval::run(place, case),
            Self::Usual(case) => case::run(place, servers, case),
        }
    }

    /// The server that it reaches over HTTP and shares with others.
    fn shared_server(&self) -> Option<&'static Server> {
        match self {
            Self::Usual(case) if case.upstream_is_http() => Some(case.server),
            Self::Approval(_) | Self::Usual(_) => None,
        }
    }
}

/// One process per server that is reached over HTTP; the cases share it.
type Servers = BTreeMap<&'static str, Served>;

fn start_servers(place: &Place, jobs: &[&Job]) -> Result<Servers> {
    let mut servers = Servers::new();
    for server in jobs.iter().filter_map(|job| job.shared_server()) {
        if !servers.contains_key(server.name) {
            servers.insert(server.name, server::start_http(place, server)?);
        }
    }
    Ok(servers)
}

/// Runs the cases on as many threads as there are processors; returns how many failed.
fn run_all(place: &Place, servers: &Servers, cases: &[&Job]) -> usize {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let queue = Mutex::new(cases.iter().copied());
    std::thread::scope(|scope| {
        let work = || run_rest(place, servers, &queue);
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(1)).sum()
    })
}

/// Takes cases off the queue until it is empty; returns how many failed.
fn run_rest<'a>(
    place: &Place,
    servers: &Servers,
    queue: &Mutex<impl Iterator<Item = &'a Job>>,
) -> usize {
    let mut failures = 0;
    while let Some(job) = next(queue) {
        let start = Instant::now();
        let problems = job.run(place, servers);
        report(&job.name(), start.elapsed(), &problems);
        failures += usize::from(!problems.is_empty());
    }
    failures
}

/// A thread that panicked counts as a failure; the others go on.
fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next()
}

fn report(name: &str, took: Duration, problems: &[String]) {
    let verdict = if problems.is_empty() { "ok    " } else { "FAILED" };
    let lines: Vec<&str> =
        std::iter::once(name).chain(problems.iter().map(String::as_str)).collect();
    println!("{verdict} {:5.1} s  {}", took.as_secs_f32(), lines.join("\n         "));
}

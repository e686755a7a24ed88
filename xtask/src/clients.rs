//! `cargo xtask clients`: real MCP clients, through the gate, to real MCP servers.
//!
//! Each client runs a plan of steps and prints one line of JSON per step (`tests/clients`); what
//! the lines must say is judged here.

pub(crate) mod answer;
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
use server::Served;

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
    let cases = case::all(options.direct);
    let chosen: Vec<&Case> =
        cases.iter().filter(|case| wanted(case, options.only.as_deref())).collect();
    if options.list {
        for case in chosen {
            println!("{}", case.name());
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

fn wanted(case: &Case, only: Option<&str>) -> bool {
    only.is_none_or(|text| case.name().contains(text))
}

/// One process per server that is reached over HTTP; the cases share it.
type Servers = BTreeMap<&'static str, Served>;

fn start_servers(place: &Place, cases: &[&Case]) -> Result<Servers> {
    let mut servers = Servers::new();
    for case in cases.iter().filter(|case| case.upstream_is_http()) {
        if !servers.contains_key(case.server.name) {
            servers.insert(case.server.name, server::start_http(place, case.server)?);
        }
    }
    Ok(servers)
}

/// Runs the cases on as many threads as there are processors; returns how many failed.
fn run_all(place: &Place, servers: &Servers, cases: &[&Case]) -> usize {
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
    queue: &Mutex<impl Iterator<Item = &'a Case>>,
) -> usize {
    let mut failures = 0;
    while let Some(case) = next(queue) {
        let start = Instant::now();
        let problems = case::run(place, servers, case);
        report(case, start.elapsed(), &problems);
        failures += usize::from(!problems.is_empty());
    }
    failures
}

/// A thread that panicked counts as a failure; the others go on.
fn next<T>(queue: &Mutex<impl Iterator<Item = T>>) -> Option<T> {
    queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next()
}

fn report(case: &Case, took: Duration, problems: &[String]) {
    let verdict = if problems.is_empty() { "ok    " } else { "FAILED" };
    let name = case.name();
    let lines: Vec<&str> =
        std::iter::once(name.as_str()).chain(problems.iter().map(String::as_str)).collect();
    println!("{verdict} {:5.1} s  {}", took.as_secs_f32(), lines.join("\n         "));
}

//! `cargo xtask servers`: five real servers behind one gateway, and six real clients before it.
//!
//! Each client asks each server directly first, then through `/mcp/<server>`, and all of them at
//! once through `/mcp`. Every answer must be the same, tool definitions included, but for what the
//! policy changes and, at `/mcp`, the server's name before the tool's. Before all that they are
//! scanned, as a client's configuration has them.

mod compare;
mod gathering;
mod real;
mod scan;
mod visit;

use std::fs;
use std::sync::Mutex;
use std::time::Instant;

use clap::Args;

use crate::Result;
use crate::clients::client::{CLIENTS, Client};
use crate::clients::house::House;
use crate::clients::install;
use crate::clients::place::Place;
use real::{Data, POLICY, REAL, Real};
use visit::Visit;

#[derive(Args)]
pub struct Options {
    /// Run only the visits whose name contains this text
    #[arg(long, value_name = "TEXT")]
    only: Option<String>,
    /// Each client and each server, but not each pair
    #[arg(long)]
    short: bool,
}

/// One mode of each of the six; the Inspector's depends on the server.
const VISITORS: [&str; 7] = [
    "python-1",
    "python-2 auto",
    "typescript-1",
    "typescript-2 auto",
    "rmcp auto",
    "inspector modern",
    "inspector legacy",
];

/// Installs what is missing, opens the house and lets everyone visit.
pub fn run(options: &Options) -> Result {
    let place = Place::find()?;
    install::run(&place)?;
    install::build(&place, true)?;
    let folder = place.work("servers")?;
    let data = Data::lay(&folder)?;
    let policy = folder.join("policy.yaml");
    fs::write(&policy, POLICY)?;
    let house = House::open(&place, &folder, &real::settings(&place, &data), &policy)?;
    let mut visits = all(options.short);
    visits.retain(|visit| options.only.as_ref().is_none_or(|text| visit.name().contains(text)));
    let start = Instant::now();
    let mut gatherings = gathering::all();
    gatherings.retain(|one| options.only.as_ref().is_none_or(|text| one.name().contains(text)));
    if options.only.is_none() {
        scan::run(&place, &folder, &data)?;
    }
    let failed = go_all(&visits, &|visit| (visit.name(), visit.problems(&place, &data, &house)))
        + go_all(&gatherings, &|one| (one.name(), one.problems(&place, &data, &house)));
    println!(
        "\nservers: {} visits passed, {failed} failed, in {} s",
        visits.len() + gatherings.len() - failed,
        start.elapsed().as_secs()
    );
    house.close()?;
    if failed == 0 { Ok(()) } else { Err(format!("servers: {failed} visits failed").into()) }
}

/// In the short form each client visits one server with each era that it speaks.
fn all(short: bool) -> Vec<Visit> {
    let mut visits = Vec::new();
    let clients = CLIENTS.iter().filter(|client| VISITORS.contains(&client.name));
    for (number, client) in clients.enumerate() {
        for (turn, server) in REAL.iter().enumerate() {
            let is_its_turn = (number + turn).is_multiple_of(REAL.len());
            if is_paired(client, server) && (!short || is_its_turn) {
                visits.push(Visit { client, server });
            }
        }
    }
    visits
}

/// The Inspector is told which era to speak: the newest that the server has.
fn is_paired(client: &Client, server: &Real) -> bool {
    let newest = client.version_with(server.eras).is_some();
    let old = client.connects_per_step && client.era == "legacy" && server.is_dual();
    newest && !old
}

/// On as many threads as there are processors; returns how many failed.
fn go_all<T: Sync>(all: &[T], go: &(impl Fn(&T) -> (String, Vec<String>) + Sync)) -> usize {
    let threads = std::thread::available_parallelism().map_or(2, usize::from);
    let queue = Mutex::new(all.iter());
    std::thread::scope(|scope| {
        let work = || {
            let mut failed = 0;
            while let Some(one) = next(&queue) {
                let start = Instant::now();
                let (name, problems) = go(one);
                report(&name, start.elapsed().as_secs_f32(), &problems);
                failed += usize::from(!problems.is_empty());
            }
            failed
        };
        let workers: Vec<_> = (0..threads).map(|_| scope.spawn(work)).collect();
        workers.into_iter().map(|worker| worker.join().unwrap_or(1)).sum()
    })
}

fn next<'a, T>(queue: &Mutex<impl Iterator<Item = &'a T>>) -> Option<&'a T> {
    queue.lock().unwrap_or_else(std::sync::PoisonError::into_inner).next()
}

fn report(name: &str, took_s: f32, problems: &[String]) {
    let verdict = if problems.is_empty() { "ok    " } else { "FAILED" };
    let lines: Vec<&str> =
        std::iter::once(name).chain(problems.iter().map(String::as_str)).collect();
    println!("{verdict} {took_s:5.1} s  {}", lines.join("\n         "));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn even_the_short_form_has_every_client_and_every_server() {
        for short in [false, true] {
            let visits = all(short);
            let all_clients = VISITORS.iter().all(|name| {
                visits.iter().any(|visit| visit.client.name == *name)
                    || name.starts_with("inspector")
            });
            assert!(all_clients, "short: {short}");
            assert!(visits.iter().any(|visit| visit.client.name.starts_with("inspector")));
            for server in REAL {
                assert!(visits.iter().any(|visit| visit.server.name == server.name), "{short}");
            }
        }
        assert_eq!(all(false).len(), 6 * REAL.len());
    }
}

//! The tables that a person reads, and the JSON that a program reads.

use super::arm::{self, DIRECT};
use super::block::{Block, Mode, Transport};
use super::figures::{Figures, Spread};
use super::health::Health;
use super::levels::{LEVELS, SERVE};
use super::runner::Row;

pub(crate) fn print(blocks: &[Block], rows: &[Row], health: &Health) {
    for block in blocks {
        print_block(block, &Figures::of(block, rows));
    }
    for transport in [Transport::Stdio, Transport::Http] {
        let of_transport = |block: &&Block| block.transport == transport && is_plain(block);
        if let Some(block) = blocks.iter().find(of_transport) {
            print_process(transport, &Figures::of(block, rows));
        }
    }
    print_health(health);
}

/// Small calls, one after the other, on one core if that can be had.
fn is_plain(block: &Block) -> bool {
    block.bytes < 1000 && block.is_sequential()
}

fn names(transport: Transport) -> impl Iterator<Item = &'static str> {
    let levels = LEVELS.iter().map(|level| level.name);
    let serve = (transport == Transport::Http).then_some(SERVE.name);
    std::iter::once(DIRECT).chain(arm::floors(transport)).chain(levels).chain(serve)
}

fn print_block(block: &Block, figures: &Figures<'_>) {
    let floors = arm::floors(block.transport);
    println!("\n{block}");
    print!("{:<27}{:>22}{:>10}{:>10}{:>22}", "", "p50 µs", "p99 µs", "calls/s", "CPU µs/call");
    for floor in floors {
        print!("{:>22}", format!("CPU ÷ {floor}"));
    }
    let last = if block.is_sequential() { "added" } else { "calls/s" };
    for floor in floors {
        print!("{:>22}", format!("{last} ÷ {floor}"));
    }
    println!();
    for arm in names(block.transport) {
        print!(
            "{arm:<27}{:>22}{:>10}{:>10}{:>22}",
            shown(figures.spread(arm, |sample| sample.p50_us)),
            middle(figures.spread(arm, |sample| sample.p99_us)),
            middle(figures.spread(arm, |sample| sample.calls_per_s)),
            shown(figures.spread(arm, |sample| sample.cpu_us)),
        );
        for floor in floors {
            print!("{:>22}", shown(figures.ratio(arm, floor, |sample| sample.cpu_us)));
        }
        for floor in floors.iter().filter(|_| arm != DIRECT) {
            print!("{:>22}", shown(last_ratio(block, figures, (arm, floor))));
        }
        println!();
    }
}

/// What a call takes longer where nobody waits behind others; else how many there are.
fn last_ratio(block: &Block, figures: &Figures<'_>, (arm, floor): (&str, &str)) -> Option<Spread> {
    if block.is_sequential() {
        figures.added_ratio(arm, floor)
    } else {
        figures.ratio(arm, floor, |sample| sample.calls_per_s)
    }
}

fn print_process(transport: Transport, figures: &Figures<'_>) {
    // On stdio the child starts inside; over HTTP the server is there already.
    let (what, inside) = match transport {
        Transport::Http => ("HTTP", None),
        Transport::Stdio => ("stdio, over the child's own", Some(DIRECT)),
    };
    println!("\n{what}: start to first answer, memory");
    println!("{:<27}{:>22}{:>22}{:>22}", "", "start ms", "idle MiB", "after the calls MiB");
    for arm in names(transport) {
        let start = match inside {
            Some(direct) => figures.difference(arm, direct, |sample| sample.first_answer_ms),
            None => figures.spread(arm, |sample| sample.first_answer_ms),
        };
        println!(
            "{arm:<27}{:>22}{:>22}{:>22}",
            shown(start),
            shown(figures.spread(arm, |sample| f64::from(sample.rss_idle_kib) / 1024.0)),
            shown(figures.spread(arm, |sample| f64::from(sample.rss_end_kib) / 1024.0)),
        );
    }
}

fn print_health(health: &Health) {
    let [before, after] = &health.load;
    println!("\nload average: {before} before, {after} after");
    println!("steal: {:.1} %; one synced write: {:.0} µs", health.steal_percent, health.sync_us);
    let moved = |mode: &str| {
        let of_mode = health.direct_moved.iter().filter(|(block, _)| block.contains(mode));
        of_mode.map(|(_, percent)| *percent).fold(0.0, f64::max)
    };
    println!(
        "the direct arm moved by at most {:.0} % on one core, {:.0} % on all",
        moved(&Mode::Pinned.to_string()),
        moved(&Mode::Unpinned.to_string()),
    );
    for doubt in &health.doubts {
        println!("not to be quoted: {doubt}");
    }
    if health.doubts.is_empty() {
        println!("quiet enough to be quoted");
    }
}

/// Median and spread.
fn shown(spread: Option<Spread>) -> String {
    spread.map_or_else(|| "-".to_owned(), |spread| spread.to_string())
}

fn middle(spread: Option<Spread>) -> String {
    spread.map_or_else(|| "-".to_owned(), |spread| format!("{:.0}", spread.median))
}

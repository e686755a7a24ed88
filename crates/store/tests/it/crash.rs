//! Processes that are killed in the middle of it: nothing acknowledged is lost, no limit is
//! passed, the log holds.

use std::collections::{HashMap, HashSet};
use std::fs::{File, OpenOptions};
use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toolgate_store::{Kind, Log, Outcome, Store};

use crate::common::{admit, again, limit, open};

/// Soon reached, so that most of the time calls are refused or wait for a refund.
const MAX: u64 = 300;
/// Kills after which a new counter takes over.
const KILLS_PER_COUNTER: usize = 4;

/// The task of a child process: admits and closes under load, and writes down every decision it
/// is told of, each with one write. Does nothing unless it is told where.
#[test]
fn a_child_writes_down_what_it_is_told() {
    let Some(path) = std::env::var_os("TOOLGATE_TEST_LEDGER") else { return };
    let path = PathBuf::from(path);
    let counter = std::env::var("TOOLGATE_TEST_COUNTER").unwrap();
    let store = open(&path.join("state"));
    let told = OpenOptions::new().create(true).append(true).open(path.join("told")).unwrap();
    let mut runtime = tokio::runtime::Builder::new_multi_thread();
    let runtime = runtime.worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(async {
        let tasks: Vec<_> = (0..16)
            .map(|n| {
                let (store, told) = (store.clone(), told.try_clone().unwrap());
                let counter = counter.clone();
                tokio::spawn(async move { calls(&store, &told, &counter, n).await })
            })
            .collect();
        for task in tasks {
            task.await.unwrap();
        }
    });
}

async fn calls(store: &Store, mut told: &File, counter: &str, n: u64) {
    for turn in 0.. {
        let Ok(opened) = admit(store, &limit(counter, MAX, 86_400)).await else { continue };
        told.write_all(format!("{}\n", opened.decision_id()).as_bytes()).unwrap();
        match (turn + n) % 4 {
            0 | 1 => store.close(&opened, Outcome::NotSent, turn, true).await.unwrap(),
            2 => {}
            _ => store.close(&opened, Outcome::Answered, turn, false).await.unwrap(),
        }
    }
}

#[test]
fn killed_at_any_moment() {
    let kills = std::env::var("TOOLGATE_TEST_KILLS").map_or(20, |kills| kills.parse().unwrap());
    let dir = tempfile::tempdir().unwrap();
    let task = "crash::a_child_writes_down_what_it_is_told";
    for kill in 0..kills {
        let environment = [
            ("TOOLGATE_TEST_LEDGER", dir.path().display().to_string()),
            ("TOOLGATE_TEST_COUNTER", format!("pay-{}", kill / KILLS_PER_COUNTER)),
        ];
        let mut child = again(task, &environment).spawn().unwrap();
        let mut random = [0; 2];
        getrandom::fill(&mut random).unwrap();
        // Up to 65 ms: long enough to get going, with the start itself hit now and then.
        std::thread::sleep(Duration::from_micros(u16::from_le_bytes(random).into()));
        child.kill().unwrap();
        child.wait().unwrap();
        if dir.path().join("state").join("audit.db").exists() {
            check(dir.path(), kill);
        }
    }
    let told = std::fs::read_to_string(dir.path().join("told")).unwrap();
    assert!(told.lines().count() > 100, "the children hardly got anywhere");
}

fn check(dir: &Path, kill: usize) {
    // What the next process does: opens, and finds everything in order.
    drop(open(&dir.join("state")));
    let log = Log::open(&dir.join("state")).unwrap();
    let report = log.verify(None);
    assert!(report.holds(), "after kill {kill}: {report:?}");
    let (mut opened, mut held) = (HashSet::new(), HashMap::new());
    for entry in log.entries(1).map(Result::unwrap) {
        let (spent, refunded) = match &entry.kind {
            Kind::Opened(opening) => {
                opened.insert(entry.decision_id().to_string());
                (opening.spent.first().map(|spent| spent.counter.clone()), None)
            }
            Kind::Closed(closed) => {
                (None, closed.refund.first().map(|(counter, _)| counter.clone()))
            }
            Kind::Answered(_) | Kind::Changed(_) | Kind::Denied(_) | Kind::Note(_) => (None, None),
        };
        if let Some(counter) = spent {
            let held = held.entry(counter).or_insert(0);
            *held += 1;
            assert!(*held <= MAX, "after kill {kill}: {held} held at entry {}", entry.seq);
        }
        if let Some(counter) = refunded {
            *held.entry(counter).or_insert(0) -= 1;
        }
    }
    let told = std::fs::read_to_string(dir.join("told")).unwrap_or_default();
    let missing = told.lines().find(|id| !opened.contains(*id));
    assert_eq!(missing, None, "after kill {kill}: told, but not in the log");
}

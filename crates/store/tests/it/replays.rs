//! A yes is used once: replayed, in parallel, by several processes, by one that is killed.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use toolgate_store::{
    ApprovalReader, Asked, Asking, Durability, Kind, Log, Options, Outcome, State, Store, Which,
};

use crate::approvals::{admit, ask, asking, call, yes};
use crate::common::{again, open};

/// Questions that are open at the same time.
const CHUNK: usize = 100;
const APPROVALS: usize = 10_000;

async fn approve(store: &Store, names: impl Iterator<Item = String>) {
    let mut answering = Vec::new();
    for name in names {
        let store = store.clone();
        answering.push(tokio::spawn(async move {
            let asking = Asking { pending_max: 1000, ..asking(&store, call(&name)) };
            let Asked::New(question) = store.ask(asking).await.unwrap() else {
                unreachable!("{name}")
            };
            store.answer(&question.id, yes()).await.unwrap();
        }));
    }
    for one in answering {
        one.await.unwrap();
    }
}

/// How many of so many equal calls pass at the same time.
async fn pass(store: &Store, name: &str, count: usize) -> usize {
    let calls: Vec<_> = (0..count)
        .map(|_| {
            let (store, facts) = (store.clone(), call(name));
            tokio::spawn(async move { admit(&store, &facts).await.is_ok() })
        })
        .collect();
    let mut passed = 0;
    for one in calls {
        passed += usize::from(one.await.unwrap());
    }
    passed
}

/// One of each, of two at once, and now and then of many.
async fn pass_all(store: &Store, names: impl Iterator<Item = String>) {
    for (n, name) in names.enumerate() {
        let replays = if n % 100 == 0 { 64 } else { 2 };
        assert_eq!(pass(store, &name, replays).await, 1, "{name}");
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn each_of_10_000_approvals_lets_one_call_pass_however_often_it_is_replayed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    for chunk in 0..APPROVALS / CHUNK {
        let names = || (0..CHUNK).map(move |n| format!("{chunk}-{n}"));
        approve(&store, names()).await;
        pass_all(&store, names()).await;
    }
    let log = Log::open(dir.path()).unwrap();
    let mut used = BTreeMap::new();
    for entry in log.entries(1).map(Result::unwrap) {
        if let Kind::Opened(opening) = entry.kind {
            *used.entry(opening.facts.approval.unwrap()).or_insert(0) += 1;
        }
    }
    assert_eq!(used.len(), APPROVALS);
    assert!(used.values().all(|count| *count == 1));
    assert!(log.verify(None).holds());
    // What became of them is not kept for ever.
    let kept = ApprovalReader::open(dir.path()).unwrap().list(Which::All).unwrap();
    assert!(kept.len() <= APPROVALS + CHUNK, "{}", kept.len());
}

#[tokio::test]
async fn equal_questions_in_parallel_are_one() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let asked: Vec<_> = (0..64)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move { ask(&store, call("a")).await.id })
        })
        .collect();
    let mut ids = std::collections::BTreeSet::new();
    for one in asked {
        ids.insert(one.await.unwrap());
    }
    assert_eq!(ids.len(), 1);
}

/// The task of a child process: uses up every yes that it finds, and closes every other call as
/// if nothing had been sent. Does nothing unless it is told where.
#[test]
fn a_child_uses_up_what_was_approved() {
    let Some(path) = std::env::var_os("TOOLGATE_TEST_APPROVED") else { return };
    let store = open(&PathBuf::from(path));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        for n in (0..KILLED).cycle() {
            use_up(&store, n).await;
        }
    });
}

async fn use_up(store: &Store, n: usize) {
    let Ok(opened) = admit(store, &call(&n.to_string())).await else { return };
    let outcome = if n.is_multiple_of(2) { Outcome::NotSent } else { Outcome::Answered };
    store.close(&opened, outcome, 1, n.is_multiple_of(2)).await.unwrap();
}

const KILLED: usize = 200;

#[test]
fn killed_anywhere_between_a_yes_and_its_use_nothing_passes_twice() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = open(&path);
        approve(&store, (0..KILLED).map(|n| n.to_string())).await;
        store.finish().await.unwrap();
    });
    let task = "replays::a_child_uses_up_what_was_approved";
    let environment = [("TOOLGATE_TEST_APPROVED", path.display().to_string())];
    for _ in 0..12 {
        let mut child = again(task, &environment).spawn().unwrap();
        let mut random = [0; 2];
        getrandom::fill(&mut random).unwrap();
        std::thread::sleep(Duration::from_micros(u16::from_le_bytes(random).into()));
        child.kill().unwrap();
        child.wait().unwrap();
        check(&path);
    }
}

/// By the log, each yes is used once at a time, and the table agrees with it.
fn check(path: &Path) {
    drop(Store::open(path, Options { durability: Durability::Normal }).unwrap());
    let log = Log::open(path).unwrap();
    assert!(log.verify(None).holds());
    let (mut held, mut opened) = (BTreeMap::new(), BTreeMap::new());
    for entry in log.entries(1).map(Result::unwrap) {
        match entry.kind {
            Kind::Opened(opening) => {
                let id = opening.facts.approval.unwrap();
                let count = held.entry(id.clone()).or_insert(0);
                *count += 1;
                assert_eq!(*count, 1, "{id} was used twice, at entry {}", entry.seq);
                opened.insert(entry.seq, id);
            }
            Kind::Closed(closed) if closed.outcome == Outcome::NotSent => {
                *held.get_mut(&opened[&closed.opened]).unwrap() -= 1;
            }
            _ => {}
        }
    }
    for approval in ApprovalReader::open(path).unwrap().list(Which::All).unwrap() {
        let used = held.get(&approval.id).copied().unwrap_or_default() == 1;
        assert_eq!(approval.state == State::Used, used, "{approval:?}");
    }
}

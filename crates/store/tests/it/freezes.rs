//! Freezes: in the transaction that admits, across processes, over restarts, in the log.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use tempfile::tempdir;
use toolgate_policy::Caller;
use toolgate_store::{
    Act, Admission, ChangeError, DirectoryReader, Extent, Freeze, Frozen, Intent, Kind, Log, Owed,
    Store,
};

use crate::approvals;
use crate::common::{admit, again, facts, limit, open};

fn bank() -> Extent {
    Extent::Server("bank".to_owned())
}

fn freeze(extent: Extent, reason: &str) -> Vec<Act> {
    vec![Act::Freeze { extent, reason: Some(reason.to_owned()) }]
}

fn thaw(extent: Extent) -> Vec<Act> {
    vec![Act::Thaw { extent, reason: None }]
}

async fn ask(store: &Store, intent: Intent) -> Option<Frozen> {
    match store.admit(intent).await.unwrap() {
        Admission::Frozen(frozen) => Some(frozen),
        Admission::Admitted(_) => None,
        other => unreachable!("{other:?}"),
    }
}

fn call(server: &str, grant: &str) -> Intent {
    let mut facts = facts("pay");
    let principal = facts.caller.principal.clone();
    let (server, grant) = (server.to_owned(), grant.to_owned());
    facts.caller = Arc::new(Caller { principal, grant, server });
    Intent { facts, charges: Vec::new(), approval: None, shadow: None }
}

/// What became of the directory, as the log tells it.
fn told(path: &Path) -> Vec<String> {
    let log = Log::open(path).unwrap();
    let changed = log.entries(1).filter_map(|entry| match entry.unwrap().kind {
        Kind::Changed(it) => Some(format!("{} {}: {} by {}", it.code, it.subject, it.text, it.by)),
        _ => None,
    });
    changed.collect()
}

#[tokio::test]
async fn nothing_passes_what_another_handle_has_frozen_and_nothing_is_spent() {
    let folder = tempdir().unwrap();
    let (gate, person) = (open(folder.path()), open(folder.path()));
    let one = limit("pay", 1, 3600);
    person.change(freeze(bank(), "a leak"), "os:ann").await.unwrap();
    for _ in 0..3 {
        let frozen = ask(
            &gate,
            Intent { facts: facts("pay"), charges: one.to_vec(), approval: None, shadow: None },
        )
        .await
        .unwrap();
        assert_eq!(frozen.freeze.extent, bank());
        assert_eq!(frozen.freeze.reason.as_deref(), Some("a leak"));
        let log = Log::open(folder.path()).unwrap();
        let entry = log.find(&frozen.decision_id).unwrap().unwrap().entry;
        let Kind::Denied(denied) = entry.kind else { unreachable!("{entry:?}") };
        assert_eq!((&*denied.code, denied.retry_after_ms), ("frozen", Some(60_000)));
        assert!(denied.wanted.is_empty());
    }
    person.change(thaw(bank()), "os:bob").await.unwrap();
    assert!(admit(&gate, &one).await.is_ok(), "what was denied has cost nothing");
    let expected = ["server_frozen bank: a leak by os:ann", "server_thawed bank:  by os:bob"];
    assert_eq!(told(folder.path()), expected);
}

#[tokio::test]
async fn each_extent_reaches_what_it_names() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let grant = Extent::Grant("ci".to_owned());
    for (extent, expected) in [
        (bank(), [true, true, false, false]),
        (grant, [false, true, false, true]),
        (Extent::All, [true; 4]),
    ] {
        store.change(freeze(extent.clone(), "x"), "test").await.unwrap();
        let callers = [("bank", "ann"), ("bank", "ci"), ("web", "ann"), ("web", "ci")];
        for ((server, grant), expected) in callers.into_iter().zip(expected) {
            let frozen = ask(&store, call(server, grant)).await.is_some();
            assert_eq!(frozen, expected, "{extent:?} {server} {grant}");
        }
        store.change(thaw(extent), "test").await.unwrap();
        assert!(ask(&store, call("bank", "ci")).await.is_none());
    }
}

#[tokio::test]
async fn a_freeze_outlives_the_process_and_is_made_once() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    store.change(freeze(bank(), "first"), "os:ann").await.unwrap();
    store.change(freeze(bank(), "second"), "os:bob").await.unwrap();
    store.finish().await.unwrap();
    let store = open(folder.path());
    assert_eq!(ask(&store, call("bank", "ann")).await.unwrap().freeze.by, "os:ann");
    let reader = DirectoryReader::open(folder.path()).unwrap();
    let freezes: Vec<Freeze> = reader.read().unwrap().freezes.iter().cloned().collect();
    assert_eq!(freezes.len(), 1);
    assert_eq!(freezes[0].reason.as_deref(), Some("first"));
    assert_eq!(told(folder.path()).len(), 1);
    // The narrower one that somebody made stays when the wider one ends.
    store.change(freeze(Extent::All, "x"), "test").await.unwrap();
    store.change(thaw(Extent::All), "test").await.unwrap();
    assert!(ask(&store, call("bank", "ann")).await.is_some());
    assert!(ask(&store, call("web", "ann")).await.is_none());
}

/// The yes of a person is for the call, not for the time.
#[tokio::test]
async fn a_yes_outlasts_a_freeze_and_lets_nothing_pass_in_it() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let facts = approvals::call("a");
    let question = approvals::ask(&store, facts.clone()).await;
    store.answer(&question.id, approvals::yes()).await.unwrap();
    store.change(freeze(bank(), "x"), "test").await.unwrap();
    let owed = Some(Owed { binding: approvals::binding(&store, &facts) });
    let intent =
        || Intent { facts: facts.clone(), charges: Vec::new(), approval: owed, shadow: None };
    assert!(ask(&store, intent()).await.is_some());
    store.change(thaw(bank()), "test").await.unwrap();
    assert!(approvals::admit(&store, &facts).await.is_ok());
}

/// Agents hear the reason, and people read it in one line of a terminal.
#[tokio::test]
async fn a_reason_is_one_short_line() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    for (reason, expected) in [
        ("a\nb".to_owned(), "more than one line"),
        ("\u{1b}[2J".to_owned(), "more than one line"),
        ("x".repeat(513), "has 513 bytes"),
    ] {
        match store.change(freeze(bank(), &reason), "test").await {
            Err(ChangeError::Rejected(why)) => assert!(why.to_string().contains(expected), "{why}"),
            other => unreachable!("{other:?}"),
        }
    }
    assert!(ask(&store, call("bank", "ann")).await.is_none());
}

/// A state directory of before anything could be frozen.
#[tokio::test]
async fn a_directory_without_the_table_is_read_and_gets_it() {
    let folder = tempdir().unwrap();
    open(folder.path()).finish().await.unwrap();
    let db = rusqlite::Connection::open(folder.path().join("audit.db")).unwrap();
    db.execute_batch("DROP TABLE freeze").unwrap();
    drop(db);
    let reader = DirectoryReader::open(folder.path()).unwrap();
    assert!(reader.read().unwrap().freezes.is_empty());
    let store = open(folder.path());
    store.change(freeze(bank(), "x"), "test").await.unwrap();
    assert!(!reader.freezes().unwrap().is_empty());
}

/// The task of a child process: calls until it hears of a freeze.
#[test]
fn a_child_calls_until_it_is_frozen() {
    let Some(path) = std::env::var_os("TOOLGATE_TEST_FREEZE") else { return };
    let store = open(Path::new(&path));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        while ask(&store, call("bank", "ann")).await.is_none() {}
        store.finish().await.unwrap();
    });
}

/// Wherever the freeze falls among the calls of others, none is let through behind it.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn no_call_of_any_process_is_let_through_behind_a_freeze() {
    let folder = tempdir().unwrap();
    let store = open(folder.path());
    let task = "freezes::a_child_calls_until_it_is_frozen";
    let environment = [("TOOLGATE_TEST_FREEZE", folder.path().display().to_string())];
    let mut children: Vec<_> = (0..2).map(|_| again(task, &environment).spawn().unwrap()).collect();
    let frozen = Arc::new(AtomicBool::new(false));
    let (own, seen) = (store.clone(), Arc::clone(&frozen));
    let calls = tokio::spawn(async move {
        while ask(&own, call("bank", "ann")).await.is_none() {}
        seen.store(true, Ordering::SeqCst);
    });
    // Calls of all three are under way.
    let log = Log::open(folder.path()).unwrap();
    while log.head().unwrap().seq < 300 {
        tokio::task::yield_now().await;
    }
    assert!(!frozen.load(Ordering::SeqCst));
    let seq = store.change(freeze(bank(), "x"), "test").await.unwrap();
    calls.await.unwrap();
    for child in &mut children {
        assert!(child.wait().unwrap().success());
    }
    let behind = log.entries(seq + 1).map(Result::unwrap);
    let denied: Vec<bool> = behind
        .filter(|entry| !matches!(entry.kind, Kind::Closed(_)))
        .map(|entry| matches!(entry.kind, Kind::Denied(_)))
        .collect();
    assert_eq!(denied, [true; 3], "each was told once");
}

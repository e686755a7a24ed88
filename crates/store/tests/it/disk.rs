//! Disks that are full, files that go away: nothing is admitted that is not recorded.

use std::path::PathBuf;
use std::process::Command;

use toolgate_store::{Admission, Kind, Log, Outcome};

use crate::common::{again, intent, limit, open};

/// The task of a child process that may not write large files: admits until that fails, twice,
/// and writes down what was admitted. Does nothing unless it is told where.
#[test]
fn a_child_admits_until_the_disk_is_full() {
    let Some(path) = std::env::var_os("TOOLGATE_TEST_FULL") else { return };
    let path = PathBuf::from(path);
    let store = open(&path.join("state"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let mut told = Vec::new();
    runtime.block_on(async {
        let mut failures = 0;
        while failures < 2 {
            match store.admit(intent(&limit("pay", 1_000_000, 3600))).await {
                Ok(Admission::Admitted(opened)) => {
                    assert_eq!(failures, 0, "admitted again after the disk had failed");
                    told.push(opened.decision_id());
                    store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
                }
                Ok(Admission::Refused(_)) => unreachable!("far below the limit"),
                Ok(Admission::Frozen(_) | Admission::Stale) => unreachable!("nothing changed"),
                Ok(Admission::Unapproved(_)) => unreachable!("no approval is owed"),
                Err(unavailable) => {
                    assert!(unavailable.text.contains("until a restart"), "{unavailable}");
                    failures += 1;
                }
            }
        }
    });
    std::fs::write(path.join("told"), told.join("\n")).unwrap();
}

#[test]
fn a_failed_write_denies_until_a_restart_and_loses_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().display().to_string();
    let task = "disk::a_child_admits_until_the_disk_is_full";
    let child = again(task, &[]);
    let mut shell = Command::new("sh");
    // Blocks of 512 bytes. With the signal ignored, writing beyond fails with EFBIG.
    shell.args(["-c", r#"trap "" XFSZ; ulimit -f 1000; exec "$0" "$@""#]);
    shell.arg(child.get_program()).args(child.get_args());
    let shell = shell.env("TOOLGATE_TEST_FULL", &path).stdout(std::process::Stdio::null());
    assert!(shell.status().unwrap().success());
    let told = std::fs::read_to_string(dir.path().join("told")).unwrap();
    assert!(told.lines().count() > 50);
    // Another process, another disk quota: everything goes on.
    let store = open(&dir.path().join("state"));
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let used = u64::try_from(told.lines().count()).unwrap();
    runtime.block_on(async {
        assert_eq!(crate::common::admitted(&store, &limit("pay", used + 5, 3600)).await, 5);
        store.finish().await.unwrap();
    });
    let log = Log::open(&dir.path().join("state")).unwrap();
    assert!(log.verify(None).holds());
    for id in told.lines() {
        let call = log.find(id).unwrap().unwrap();
        assert!(matches!(call.entry.kind, Kind::Opened(_)), "{id}");
    }
}

#[tokio::test]
async fn a_database_that_is_moved_away_is_not_written_to() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let charges = limit("pay", 5, 3600);
    drop(crate::common::admit(&store, &charges).await.unwrap());
    std::fs::rename(dir.path().join("audit.db"), dir.path().join("elsewhere.db")).unwrap();
    let unavailable = store.admit(intent(&charges)).await.unwrap_err();
    assert!(unavailable.text.contains("moved, removed or replaced"), "{unavailable}");
    std::fs::rename(dir.path().join("elsewhere.db"), dir.path().join("audit.db")).unwrap();
    let still = store.admit(intent(&charges)).await.unwrap_err();
    assert_eq!(still, unavailable, "somebody may have written to another file meanwhile");
    drop(store);
    assert_eq!(crate::common::admitted(&open(dir.path()), &charges).await, 4);
}

#[tokio::test]
async fn a_lock_file_that_is_replaced_is_opened_anew() {
    let dir = tempfile::tempdir().unwrap();
    let (one, two) = (open(dir.path()), open(dir.path()));
    let charges = limit("pay", 6, 3600);
    for turn in 0..3 {
        assert!(crate::common::admit(&one, &charges).await.is_ok(), "turn {turn}");
        std::fs::remove_file(dir.path().join("lock")).unwrap();
        assert!(crate::common::admit(&two, &charges).await.is_ok(), "turn {turn}");
    }
    assert_eq!(crate::common::admitted(&one, &charges).await, 0);
    drop((one, two));
    assert!(Log::open(dir.path()).unwrap().verify(None).holds());
}

#[tokio::test(start_paused = true)]
async fn a_process_that_keeps_the_lock_denies_but_does_not_hang() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let charges = limit("pay", 2, 3600);
    let lock = std::fs::File::open(dir.path().join("lock")).unwrap();
    lock.lock().unwrap();
    // Time is virtual: it jumps to the deadline.
    let unavailable = store.admit(intent(&charges)).await.unwrap_err();
    assert!(unavailable.text.contains("another process"), "{unavailable}");
    lock.unlock().unwrap();
    store.flush().await.unwrap();
    assert_eq!(crate::common::admitted(&store, &charges).await, 2, "nobody was charged meanwhile");
}

#[tokio::test]
async fn a_store_can_be_dropped_while_another_process_keeps_the_lock() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let opened = crate::common::admit(&store, &[]).await.unwrap();
    let lock = std::fs::File::open(dir.path().join("lock")).unwrap();
    lock.lock().unwrap();
    store.close(&opened, Outcome::Answered, 1, false).await.unwrap();
    drop(store);
    lock.unlock().unwrap();
    let log = Log::open(dir.path()).unwrap();
    assert!(log.verify(None).holds());
}

/// A checkpoint never catches up with somebody who goes on writing; the log begins anew all the
/// same, or it would take the disk.
#[tokio::test]
async fn the_write_ahead_log_stays_short_under_load_without_a_pause() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("state");
    let store = open(&path);
    let charges = limit("pay", 1_000_000, 3600);
    let length = || std::fs::metadata(path.join("audit.db-wal")).map_or(0, |found| found.len());
    let written_bytes = || std::fs::metadata(path.join("audit.db")).unwrap().len();
    // Each admission is a commit of at least a page.
    while written_bytes() < 24 << 20 {
        drop(crate::common::admit(&store, &charges).await.unwrap());
        assert!(length() < 64 << 20, "the log began never anew: {} bytes", length());
    }
}

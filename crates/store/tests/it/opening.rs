//! State directories that must not be used, and what is said about them.

use std::fs::{self, Permissions};
use std::os::unix::fs::{FileExt, MetadataExt, PermissionsExt};
use std::path::Path;

use toolgate_store::{Kind, Log, OpenError, Store};

use crate::common::{HandClock, NORMAL, admit, admitted, limit, open};

fn refused(path: &Path) -> OpenError {
    Store::open(path, NORMAL).err().expect("it was opened")
}

/// A directory with a few entries in it, closed again.
async fn used() -> tempfile::TempDir {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(admitted(&store, &limit("pay", 10, 3600)).await, 10);
    store.finish().await.unwrap();
    dir
}

#[tokio::test]
async fn directory_and_files_are_the_owners_alone() {
    let dir = tempfile::tempdir().unwrap();
    let path = dir.path().join("deep/er/state");
    let store = open(&path);
    drop(admit(&store, &[]).await.unwrap());
    let mode = |path: &Path| fs::metadata(path).unwrap().mode() & 0o777;
    assert_eq!(mode(&path), 0o700);
    for name in ["audit.db", "audit.db-wal", "audit.db-shm", "head", "key", "lock"] {
        assert_eq!(mode(&path.join(name)), 0o600, "{name}");
    }
}

#[tokio::test]
async fn what_others_can_write_or_the_key_that_they_can_read_is_refused() {
    let dir = used().await;
    for (name, mode, mend) in [
        ("", 0o770, "go-w"),
        ("", 0o702, "go-w"),
        ("audit.db", 0o606, "600"),
        ("key", 0o640, "600"),
    ] {
        let path = dir.path().join(name);
        let before = fs::metadata(&path).unwrap().permissions();
        fs::set_permissions(&path, Permissions::from_mode(mode)).unwrap();
        let error = refused(dir.path());
        assert!(matches!(error, OpenError::Permissions { .. }), "{error}");
        assert!(error.to_string().contains(&format!("chmod {mend} ")), "{error}");
        fs::set_permissions(&path, before).unwrap();
    }
    drop(open(dir.path()));
}

#[tokio::test]
async fn what_is_no_database_is_corrupt() {
    let dir = used().await;
    fs::write(dir.path().join("audit.db"), "not a database at all, but long enough").unwrap();
    assert!(matches!(refused(dir.path()), OpenError::Corrupt { .. }));
    assert!(matches!(Log::open(dir.path()).err(), Some(OpenError::Corrupt { .. })));
}

#[tokio::test]
async fn another_programs_database_is_corrupt() {
    let dir = tempfile::tempdir().unwrap();
    let other = rusqlite::Connection::open(dir.path().join("audit.db")).unwrap();
    other.execute_batch("PRAGMA user_version = 7; CREATE TABLE t (x)").unwrap();
    drop(other);
    fs::set_permissions(dir.path().join("audit.db"), Permissions::from_mode(0o600)).unwrap();
    let error = refused(dir.path());
    assert!(error.to_string().contains("another program"), "{error}");
}

#[tokio::test]
async fn a_newer_format_is_left_alone() {
    let dir = used().await;
    let newer = rusqlite::Connection::open(dir.path().join("audit.db")).unwrap();
    newer.pragma_update(None, "user_version", 99).unwrap();
    drop(newer);
    assert!(matches!(refused(dir.path()), OpenError::NewerFormat { format: 99, .. }));
}

#[tokio::test]
async fn damage_at_the_end_of_the_log_is_found_on_opening() {
    let dir = used().await;
    let tampered = rusqlite::Connection::open(dir.path().join("audit.db")).unwrap();
    tampered
        .execute(
            "UPDATE entry SET body = CAST(replace(body, 'pay', 'sip') AS BLOB) WHERE seq = 9",
            (),
        )
        .unwrap();
    drop(tampered);
    let error = refused(dir.path());
    assert!(error.to_string().contains("entry 9 "), "{error}");
}

#[tokio::test]
async fn a_truncated_database_is_found_on_opening() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(admitted(&store, &limit("pay", 200, 3600)).await, 200);
    store.finish().await.unwrap();
    let file = fs::OpenOptions::new().write(true).open(dir.path().join("audit.db")).unwrap();
    file.set_len(file.metadata().unwrap().len() / 2).unwrap();
    assert!(matches!(refused(dir.path()), OpenError::Corrupt { .. }));
}

#[tokio::test]
async fn an_older_copy_of_the_database_is_refused_within_one_boot() {
    let dir = used().await;
    let (database, copy) = (dir.path().join("audit.db"), dir.path().join("copy.db"));
    fs::copy(&database, &copy).unwrap();
    let store = open(dir.path());
    let charges = limit("pay", 12, 3600);
    assert_eq!(admitted(&store, &charges).await, 2);
    store.finish().await.unwrap();
    fs::copy(&copy, &database).unwrap();
    let error = refused(dir.path());
    assert!(error.to_string().contains("missing, by the file `head`"), "{error}");
    let report = Log::open(dir.path()).unwrap().verify(None);
    assert!(!report.holds() && report.fault.is_none(), "{report:?}");
}

#[tokio::test]
async fn entries_that_a_loss_of_power_took_are_noted() {
    let dir = tempfile::tempdir().unwrap();
    let (database, copy) = (dir.path().join("audit.db"), dir.path().join("copy.db"));
    let clock = HandClock::new();
    clock.open(dir.path()).finish().await.unwrap();
    fs::copy(&database, &copy).unwrap();
    let store = clock.open(dir.path());
    assert_eq!(admitted(&store, &limit("pay", 3, 3600)).await, 3);
    store.finish().await.unwrap();
    fs::copy(&copy, &database).unwrap();
    clock.reboot(Some("boot-2"));
    clock.open(dir.path()).finish().await.unwrap();
    let log = Log::open(dir.path()).unwrap();
    let newest = log.entries_back(u64::MAX).next().unwrap().unwrap();
    let Kind::Note(note) = newest.kind else { panic!("{newest:?}") };
    assert_eq!(note.code, "entries_lost");
    assert!(note.text.contains(r#""seq":5"#), "{}", note.text);
}

#[tokio::test]
async fn a_deleted_database_is_refused_a_deleted_head_is_noted() {
    let dir = used().await;
    fs::remove_file(dir.path().join("head")).unwrap();
    open(dir.path()).finish().await.unwrap();
    let log = Log::open(dir.path()).unwrap();
    let newest = log.entries_back(u64::MAX).next().unwrap().unwrap();
    assert!(matches!(newest.kind, Kind::Note(note) if note.code == "head_missing"));
    drop(log);
    fs::remove_file(dir.path().join("audit.db")).unwrap();
    assert!(matches!(refused(dir.path()), OpenError::Corrupt { .. }));
}

#[tokio::test]
async fn saved_counters_that_were_changed_are_not_believed() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    let charges = limit("pay", 200, 3600);
    assert_eq!(admitted(&store, &charges).await, 200);
    store.finish().await.unwrap();
    let tampered = rusqlite::Connection::open(dir.path().join("audit.db")).unwrap();
    let sql = "SELECT state FROM counters";
    let state: Vec<u8> = tampered.query_row(sql, (), |row| row.get(0)).unwrap();
    // Every one becomes a nothing: as if no call had been made.
    let one = toolgate_policy::Amount::ONE.units().to_le_bytes();
    let mut changed = state.clone();
    for at in 0..changed.len() - one.len() {
        if changed[at..].starts_with(&one) {
            changed[at..at + one.len()].fill(0);
        }
    }
    assert_ne!(changed, state);
    tampered.execute("UPDATE counters SET state = ?1", [changed]).unwrap();
    drop(tampered);
    assert_eq!(admitted(&open(dir.path()), &charges).await, 0);
}

#[tokio::test]
async fn the_saved_counters_too_know_how_far_the_log_had_come() {
    let dir = tempfile::tempdir().unwrap();
    let store = open(dir.path());
    assert_eq!(admitted(&store, &limit("pay", 200, 3600)).await, 200);
    store.finish().await.unwrap();
    let tampered = rusqlite::Connection::open(dir.path().join("audit.db")).unwrap();
    tampered.execute("DELETE FROM entry WHERE seq > 150", ()).unwrap();
    drop(tampered);
    fs::remove_file(dir.path().join("head")).unwrap();
    let error = refused(dir.path());
    assert!(error.to_string().contains("when the counters were saved"), "{error}");
}

#[tokio::test]
async fn a_key_that_is_too_short_is_refused() {
    let dir = used().await;
    let key = fs::OpenOptions::new().write(true).open(dir.path().join("key")).unwrap();
    key.set_len(31).unwrap();
    key.write_all_at(b"x", 0).unwrap();
    assert!(matches!(
        refused(dir.path()),
        OpenError::Unwritable { .. } | OpenError::Corrupt { .. }
    ));
}

#[tokio::test]
async fn a_file_in_place_of_the_directory_and_a_directory_without_a_log() {
    let dir = tempfile::tempdir().unwrap();
    fs::write(dir.path().join("file"), "").unwrap();
    drop(refused(&dir.path().join("file")));
    assert!(matches!(Log::open(dir.path()).err(), Some(OpenError::Missing { .. })));
    assert!(matches!(Log::open(&dir.path().join("none")).err(), Some(OpenError::Missing { .. })));
    fs::write(dir.path().join("audit.db"), "").unwrap();
    assert!(matches!(Log::open(dir.path()).err(), Some(OpenError::Corrupt { .. })));
}

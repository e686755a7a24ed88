//! A log that somebody has changed: every change is found, at the entry where it begins.

use std::path::Path;

use rusqlite::Connection;
use toolgate_store::{Head, HeadCheck, Log, Outcome};

use crate::common::{admit, denied, facts, limit, open};

/// So many entries of every kind, closed again.
async fn entries(path: &Path, count: u64) -> Connection {
    let store = open(path);
    let log = Log::open(path).unwrap();
    for n in 0.. {
        let seq = log.head().unwrap().seq;
        match n % 4 {
            _ if seq == count => break,
            _ if seq == count - 1 => drop(admit(&store, &[]).await.unwrap()),
            0 => {
                let opened = admit(&store, &limit("pay", 1000, 3600)).await.unwrap();
                store.close(&opened, Outcome::Answered, n, n % 8 == 0).await.unwrap();
                store.flush().await.unwrap();
            }
            1 => drop(store.refuse(facts("wire"), denied()).await.unwrap()),
            2 => drop(admit(&store, &limit("full", 0, 60)).await.unwrap_err()),
            _ => store.note("n", "note").await.unwrap(),
        }
    }
    // The last connection to be closed leaves everything in the database file.
    drop(log);
    store.finish().await.unwrap();
    std::fs::copy(path.join("audit.db"), path.join("copy.db")).unwrap();
    let raw = Connection::open(path.join("audit.db")).unwrap();
    raw.pragma_update(None, "synchronous", "off").unwrap();
    let copy = path.join("copy.db");
    raw.execute("ATTACH ?1 AS copy", [copy.display().to_string()]).unwrap();
    raw
}

/// Whoever reads the entries one by one hears of it at the same place.
fn first_fault(log: &Log) -> Option<u64> {
    let report = log.verify(None);
    let mut entries = log.verified();
    let fault = entries.find_map(Result::err);
    assert_eq!(entries.end(fault), report);
    report.fault.map(|fault| fault.seq)
}

#[tokio::test]
async fn any_flipped_byte_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let raw = entries(dir.path(), 60).await;
    let log = Log::open(dir.path()).unwrap();
    assert!(log.verify(None).holds());
    for seq in 1..=60 {
        flip_each_byte(&raw, &log, "body", seq);
        flip_each_byte(&raw, &log, "hash", seq);
    }
    assert!(log.verify(None).holds(), "put back as it was");
}

fn flip_each_byte(raw: &Connection, log: &Log, column: &str, seq: u64) {
    let value = format!("SELECT {column} FROM entry WHERE seq = ?1");
    let value: Vec<u8> = raw.query_row(&value, [seq], |row| row.get(0)).unwrap();
    let set = format!("UPDATE entry SET {column} = ?1 WHERE seq = ?2");
    let mut set = raw.prepare(&set).unwrap();
    for at in 0..value.len() {
        let mut flipped = value.clone();
        flipped[at] ^= 1 << (at % 8);
        set.execute((&flipped, seq)).unwrap();
        assert_eq!(first_fault(log), Some(seq), "{column} of {seq}, byte {at}");
    }
    set.execute((&value, seq)).unwrap();
}

/// What somebody with a database tool does to one entry.
fn changes(seq: u64) -> [(&'static str, String); 5] {
    [
        ("removed", format!("DELETE FROM entry WHERE seq = {seq}")),
        (
            "removed, the rest moved up",
            format!(
                "DELETE FROM entry WHERE seq = {seq};
                 UPDATE entry SET seq = -seq WHERE seq > {seq};
                 UPDATE entry SET seq = -seq - 1 WHERE seq < 0"
            ),
        ),
        (
            "swapped with the next",
            format!(
                "UPDATE entry SET seq = -1 WHERE seq = {seq};
                 UPDATE entry SET seq = {seq} WHERE seq = {seq} + 1;
                 UPDATE entry SET seq = {seq} + 1 WHERE seq = -1"
            ),
        ),
        (
            "doubled, the rest moved down",
            format!(
                "UPDATE entry SET seq = -seq WHERE seq > {seq};
                 UPDATE entry SET seq = -seq + 1 WHERE seq < 0;
                 INSERT INTO entry SELECT {seq} + 1, body, hash FROM entry WHERE seq = {seq}"
            ),
        ),
        (
            "body of the next",
            format!(
                "UPDATE entry SET body = (SELECT body FROM entry WHERE seq = {seq} + 1)
                 WHERE seq = {seq}"
            ),
        ),
    ]
}

fn every_change_is_found(raw: &Connection, log: &Log, seq: u64) {
    for (what, sql) in changes(seq) {
        raw.execute_batch(&format!("SAVEPOINT tamper; {sql}; RELEASE tamper")).unwrap();
        let fault = first_fault(log);
        assert!(fault == Some(seq) || fault == Some(seq + 1), "{what}: {seq}, {fault:?}");
        restore(raw);
    }
}

/// Every record has a byte flipped; `TOOLGATE_TEST_TAMPER=1` removes, swaps, doubles and cuts
/// every single one as well, else every 50th.
#[tokio::test]
async fn each_of_a_thousand_records_is_guarded() {
    let step = if std::env::var_os("TOOLGATE_TEST_TAMPER").is_some() { 1 } else { 50 };
    let dir = tempfile::tempdir().unwrap();
    let raw = entries(dir.path(), 1000).await;
    let log = Log::open(dir.path()).unwrap();
    let head = log.head().unwrap();
    assert_eq!(log.verify(Some(&head)).entries, 1000);
    for seq in 1..=1000_u64 {
        flip_one_byte(&raw, &log, seq);
    }
    for seq in (1..1000).step_by(step) {
        every_change_is_found(&raw, &log, seq);
        raw.execute("DELETE FROM entry WHERE seq > ?1", [seq]).unwrap();
        assert_eq!(log.verify(None).kept, HeadCheck::Missing { seq: 1000 }, "cut behind {seq}");
        restore(&raw);
    }
    assert!(log.verify(Some(&head)).holds(), "put back as it was");
}

fn flip_one_byte(raw: &Connection, log: &Log, seq: u64) {
    let body = "SELECT body FROM entry WHERE seq = ?1";
    let body: Vec<u8> = raw.query_row(body, [seq], |row| row.get(0)).unwrap();
    // Another place in each.
    let at = usize::try_from(seq).unwrap() * 7 % body.len();
    let mut flipped = body.clone();
    flipped[at] ^= 1;
    let set = "UPDATE entry SET body = ?1 WHERE seq = ?2";
    raw.execute(set, (&flipped, seq)).unwrap();
    assert_eq!(first_fault(log), Some(seq), "byte {at}");
    raw.execute(set, (&body, seq)).unwrap();
}

#[tokio::test]
async fn anything_removed_swapped_doubled_or_added_is_found() {
    let dir = tempfile::tempdir().unwrap();
    let raw = entries(dir.path(), 60).await;
    let log = Log::open(dir.path()).unwrap();
    for seq in 1..60_u64 {
        every_change_is_found(&raw, &log, seq);
    }
    raw.execute("INSERT INTO entry SELECT -5, body, hash FROM entry WHERE seq = 5", ()).unwrap();
    assert_eq!(first_fault(&log), Some(0), "before the first");
    restore(&raw);
    raw.execute("INSERT INTO entry SELECT 61, body, hash FROM entry WHERE seq = 60", ()).unwrap();
    assert_eq!(first_fault(&log), Some(61), "behind the last");
    restore(&raw);
    assert!(log.verify(None).holds());
}

/// Puts the entries back as they were.
fn restore(raw: &Connection) {
    let sql = "BEGIN; DELETE FROM main.entry; INSERT INTO entry SELECT * FROM copy.entry; COMMIT";
    raw.execute_batch(sql).unwrap();
}

#[tokio::test]
async fn a_cut_at_the_end_is_found_with_a_head_and_only_with_one() {
    let dir = tempfile::tempdir().unwrap();
    let raw = entries(dir.path(), 60).await;
    let log = Log::open(dir.path()).unwrap();
    let head = log.head().unwrap();
    raw.execute("DELETE FROM entry WHERE seq > 55", ()).unwrap();
    let report = log.verify(None);
    assert_eq!((report.fault.as_ref(), report.entries), (None, 55));
    assert_eq!(report.kept, HeadCheck::Missing { seq: 60 });
    assert!(!report.holds());
    // Whoever cuts the log can rewrite the file beside it, but not a head kept elsewhere.
    let cut = Head { seq: 55, hash: report.newest.hash, chain: head.chain };
    std::fs::write(dir.path().join("head"), cut.to_json()).unwrap();
    assert!(log.verify(None).holds());
    let report = log.verify(Some(&head));
    assert_eq!(report.given, HeadCheck::Missing { seq: 60 });
    assert!(!report.holds());
    std::fs::write(dir.path().join("head"), "{}").unwrap();
    assert_eq!(log.verify(None).kept, HeadCheck::Unreadable);
    std::fs::remove_file(dir.path().join("head")).unwrap();
    assert_eq!(log.verify(None).kept, HeadCheck::Absent);
}

#[tokio::test]
async fn a_rewritten_log_differs_from_a_head_kept_elsewhere() {
    use sha2::{Digest, Sha256};
    let dir = tempfile::tempdir().unwrap();
    let raw = entries(dir.path(), 60).await;
    let log = Log::open(dir.path()).unwrap();
    let head = log.head().unwrap();
    // With full knowledge: another tool in entry 20, and every hash after it computed anew.
    let mut previous: Vec<u8> =
        raw.query_row("SELECT hash FROM entry WHERE seq = 19", (), |row| row.get(0)).unwrap();
    for seq in 20..=60_u64 {
        let sql = "SELECT body FROM entry WHERE seq = ?1";
        let body: Vec<u8> = raw.query_row(sql, [seq], |row| row.get(0)).unwrap();
        let body = String::from_utf8(body).unwrap().replace("wall_ms\":1", "wall_ms\":2");
        let hash = Sha256::new().chain_update(&previous).chain_update(&body).finalize().to_vec();
        let sql = "UPDATE entry SET body = ?1, hash = ?2 WHERE seq = ?3";
        raw.execute(sql, (body.as_bytes(), &hash, seq)).unwrap();
        previous = hash;
    }
    let report = log.verify(Some(&head));
    assert_eq!((report.fault, report.entries), (None, 60));
    assert_eq!(report.kept, HeadCheck::Differs { seq: 60 });
    assert_eq!(report.given, HeadCheck::Differs { seq: 60 });
    let other = tempfile::tempdir().unwrap();
    drop(open(other.path()));
    let other = Log::open(other.path()).unwrap().head().unwrap();
    assert_eq!(log.verify(Some(&other)).given, HeadCheck::OtherLog);
}

#[tokio::test]
async fn an_empty_log_is_at_fault() {
    let dir = tempfile::tempdir().unwrap();
    let raw = entries(dir.path(), 60).await;
    raw.execute("DELETE FROM entry", ()).unwrap();
    assert_eq!(first_fault(&Log::open(dir.path()).unwrap()), Some(1));
}
